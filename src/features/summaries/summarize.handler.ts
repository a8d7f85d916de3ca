import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import type { DocumentRow, SummaryRow } from '../../platform/database/functions.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { TaskStore } from '../../platform/queue/task-store.js';
import { Handles, type Handler, type Work } from '../../platform/queue/work.js';
import { splitSections } from './sections.js';
import { SummaryStore } from './summary.store.js';
import { Summarizer } from './summarizer.js';

/** Writes the summary of one version of a document, unless there is one by the same model. */
@Injectable()
@Handles('summarize')
export class SummarizeHandler implements Handler<'summarize'> {
  constructor(
    private readonly store: SummaryStore,
    private readonly summarizer: Summarizer,
    private readonly tasks: TaskStore,
  ) {}

  async run({ document_id, version }: Payload<'summarize'>, work: Work): Promise<JobResult<'summarize'>> {
    const document = await this.store.document(work.task.tenant, document_id);
    if (!document) throw new Problem('not_found', 'The document was deleted.');
    if (document.ready_version !== version) throw new Problem('superseded');
    const known = await this.written(document, version, work.task.tenant);
    const row = known ?? (await work.stage('summarize', () => this.write(document, version, work)));
    work.progress(1);
    return {
      summary_id: row.id,
      summary: row.summary_text,
      document_id,
      filename: row.filename,
      model: row.model,
    };
  }

  private async written(
    { filename, document_set, id }: DocumentRow,
    version: number,
    tenant: string,
  ): Promise<SummaryRow | null> {
    const row = await this.store.find({ tenant, document_sets: null }, filename, document_set);
    return row?.document_id === id && row.version === version && row.model === this.summarizer.name
      ? row
      : null;
  }

  private async write(document: DocumentRow, version: number, work: Work): Promise<SummaryRow> {
    const { filename, title, language } = document;
    const finished = await this.tasks.checkpoints(work.task);
    const chunks = this.store.chunks(
      { tenant: work.task.tenant, document_sets: null },
      document.id,
      work.signal,
    );
    const text = await this.summarizer.summarize(splitSections(chunks), {
      source: { filename, title, language, chunks: document.chunk_count ?? 1 },
      checkpoints: {
        get: (key) => finished.get(key),
        keep: (key, value) => this.tasks.saveCheckpoint(work.claim, key, value),
      },
      signal: work.signal,
      progress: (fraction) => work.progress(fraction),
    });
    return this.store.save(work.claim, {
      document_id: document.id,
      version,
      text,
      model: this.summarizer.name,
    });
  }
}
