import { Module } from '@nestjs/common';
import { BuildSpaceHandler } from './build-space.handler.js';
import { SpaceStore } from './space.store.js';
import { SpacesService } from './spaces.service.js';

@Module({ providers: [SpaceStore, SpacesService, BuildSpaceHandler], exports: [SpacesService, BuildSpaceHandler] })
export class SpacesModule {}
