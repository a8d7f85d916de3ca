import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { asBlobKey, type BlobKey, BlobStore } from '../../platform/blob/blob-store.js';
import type { VersionRow } from '../../platform/database/functions.js';
import type { Work } from '../../platform/queue/work.js';
import { type Format, renderable } from '../parsing/formats/formats.js';
import { readParsed } from '../parsing/sandbox/parsed-file.js';
import { packParsed } from '../parsing/sandbox/write-parsed.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';
import { ParserPool, type PoolSource } from '../parsing/sandbox/pool.js';
import { OcrPipeline } from './ocr.js';
import { asDiskProblem, SourceFiles } from './source-files.js';
import { scannedPages, VisionPipeline } from './vision.js';

/** The part of the whole task that is done when the text is there. */
export const parsedShare = 0.4;
/** The same for the text layer only, when the vision model still has to read pages. */
const textShare = 0.05;

/** The text of a version: parsed once and kept, so that a resumed run chunks the same text. */
@Injectable()
export class ParsedTexts {
  constructor(
    private readonly env: Env,
    private readonly blobs: BlobStore,
    private readonly files: SourceFiles,
    private readonly pool: ParserPool,
    private readonly vision: VisionPipeline,
    private readonly ocr: OcrPipeline,
  ) {}

  /**
   * Reads the kept parse result, or parses.
   * @throws what parsing throws, blob_not_found, storage_unavailable, storage_full
   */
  async loadOrParse(version: VersionRow, work: Work): Promise<{ document: ParsedDocument; isKept: boolean }> {
    try {
      const kept = version.parsed_key;
      const document = await (kept
        ? work.stage('download', () => this.read(kept, work))
        : this.parse(version, work));
      return { document, isKept: kept !== null };
    } catch (error) {
      throw asDiskProblem(error);
    }
  }

  /**
   * Stores a parse result under `key`, which the database must know of.
   * @throws storage_unavailable, storage_full
   */
  async store(key: BlobKey, document: ParsedDocument, work: Work): Promise<void> {
    await this.blobs.put(key, packParsed(document), work.signal);
  }

  private async read(key: string, work: Work): Promise<ParsedDocument> {
    const file = await this.files.open(asBlobKey(key), { signal: work.signal, packed: true });
    try {
      return await readParsed(file.path);
    } finally {
      await file.release();
    }
  }

  private async parse(version: VersionRow, work: Work): Promise<ParsedDocument> {
    const file = await work.stage('download', () =>
      this.files.open(asBlobKey(version.blob_key), { signal: work.signal }),
    );
    try {
      return storable(await this.parseFile(version, file.path, work));
    } finally {
      await file.release();
    }
  }

  private async parseFile(version: VersionRow, path: string, work: Work): Promise<ParsedDocument> {
    const source: PoolSource = {
      path,
      filename: version.filename,
      bytes: version.bytes,
      format: version.format as Format,
      includeHidden: version.include_hidden,
    };
    const wanted = version.pipeline === 'vlm' && renderable.has(source.format);
    if (wanted && !this.vision.available) throw new Problem('vision_unavailable');
    const share = wanted || source.format === 'image' ? textShare : parsedShare;
    const layer = await work.stage('parse', () => this.textLayer(source, { share, wanted }, work));
    const pages = wanted || !layer ? 'all' : scannedPages(layer);
    if (layer && pages !== 'all' && (pages.size === 0 || !this.readsScans)) return layer;
    const progress = (done: number, total: number): void =>
      work.progress(share + ((parsedShare - share) * done) / Math.max(total, 1));
    const request = { source, layer, only: pages === 'all' ? null : pages, progress };
    const byModel = wanted || !this.ocr.available;
    return byModel
      ? work.stage('vision', () => this.vision.read(request, work))
      : work.stage('ocr', () => this.ocr.read(request, work));
  }

  private get readsScans(): boolean {
    return this.ocr.available || (this.env.OCR_DRIVER === 'vision' && this.vision.available);
  }

  /** The text layer of the file; null for a scan that OCR or a vision model can read. */
  private async textLayer(
    source: PoolSource,
    { share, wanted }: { share: number; wanted: boolean },
    work: Work,
  ): Promise<ParsedDocument | null> {
    try {
      const progress = (done: number, total: number): void =>
        work.progress((share * done) / Math.max(total, 1));
      return await this.pool.parse(source, { signal: work.signal, progress });
    } catch (error) {
      const scan = error instanceof Problem && error.code === 'needs_ocr';
      const isVlm = wanted && this.vision.available;
      if (!scan || !(isVlm || this.readsScans)) throw error;
      return null;
    }
  }
}

/** Removes characters that the database cannot store: NUL and lone surrogates. */
function storable(document: ParsedDocument): ParsedDocument {
  return {
    ...document,
    title: document.title && plain(document.title),
    parts: document.parts.map((part) => ({
      ...part,
      label: part.label && plain(part.label),
      markdown: plain(part.markdown),
    })),
    warnings: document.warnings.map((warning) => ({ ...warning, detail: plain(warning.detail) })),
  };
}

export const plain = (text: string): string =>
  (text.includes('\0') ? text.replaceAll('\0', '') : text).toWellFormed();
