import { Problem } from '../../../common/errors.js';
import type { Format } from '../formats/formats.js';
import type { ParserProcess } from './parser-process.js';

const watchEveryMs = 500;
const firstLookMs = 100;
/** A slow page takes 50 ms; this bounds the whole of a file that goes on and on. */
const perPageMs = 100;
/** Formats without pages come in one go: large ones may take longer. */
const bytesPerMs = 4000;
/**
 * If a document got less than this share of a processor, it was kept waiting. It then gets at most this many
 * times its time.
 */
const minShare = 0.5;
const maxPatience = 3;
const paged: ReadonlySet<Format> = new Set<Format>(['pdf', 'pptx']);

/**
 * Watches one document: its deadline, its abort signal and its child's memory. Kills the child and says why.
 */
export class Guard {
  reason: Problem | null = null;
  private started = 0;
  private deadline = 0;
  private stopped = false;
  private cpuBefore: number | null = null;
  private timer: NodeJS.Timeout | undefined;
  private watch: NodeJS.Timeout | undefined;
  private look: NodeJS.Timeout | undefined;

  constructor(
    private readonly child: ParserProcess,
    private readonly source: { format: Format; bytes: number },
    private readonly options: {
      signal?: AbortSignal;
      progress?: (done: number, total: number) => void;
      deadlineMs?: number;
    },
    private readonly limits: { memoryMb: number; timeoutMs: number },
  ) {
    options.signal?.addEventListener('abort', this.abort, { once: true });
    if (options.signal?.aborted) this.abort();
  }

  start(): void {
    this.started = Date.now();
    const { format, bytes } = this.source;
    this.extend(this.started + this.base() + (paged.has(format) ? 0 : bytes / bytesPerMs));
    this.watch = setInterval(() => void this.checkMemory(), watchEveryMs);
    this.watch.unref();
    // most documents are done before anything about the process has to be known
    this.look = setTimeout(() => void this.noteCpu(), Math.min(firstLookMs, this.base() / 10));
    this.look.unref();
  }

  /** Each finished page adds the base time again, within the limit for all pages. */
  progress(done: number, total: number): void {
    if (this.reason) return;
    if (paged.has(this.source.format)) {
      this.extend(
        Math.max(
          this.deadline,
          Math.min(Date.now() + this.base(), this.started + this.base() + total * perPageMs),
        ),
      );
    }
    this.options.progress?.(done, total);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.look);
    clearInterval(this.watch);
    this.options.signal?.removeEventListener('abort', this.abort);
  }

  private async noteCpu(): Promise<void> {
    this.cpuBefore = await this.child.cpuMs();
  }

  private base(): number {
    return this.options.deadlineMs ?? this.limits.timeoutMs;
  }

  private extend(deadline: number): void {
    this.deadline = deadline;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.expire(), Math.max(1, deadline - Date.now()));
  }

  /** A document is given up for the time that it took, not for the time that a busy machine kept from it. */
  private async expire(): Promise<void> {
    const deadline = this.deadline;
    const allowed = deadline - this.started;
    const used = await this.child.cpuMs();
    if (this.stopped || this.deadline !== deadline) return;
    const starved = used !== null && this.cpuBefore !== null && used - this.cpuBefore < allowed * minShare;
    if (!starved || Date.now() - this.started > allowed * maxPatience)
      return this.end(new Problem('parse_timeout'));
    this.timer = setTimeout(() => void this.expire(), this.base() / 4);
  }

  private async checkMemory(): Promise<void> {
    const rss = await this.child.measure();
    if (rss > this.limits.memoryMb * 1024 * 1024)
      this.end(new Problem('parser_crashed', 'The parser ran out of memory on this document.'));
  }

  private readonly abort = (): void => this.end(new Problem('cancelled'));

  private end(reason: Problem): void {
    this.reason ??= reason;
    this.child.kill();
  }
}
