import { Module } from '@nestjs/common';
import { BuildSpaceHandler } from './build-space.handler.js';
import { IndexSpaceHandler } from './index-space.handler.js';
import { SpaceStore } from './space.store.js';
import { SpacesService } from './spaces.service.js';

@Module({
  providers: [SpaceStore, SpacesService, BuildSpaceHandler, IndexSpaceHandler],
  exports: [SpacesService, BuildSpaceHandler, IndexSpaceHandler],
})
export class SpacesModule {}
