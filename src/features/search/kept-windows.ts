import { LRUCache } from 'lru-cache';
import { bestWindow } from '../../platform/embedding/window-vectors.js';

/** Bytes of an entry beside its windows: the id, objects, and its place in the table. */
const overhead = 300;

/**
 * The windows of chunks that searches compared lately, so that they need not be read again. The windows of a
 * chunk never change: a new version of a document has new chunks.
 */
export class KeptWindows {
  private readonly kept: LRUCache<string, Buffer>;
  private source = '';

  /** @param room bytes that they may have now, at most `maxBytes` */
  constructor(
    maxBytes: number,
    private readonly room: () => number,
  ) {
    this.kept = new LRUCache({ maxSize: Math.max(1, maxBytes) });
  }

  get bytes(): number {
    return this.kept.calculatedSize;
  }

  /**
   * Keeps what comes from this source; windows of another one are dropped, since they cannot be compared.
   * @param source names the embedding space and the model of the windows
   */
  use(source: string): void {
    if (source !== this.source) this.clear();
    this.source = source;
  }

  /** The greatest cosine of a question with the chunk's windows; undefined where they are not kept. */
  compare(asked: Float32Array, chunk: string): number | null | undefined {
    const windows = this.kept.get(chunk);
    return windows && bestWindow(asked, windows);
  }

  /** @param source as `use` got it before the windows were read */
  keep(source: string, found: readonly (readonly [chunk: string, windows: Buffer])[]): void {
    // another search may have changed the source while these were read
    if (source !== this.source) return;
    for (const [chunk, windows] of found) this.kept.set(chunk, windows, { size: windows.length + overhead });
    this.shrinkTo(this.room());
  }

  /** Drops the least used until they have at most so many bytes. */
  shrinkTo(bytes: number): void {
    while (this.kept.size > 0 && this.bytes > bytes) this.kept.pop();
  }

  clear(): void {
    this.kept.clear();
  }
}
