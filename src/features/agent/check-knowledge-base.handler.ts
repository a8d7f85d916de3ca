import { Injectable } from '@nestjs/common';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { Handles, type Handler, type Work } from '../../platform/queue/work.js';
import { SearchService, type SearchHit } from '../search/search.service.js';

const hitsLookedAt = 10;

/** The origin of a passage. */
export const originOf = ({
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

/** Looks whether the documents support an answer at all, before a model is troubled. */
@Injectable()
@Handles('check_knowledge_base')
export class CheckKnowledgeBaseHandler implements Handler<'check_knowledge_base'> {
  constructor(private readonly search: SearchService) {}

  async run(
    { prompt, sets }: Payload<'check_knowledge_base'>,
    work: Work,
  ): Promise<JobResult<'check_knowledge_base'>> {
    const scope = { tenant: work.task.tenant, sets, document_set: null };
    const found = await work.stage('search', () =>
      this.search.search(prompt, { scope, mode: 'hybrid', limit: hitsLookedAt, signal: work.signal }),
    );
    return { found: found.hits.length, supported: found.supported, sources: found.hits.map(originOf) };
  }
}
