import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { cleanFilename } from '../../common/filename.js';
import type { DocumentRow, SummaryRow } from '../../platform/database/functions.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import { PassageFinder } from '../answers/finding/passage-finder.js';
import { GroundedAnswerer } from '../answers/grounded-answerer.js';
import type { Principal } from '../../common/principal.js';
import { Quotas } from '../auth/quotas.js';
import { DocumentStore } from '../documents/document.store.js';
import { ExtractiveSummary } from './extractive-summary.js';
import { pieces, splitSections } from './sections.js';
import type {
  SummarizeRequest,
  SummarizeResponse,
  SummaryQaRequest,
  SummaryQaResponse,
} from './summaries.dto.js';
import { SummaryStore } from './summary.store.js';

const tokensOfASource = 300;

/** Orders summaries, and answers from them. */
@Injectable()
export class SummariesService {
  constructor(
    private readonly store: SummaryStore,
    private readonly documents: DocumentStore,
    private readonly finder: PassageFinder,
    private readonly answerer: GroundedAnswerer,
    private readonly quotas: Quotas,
    private readonly tasks: TaskProducer,
  ) {}

  /**
   * Makes the task that writes the summary of the version that answers searches; asked twice, it is one task.
   * @throws not_found, ambiguous_document; conflict when no version is ready
   */
  async request(
    principal: Principal,
    { filename, document_set }: SummarizeRequest,
  ): Promise<SummarizeResponse> {
    const document = await this.documents.resolve(principal, cleanFilename(filename), document_set);
    const subject = {
      document_id: document.id,
      filename: document.filename,
      document_set: document.document_set,
    };
    const payload = { document_id: document.id, version: readyVersion(document) };
    const id = await this.quotas.within(['tasks'], (quota) =>
      this.tasks.create('summarize', payload, principal, { ...subject, quota }),
    );
    return { task_id: id, message: `The summary of ${document.filename} is on its way` };
  }

  /** Answers from the text of the summary and nothing else. @throws summary_not_found, ambiguous_document */
  async answer(
    principal: Principal,
    request: SummaryQaRequest,
    signal?: AbortSignal,
  ): Promise<SummaryQaResponse> {
    const summary = await this.find(principal, cleanFilename(request.filename), request.document_set);
    const { filename, summary_text } = summary;
    const sources = pieces(summary_text, tokensOfASource).map((content) => ({
      content,
      filename,
      title: null,
      heading: null,
      page: null,
      language: null,
    }));
    const found = await this.finder.find(request.question, sources, { keepOrder: true, signal });
    const { answer, answered } = await this.answerer.answer(found, { signal });
    return { answer: answer.replace(/(?<!\s)\s*\[\d{1,3}\]/gu, ''), answered };
  }

  /**
   * The stored summary of a document, otherwise an extract that is not stored.
   * @throws conflict when no version is ready
   */
  async read(principal: Principal, document: DocumentRow, signal?: AbortSignal): Promise<string> {
    const known = await this.store.find(principal, document.filename, document.document_set);
    if (known?.document_id === document.id && known.version === document.ready_version)
      return known.summary_text;
    readyVersion(document);
    const extract = new ExtractiveSummary(document.language);
    for await (const section of splitSections(this.store.chunks(principal, document.id, signal)))
      extract.add(section);
    return extract.write();
  }

  private async find(
    principal: Principal,
    filename: string,
    documentSet: string | null,
  ): Promise<SummaryRow> {
    try {
      const document = await this.documents.resolve(principal, filename, documentSet);
      const summary = await this.store.find(principal, document.filename, document.document_set);
      if (summary?.document_id === document.id) return summary;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
    }
    throw new Problem('summary_not_found');
  }
}

function readyVersion({ ready_version, status }: DocumentRow): number {
  if (ready_version === null)
    throw new Problem('conflict', `The document is ${status}: there is nothing to summarise yet.`);
  return ready_version;
}
