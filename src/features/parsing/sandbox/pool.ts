import { copyFile, rm, symlink, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem } from '../../../common/errors.js';
import { type LanguageData, type OcrPage, readOcrPage } from '../ocr/ocr-page.js';
import { inSpan } from '../../../common/spans.js';
import type { Format } from '../formats/formats.js';
import type { PagesWanted, ToChild } from './protocol.js';
import { readLines, readParsed } from './parsed-file.js';
import type { ParsedDocument } from '../parsed-document.js';
import { Guard } from './document-guard.js';
import { ParserProcess, type Verdict } from './parser-process.js';
import { readRendered, type RenderedPages } from './rendered-file.js';
import { makePoolDirectory } from './pool-directory.js';

export interface ParserPoolOptions {
  /** Children at most; one a core. */
  size: number;
  /** Memory of one child, heap, WASM and native together. */
  memoryMb: number;
  /** Time without a page done after which a document is given up. */
  timeoutMs: number;
  /** A child without work ends after this. */
  idleMs?: number;
  /** Absolute paths of files and folders that children may read: language data of OCR. */
  readable?: string[];
}

export interface PoolSource {
  /** Absolute path of a local copy. */
  path: string;
  filename: string;
  bytes: number;
  format: Format;
  /** Keep text that the document hides from its reader. */
  includeHidden?: boolean;
}

export interface ParseOptions {
  signal?: AbortSignal;
  progress?: (done: number, total: number) => void;
  /** In place of the pool's `timeoutMs`. */
  deadlineMs?: number;
}

export interface PoolStats {
  children: number;
  busy: number;
  waiting: number;
  parsed: number;
  /** By deadline, abort or memory watch. */
  killed: number;
  /** Died of themselves. */
  crashed: number;
  rssBytes: number;
}

/** An order for a child, and the reader of its output. */
interface PoolJob<T extends object> {
  source: PoolSource;
  options: ParseOptions;
  order: (id: number, output: string) => ToChild;
  /** @param lines of a short document, which has no output */
  read: (output: string, lines?: string) => Promise<T>;
}

/**
 * A new child costs as much as a hundred small documents; memory that a document leaks is watched by itself.
 */
const recycleAfterDocuments = 1000;
const recycleAboveBytes = 600 * 1024 * 1024;

/**
 * Parses documents in child processes with limited memory, which are killed at the deadline and replaced when
 * used up. A child reads one document at a time; others wait in order. Only the text of a document reaches
 * this process.
 */
export class ParserPool {
  private readonly options: Required<ParserPoolOptions>;
  private readonly idle: { child: ParserProcess; timer: NodeJS.Timeout }[] = [];
  private readonly busy = new Set<ParserProcess>();
  private readonly waiting: ((granted: boolean) => void)[] = [];
  private readonly counters = { parsed: 0, killed: 0, crashed: 0 };
  private directory: Promise<string> | null = null;
  private turns = 0;
  private next = 0;
  private closed = false;

  constructor(options: ParserPoolOptions) {
    this.options = { idleMs: 60_000, readable: [], ...options };
  }

  /**
   * Parses one document.
   * @throws Problem parse_timeout, parser_crashed, cancelled, not_ready once closed, and problems of the
   * parsers
   */
  async parse(source: PoolSource, options: ParseOptions = {}): Promise<ParsedDocument> {
    const parsed = await this.inTurn({
      source,
      options,
      order: (id, output) => ({ type: 'parse', id, ...source, output }),
      read: (output, lines) => (lines === undefined ? readParsed(output) : readLines(lines)),
    });
    this.counters.parsed += 1;
    return parsed;
  }

  /**
   * Draws pages, fewer than wanted at the end of the document.
   * @throws Problem as `parse`
   */
  render(source: PoolSource, pages: PagesWanted, options: ParseOptions = {}): Promise<RenderedPages> {
    return this.inTurn({
      source,
      options,
      order: (id, output) => ({ type: 'render', id, ...source, output, ...pages }),
      read: readRendered,
    });
  }

  /**
   * Reads one page (1-based) of a PDF or an image by OCR.
   * @throws Problem as `parse`
   */
  recognize(
    source: PoolSource,
    page: number,
    data: LanguageData,
    options: ParseOptions = {},
  ): Promise<OcrPage> {
    return this.inTurn({
      source,
      options,
      order: (id, output) => ({ type: 'recognize', id, ...source, output, page, data }),
      read: readOcrPage,
    });
  }

  private async inTurn<T extends object>(job: PoolJob<T>): Promise<T> {
    await this.takeTurn(job.options.signal);
    try {
      const first = await this.attempt(job);
      // a child that never started has not seen the document: try again with a new one
      const made = first instanceof NotStarted ? await this.attempt(job) : first;
      if (made instanceof NotStarted)
        throw new Problem('parser_crashed', 'The parser process cannot be started.', { cause: made.cause });
      return made;
    } finally {
      this.giveTurn();
    }
  }

  stats(): PoolStats {
    const children = [...this.busy, ...this.idle.map(({ child }) => child)];
    return {
      children: children.length,
      busy: this.busy.size,
      waiting: this.waiting.length,
      ...this.counters,
      rssBytes: children.reduce((sum, child) => sum + child.rssBytes, 0),
    };
  }

