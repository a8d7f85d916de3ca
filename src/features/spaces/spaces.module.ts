import { Module } from '@nestjs/common';
import { BuildSpaceHandler } from './build-space.handler.js';
import { EmbedChunksHandler } from './embed-chunks.handler.js';
import { IndexSpaceHandler } from './index-space.handler.js';
import { SpaceFiller } from './space-filler.js';
import { SpaceStore } from './space.store.js';
import { SpacesService } from './spaces.service.js';

@Module({
  providers: [
    SpaceStore,
    SpaceFiller,
    SpacesService,
    BuildSpaceHandler,
    EmbedChunksHandler,
    IndexSpaceHandler,
  ],
  exports: [SpacesService, BuildSpaceHandler, EmbedChunksHandler, IndexSpaceHandler],
})
export class SpacesModule {}
