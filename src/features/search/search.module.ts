import { Module } from '@nestjs/common';
import { ActiveSpace } from './active-space.js';
import { CosineScales } from './cosine-scales.js';
import { IndexStore } from './index/index.store.js';
import { SearchIndex } from './index/search-index.js';
import { Reranking } from './reranking.js';
import { SearchService } from './search.service.js';
import { SearchStore } from './search.store.js';
import { WindowRanking } from './window-ranking.js';

@Module({
  providers: [
    ActiveSpace,
    CosineScales,
    IndexStore,
    Reranking,
    SearchIndex,
    SearchService,
    SearchStore,
    WindowRanking,
  ],
  exports: [SearchService],
})
export class SearchModule {}
