import { Module } from '@nestjs/common';
import { SearchModule } from '../search/search.module.js';
import { AnswerCache } from './answer-cache.js';
import { AnswersService } from './answers.service.js';
import { CitationPlaces } from './citation-places.js';
import { Condenser } from './condense.js';
import { PassageFinder } from './finding/passage-finder.js';
import { FoundSections } from './found-sections.js';
import { GroundedAnswerer } from './grounded-answerer.js';
import { Rehearsal } from './rehearsal.js';

@Module({
  imports: [SearchModule],
  providers: [
    AnswerCache,
    AnswersService,
    CitationPlaces,
    Condenser,
    FoundSections,
    GroundedAnswerer,
    PassageFinder,
    Rehearsal,
  ],
  exports: [AnswersService, GroundedAnswerer, PassageFinder],
})
export class AnswersModule {}
