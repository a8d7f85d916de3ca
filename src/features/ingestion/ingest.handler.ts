import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { asBlobKey, type BlobKey } from '../../platform/blob/blob-store.js';
import type { ClaimedTask, OpenedVersion, StagedChunk } from '../../platform/database/functions.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { endsTask } from '../../platform/queue/backoff.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Settled, type Work } from '../../platform/queue/work.js';
import { Chunker } from './chunker.js';
import { type Format, isPlainText } from '../parsing/formats/formats.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';
import { ChunkStager, type Passages } from './chunk-stager.js';
import { LaterVectors } from './later-vectors.js';
import { ParsedTexts } from './parsed-texts.js';
import { overtaken, type VersionClaim, VersionStore } from './version-store.js';

/** A text of this size has few chunks. */
const maxSmallBytes = 64 * 1024;

/** The blob that the parse result gets, and when the database heard of it. */
interface KeptBlob {
  key: BlobKey;
  announcedAt: number;
}

/**
 * From the stored file to a version that answers searches. Every step
 * can be done again by another worker from where this one got to.
 */
@Handles('ingest')
@Injectable()
export class IngestHandler implements Handler<'ingest'> {
  constructor(
    private readonly env: Env,
    private readonly versions: VersionStore,
    private readonly texts: ParsedTexts,
    private readonly chunker: Chunker,
    private readonly stager: ChunkStager,
    private readonly laterVectors: LaterVectors,
    private readonly metrics: Metrics,
  ) {}

  isSmall({ opened }: ClaimedTask): boolean {
    return (
      opened !== null &&
      opened.pipeline === 'standard' &&
      opened.bytes <= maxSmallBytes &&
      isPlainText(opened.format as Format)
    );
  }

  async run({ document_id, version }: Payload<'ingest'>, work: Work): Promise<Settled<'ingest'>> {
    const { opened, announced } = work.task;
    if (!opened) throw overtaken();
    const claim: VersionClaim = { ...work.claim, document_id, version };
    const kept: KeptBlob = { key: asBlobKey(announced), announcedAt: performance.now() };
    try {
      const settled = await this.ingest(opened, kept, claim, work);
      this.metrics.documentsIngested.inc({ format: opened.format, status: 'ready' });
      return settled;
    } catch (error) {
      if (!work.signal.aborted && endsTask(error, work.task))
        this.metrics.documentsIngested.inc({ format: opened.format, status: 'failed' });
      throw error;
    }
  }

  private async ingest(
    opened: OpenedVersion,
    kept: KeptBlob,
    claim: VersionClaim,
    work: Work,
  ): Promise<Settled<'ingest'>> {
    const { document, isKept } = await this.texts.loadOrParse(opened, work);
    // text that a model has read is kept before anything else can fail
    const isCostly = 'ocr' in work.stages || 'vision' in work.stages;
    if (!isKept && isCostly) await this.keep(document, kept, claim, work);
    const chunks = await work.stage('chunk', () => this.chunker.split(document));
    if (chunks.length === 0) throw new Problem('no_text_content');
    const { title, language } = document;
    const isResumed = opened.staged > 0;
    const passages: Passages = { filename: opened.filename, title, language, chunks, isResumed };
    if (!isKept && !isCostly) {
      const rows = await this.stager.rowsAtOnce(passages, work);
      if (rows) return this.finish(claim, { document, kept, rows }, work);
      await this.keep(document, kept, claim, work);
    }
    await this.stager.stage(passages, claim, work);
    return this.publish(claim, document, chunks.length, work);
  }

  /** Parsed once and kept, so that a resumed run chunks the same text. */
  private async keep(
    document: ParsedDocument,
    kept: KeptBlob,
    claim: VersionClaim,
    work: Work,
  ): Promise<void> {
    await this.store(document, kept, work);
    await this.versions.keepParsed(claim, kept.key, document);
  }

  /** Announces the blob again when much of its time has passed. */
  private async store(document: ParsedDocument, { key, announcedAt }: KeptBlob, work: Work): Promise<void> {
    const ttl = this.env.UPLOAD_INTENT_SECONDS;
    if (performance.now() - announcedAt > ttl * 500) await this.versions.announce(work.task.tenant, key, ttl);
    await this.texts.store(key, document, work);
  }

  /** The short way of a small document: nothing of it is in the database until all of it is. */
  private async finish(
    claim: VersionClaim,
    { document, kept, rows }: { document: ParsedDocument; kept: KeptBlob; rows: StagedChunk[] },
    work: Work,
  ): Promise<Settled<'ingest'>> {
    const result = toResult(claim, document, rows.length);
    const { rings } = await work.stage('publish', async () => {
      await this.store(document, kept, work);
      return this.versions.finish(claim, { key: kept.key, document }, rows, result, work.stages);
    });
    this.metrics.chunksStored.inc(rows.length);
    await this.laterVectors.request();
    return { settled: true, result, rings };
  }

  private async publish(
    claim: VersionClaim,
    document: ParsedDocument,
    chunks: number,
    work: Work,
  ): Promise<Settled<'ingest'>> {
    const result = toResult(claim, document, chunks);
    const { rings } = await work.stage('publish', () =>
      this.versions.publish(claim, chunks, result, work.stages),
    );
    await this.laterVectors.request();
    return { settled: true, result, rings };
  }
}

const toResult = (
  { document_id, version }: VersionClaim,
  { pages, language, warnings }: ParsedDocument,
  chunks: number,
): JobResult<'ingest'> => ({ document_id, version, chunks, pages, language, warnings });
