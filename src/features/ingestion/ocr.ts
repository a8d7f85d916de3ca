import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { availableParallelism } from 'node:os';
import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { mapBounded } from '../../common/map-bounded.js';
import { Env } from '../../config/env.js';
import { TaskStore } from '../../platform/queue/task-store.js';
import type { Work } from '../../platform/queue/work.js';
import { type LanguageData, OcrPage } from '../parsing/ocr/ocr-page.js';
import type { ParsedDocument, ParsedPart, ParseWarning } from '../parsing/parsed-document.js';
import { detectLanguage } from '../parsing/sandbox/language.js';
import { ParserPool, type PoolSource } from '../parsing/sandbox/pool.js';

/** A page of small print in a wrong script takes 25 s of a processor. */
const pageDeadlineMs = 60_000;
/** Below this confidence a page counts as unread: another script, handwriting, a picture. */
const minConfidence = 50;
const needOcr = 'pages_need_ocr';

export interface OcrRequest {
  source: PoolSource;
  /** The parser's result; null without a text layer. */
  layer: ParsedDocument | null;
  /** Only these pages; null for all. */
  only: ReadonlySet<number> | null;
  /** Hears of each page that is done, of all there are to do. */
  progress(done: number, total: number): void;
}

/**
 * Reads scans by OCR on this machine, in the parser children. Each page is a checkpoint and has its own
 * deadline.
 */
@Injectable()
export class OcrPipeline {
  private readonly logger = new Logger(OcrPipeline.name);
  private readonly data: LanguageData;

  constructor(
    env: Env,
    private readonly pool: ParserPool,
    private readonly tasks: TaskStore,
  ) {
    this.data = env.OCR_DRIVER === 'local' ? this.findData(env) : {};
  }

  /** False when another driver is configured, and without language data. */
  get available(): boolean {
    return Object.keys(this.data).length > 0;
  }

  /**
   * The document with its pages as OCR reads them; pages that cannot be read keep the parser's text.
   * @throws needs_ocr when no page could be read; cancelled
   */
  async read(request: OcrRequest, work: Work): Promise<ParsedDocument> {
    const known = pagesIn(await this.tasks.checkpoints(work.task));
    const wanted = request.only ? [...request.only].sort((a, b) => a - b) : null;
    const first = await this.page(request, wanted?.[0] ?? 1, known, work);
    const pages = wanted ?? Array.from({ length: first?.total ?? 1 }, (_unused, at) => at + 1);
    let done = 1;
    request.progress(done, pages.length);
    const rest = await mapBounded(pages.slice(1), availableParallelism(), work.signal, async (page) => {
      const read = await this.page(request, page, known, work);
      request.progress((done += 1), pages.length);
      return read;
    });
    const read = [first, ...rest].filter((page) => page !== null && page.confidence >= minConfidence);
    if (read.length === 0 && !request.layer)
      throw new Problem(
        'needs_ocr',
        'OCR could not read any page of this document. A sharper scan, the language of the scan in `OCR_LANGUAGES` or a vision model may help.',
      );
    return assemble(read as OcrPage[], pages, request.layer);
  }

  /** Null where the page cannot be read at all. */
  private async page(
    { source }: OcrRequest,
    page: number,
    known: ReadonlyMap<number, OcrPage>,
    work: Work,
  ): Promise<OcrPage | null> {
    const kept = known.get(page);
    if (kept) return kept;
    try {
      const options = { signal: work.signal, deadlineMs: pageDeadlineMs };
      const read = await this.pool.recognize(source, page, this.data, options);
      await this.tasks.saveCheckpoint(work.claim, `ocr:${page}`, read);
      return read;
    } catch (error) {
      work.signal.throwIfAborted();
      if (!(error instanceof Problem) || error.code === 'database_unavailable') throw error;
      this.logger.warn({ task_id: work.task.id, page, code: error.code }, 'a page could not be read by OCR');
      return null;
    }
  }

  private findData({ OCR_LANGUAGES, OCR_DATA_DIR }: Env): LanguageData {
    const found = OCR_LANGUAGES.map((language) => [language, dataFile(language, OCR_DATA_DIR)] as const);
    const missing = found.filter(([, path]) => path === null).map(([language]) => language);
    if (missing.length > 0) this.logger.warn({ msg: 'the OCR data of some languages are missing', missing });
    return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== null));
  }
}

/** The file of a language in the configured folder, else in its package. */
function dataFile(language: string, folder: string | undefined): string | null {
  const name = `${language}.traineddata`;
  const candidates = folder
    ? [resolve(folder, name), resolve(folder, `${name}.gz`)]
    : [join(packageFolder(language) ?? '', '4.0.0_best_int', `${name}.gz`)];
  return candidates.find((path) => existsSync(path)) ?? null;
}

function packageFolder(language: string): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(`@tesseract.js-data/${language}/package.json`));
  } catch {
    return null;
  }
}

function pagesIn(checkpoints: Map<string, unknown>): Map<number, OcrPage> {
  const pages = [...checkpoints].flatMap(([key, value]) => {
    const page = key.startsWith('ocr:') ? OcrPage.safeParse(value) : null;
    return page?.success ? [page.data] : [];
  });
  return new Map(pages.map((page) => [page.page, page]));
}

function assemble(read: OcrPage[], wanted: number[], layer: ParsedDocument | null): ParsedDocument {
  const byPage = new Map(read.map((page) => [page.page, page]));
  const before = new Map(layer?.parts.map((part) => [part.page, part]));
  const pages = Math.max(layer?.pages ?? 0, ...read.map(({ total }) => total));
  const parts = Array.from({ length: pages }, (_unused, at): ParsedPart => {
    const page = byPage.get(at + 1);
    if (!page) return before.get(at + 1) ?? { kind: 'page', page: at + 1, label: null, markdown: '' };
    const { markdown, size, places } = page;
    return { kind: 'page', page: page.page, label: null, markdown, source: 'ocr', size, places };
  });
  return {
    title: layer?.title ?? findTitle(parts),
    language: detectLanguage(parts) ?? layer?.language ?? null,
    pages,
    parts,
    warnings: [
      ...(layer?.warnings ?? []).filter(({ code }) => code !== needOcr),
      ...listWarnings(byPage, wanted),
    ],
  };
}

function listWarnings(read: ReadonlyMap<number, OcrPage>, wanted: number[]): ParseWarning[] {
  const pages = wanted.filter((page) => read.has(page));
  const unread = wanted.filter((page) => !read.has(page));
  const confidence = Math.round(
    pages.reduce((sum, page) => sum + (read.get(page)?.confidence ?? 0), 0) / pages.length,
  );
  const done: ParseWarning = {
    code: 'pages_read_by_ocr',
    detail: `Read by OCR with a mean confidence of ${confidence} %: single characters may be wrong.`,
    pages,
    params: { confidence },
  };
  const left: ParseWarning = {
    code: needOcr,
    detail: 'Pages without a text layer that OCR could not read.',
    pages: unread,
  };
  return [...(pages.length > 0 ? [done] : []), ...(unread.length > 0 ? [left] : [])];
}

const findTitle = (parts: ParsedPart[]): string | null =>
  /^#[ \t]+(.{1,200})$/m.exec(parts[0]?.markdown ?? '')?.[1]?.trim() ?? null;
