import { Injectable } from '@nestjs/common';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { Handles, type Handler, type Work } from '../../platform/queue/work.js';
import { minHits } from '../answers/answers.service.js';
import { SearchService, type SearchHit } from '../search/search.service.js';
import { FoundPassages } from './found-passages.js';

/** Hits that the task names as sources. */
const hitsNamed = 10;

/** The origin of a passage. */
export const makeOrigin = ({
  filename,
  document_set,
  document_id,
  page,
  heading,
}: Pick<SearchHit, 'filename' | 'document_set' | 'document_id' | 'page' | 'heading'>) => ({
  filename,
  document_set,
  document_id,
  page,
  heading,
});

/** Searches for a question. The task that waits for this one answers it. */
@Injectable()
@Handles('check_knowledge_base')
export class CheckKnowledgeBaseHandler implements Handler<'check_knowledge_base'> {
  constructor(
    private readonly search: SearchService,
    private readonly passages: FoundPassages,
  ) {}

  async run(
    { prompt, sets }: Payload<'check_knowledge_base'>,
    work: Work,
  ): Promise<JobResult<'check_knowledge_base'>> {
    const scope = { tenant: work.task.tenant, sets, document_set: null };
    const found = await work.stage('search', () =>
      this.search.search(prompt, { scope, mode: 'hybrid', limit: minHits, signal: work.signal }),
    );
    await this.passages.keep(work, found);
    const named = found.hits.slice(0, hitsNamed);
    return { found: named.length, supported: found.supported, sources: named.map(makeOrigin) };
  }
}
