import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import type { VersionRow } from '../../platform/database/functions.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { endsTask } from '../../platform/queue/backoff.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Settled, type Work } from '../../platform/queue/work.js';
import { Chunker } from './chunker.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';
import { ChunkStager } from './chunk-stager.js';
import { LaterVectors } from './later-vectors.js';
import { ParsedTexts } from './parsed-texts.js';
import { type VersionClaim, VersionStore } from './version-store.js';

/** From the stored file to a version that answers searches. Every step can be done again by another worker from where this one got to. */
@Handles('ingest')
@Injectable()
export class IngestHandler implements Handler<'ingest'> {
  constructor(
    private readonly versions: VersionStore,
    private readonly texts: ParsedTexts,
    private readonly chunker: Chunker,
    private readonly stager: ChunkStager,
    private readonly laterVectors: LaterVectors,
    private readonly metrics: Metrics,
  ) {}

  async run({ document_id, version }: Payload<'ingest'>, work: Work): Promise<Settled<'ingest'>> {
    const claim: VersionClaim = { ...work.claim, document_id, version };
    const opened = await this.versions.open(claim);
    try {
      const settled = await this.ingest(opened, claim, work);
      this.metrics.documentsIngested.inc({ format: opened.format, status: 'ready' });
      return settled;
    } catch (error) {
      if (!work.signal.aborted && endsTask(error, work.task))
        this.metrics.documentsIngested.inc({ format: opened.format, status: 'failed' });
      throw error;
    }
  }

  private async ingest(opened: VersionRow, claim: VersionClaim, work: Work): Promise<Settled<'ingest'>> {
    const document = await this.texts.loadOrParse(opened, claim, work);
    const chunks = await work.stage('chunk', () => this.chunker.split(document));
    if (chunks.length === 0) throw new Problem('no_text_content');
    await this.stager.stage(
      { filename: opened.filename, title: document.title, language: document.language, chunks },
      claim,
      work,
    );
    return this.publish(claim, document, chunks.length, work);
  }

  private async publish(
    claim: VersionClaim,
    { pages, language, warnings }: ParsedDocument,
    chunks: number,
    work: Work,
  ): Promise<Settled<'ingest'>> {
    const { document_id, version } = claim;
    const result: JobResult<'ingest'> = { document_id, version, chunks, pages, language, warnings };
    const { rings } = await work.stage('publish', () =>
      this.versions.publish(claim, chunks, result, work.stages),
    );
    await this.laterVectors.request();
    return { settled: true, result, rings };
  }
}
