import { Module } from '@nestjs/common';
import { ActiveSpace } from './active-space.js';
import { CosineScales } from './cosine-scales.js';
import { Reranking } from './reranking.js';
import { SearchService } from './search.service.js';
import { SearchStore } from './search.store.js';

@Module({
  providers: [ActiveSpace, CosineScales, Reranking, SearchService, SearchStore],
  exports: [SearchService],
})
export class SearchModule {}
