import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { uuidv7 } from '../../common/ids.js';
import { Env } from '../../config/env.js';
import { asBlobKey, blobKey, BlobStore } from '../../platform/blob/blob-store.js';
import type { VersionRow } from '../../platform/database/functions.js';
import type { Work } from '../../platform/queue/work.js';
import { type Format, renderable } from '../parsing/formats/formats.js';
import { readParsed, writeParsed } from '../parsing/sandbox/parsed-file.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';
import { ParserPool, type PoolSource } from '../parsing/sandbox/pool.js';

import { OcrPipeline } from './ocr.js';
import { SourceFiles } from './source-files.js';
import { type VersionClaim, VersionStore } from './version-store.js';
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
    private readonly versions: VersionStore,
    private readonly vision: VisionPipeline,
    private readonly ocr: OcrPipeline,
  ) {}

  /** Reads the kept parse result, or parses and keeps it. @throws what parsing throws, superseded, blob_not_found, storage_unavailable, storage_full */
  loadOrParse(version: VersionRow, claim: VersionClaim, work: Work): Promise<ParsedDocument> {
    return this.files.inFolder(async (folder) => {
      const kept = version.parsed_key;
      if (kept) return work.stage('download', () => this.read(kept, folder, work));
      const document = await this.parse(version, folder, work);
      await this.keep(document, claim, folder, work);
      return document;
    });
  }

  private async read(key: string, folder: string, work: Work): Promise<ParsedDocument> {
    return readParsed(
      await this.files.fetch(asBlobKey(key), folder, 'parsed', { signal: work.signal, packed: true }),
    );
  }

  private async parse(version: VersionRow, folder: string, work: Work): Promise<ParsedDocument> {
    const path = await work.stage('download', () =>
      this.files.fetch(asBlobKey(version.blob_key), folder, 'original', { signal: work.signal }),
    );
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
    if (layer && pages !== 'all' && (pages.size === 0 || !this.readsScans)) return storable(layer);
    const progress = (done: number, total: number): void =>
      work.progress(share + ((parsedShare - share) * done) / Math.max(total, 1));
    const request = { source, layer, only: pages === 'all' ? null : pages, progress };
    const byModel = wanted || !this.ocr.available;
    const read = byModel
      ? work.stage('vision', () => this.vision.read(request, work))
      : work.stage('ocr', () => this.ocr.read(request, work));
    return storable(await read);
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

  private async keep(
    document: ParsedDocument,
    claim: VersionClaim,
    folder: string,
    work: Work,
  ): Promise<void> {
    const [path, packed] = [join(folder, 'result'), join(folder, 'result.gz')];
    await writeParsed(path, document);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(packed), { signal: work.signal });
    const key = blobKey('parsed', uuidv7());
    await this.versions.announce(work.task.tenant, key, this.env.UPLOAD_INTENT_SECONDS);
    await this.blobs.put(key, createReadStream(packed), work.signal);
    await this.versions.keepParsed(claim, key, document);
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