  /** Kills what runs, refuses what waits and removes the temporary files. */
  async close(): Promise<void> {
    this.closed = true;
    for (const resume of this.waiting.splice(0)) resume(false);
    const children = [
      ...this.busy,
      ...this.idle.splice(0).map(({ child, timer }) => (clearTimeout(timer), child)),
    ];
    await Promise.all(children.map((child) => child.end()));
    const directory = await this.directory?.catch(() => null);
    if (directory) await rm(directory, { recursive: true, force: true });
  }

  private async takeTurn(signal: AbortSignal | undefined): Promise<void> {
    if (this.turns < this.options.size && !this.closed) {
      refuseAborted(signal);
      this.turns += 1;
      return;
    }
    const granted = await this.waitInLine(signal);
    if (granted && !signal?.aborted && !this.closed) return;
    if (granted) this.giveTurn();
    refuseAborted(signal);
    throw new Problem('not_ready', 'The parser is shutting down.');
  }

  /** True when a turn was handed on; false when the wait ended without one. */
  private waitInLine(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.closed || signal?.aborted) return resolve(false);
      const resume = (granted: boolean): void => {
        signal?.removeEventListener('abort', leave);
        resolve(granted);
      };
      const leave = (): void => {
        const at = this.waiting.indexOf(resume);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve(false);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(resume);
    });
  }

  /** Passes the turn on without giving it back, so that nothing can take it in between. */
  private giveTurn(): void {
    const resume = this.waiting.shift();
    if (resume) resume(true);
    else this.turns -= 1;
  }

  private async attempt<T extends object>({
    source,
    options,
    order,
    read,
  }: PoolJob<T>): Promise<T | NotStarted> {
    const directory = await this.workDirectory();
    const child = this.takeChild(directory);
    const id = (this.next += 1);
    const output = join(directory, `${id}.json`);
    const path = join(directory, `${id}.source`);
    const guard = new Guard(child, source, options, this.options);
    let lines: string | undefined;
    try {
      // The child reads its own folder only, so the document gets a name in it.
      await placeIn(resolve(source.path), path);
      const told = { 'docent.format': source.format, 'docent.bytes': source.bytes };
      const verdict = await inSpan('parser child', { attributes: told }, async (span) => {
        const ended = await child.run(
          { ...order(id, output), path },
          () => guard.start(),
          (done, total) => guard.progress(done, total),
        );
        span?.set({ 'docent.parser_verdict': ended.type });
        return ended;
      });
      guard.stop();
      // closing the pool is not a crash of the document
      if (verdict.type === 'gone' && this.closed)
        throw new Problem('not_ready', 'The parser is shutting down.');
      if (verdict.type === 'gone' && !verdict.started && !guard.reason) return new NotStarted(verdict.cause);
      this.count(verdict, guard);
      refuseFailed(verdict, guard);
      lines = verdict.type === 'done' ? verdict.parsed : undefined;
      return await read(output, lines);
    } finally {
      guard.stop();
      this.returnChild(child);
      const files = lines === undefined ? [output, path] : [path];
      await Promise.all(files.map((file) => unlink(file).catch(() => undefined)));
    }
  }

  private count(verdict: Verdict, guard: Guard): void {
    if (guard.reason) this.counters.killed += 1;
    else if (verdict.type === 'gone') this.counters.crashed += 1;
  }

  private takeChild(directory: string): ParserProcess {
    if (this.closed) throw new Problem('not_ready', 'The parser is shutting down.');
    for (let rested = this.idle.pop(); rested; rested = this.idle.pop()) {
      clearTimeout(rested.timer);
      if (!rested.child.gone) {
        this.busy.add(rested.child);
        return rested.child;
      }
    }
    const { memoryMb, readable } = this.options;
    const child = new ParserProcess({ memoryMb, directory, readable });
    this.busy.add(child);
    return child;
  }

  private returnChild(child: ParserProcess): void {
    this.busy.delete(child);
    const used = child.documents >= recycleAfterDocuments || child.rssBytes > recycleAboveBytes;
    if (child.gone || used || this.closed) {
      child.kill();
      return;
    }
    const timer = setTimeout(() => {
      this.idle.splice(
        this.idle.findIndex((rested) => rested.child === child),
        1,
      );
      child.kill();
    }, this.options.idleMs);
    timer.unref();
    this.idle.push({ child, timer });
  }

  private workDirectory(): Promise<string> {
    this.directory ??= makePoolDirectory();
    return this.directory;
  }
}

class NotStarted {
  constructor(readonly cause: string) {}
}

function refuseFailed(verdict: Verdict, guard: Guard): void {
  if (guard.reason) throw guard.reason;
  if (verdict.type === 'gone') throw new Problem('parser_crashed', undefined, { cause: verdict.cause });
  if (verdict.type === 'failed') {
    const { code, detail, retryable } = verdict.failure;
    throw new Problem(code, detail, { retryable, cause: verdict.cause });
  }
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Problem('cancelled');
}

/** Windows makes links only for administrators. */
const placeIn = process.platform === 'win32' ? copyFile : symlink;
