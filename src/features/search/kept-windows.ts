import { megabyte } from '../../config/setting-types.js';
import { bestWindow } from '../../platform/embedding/window-vectors.js';

/** Bytes of an entry beside its windows: the id, its place, and their shares of two tables. */
const overhead = 300;
const maxSlabBytes = megabyte;
const minSlabs = 16;

/** A piece of memory that is filled from its start and given up as a whole. */
interface Slab {
  number: number;
  bytes: Buffer;
  used: number;
  chunks: string[];
}

interface Place {
  slab: Slab;
  from: number;
  to: number;
}

/**
 * The windows of chunks that searches compared lately, so that they need not be read again. The windows of a
 * chunk never change: a new version of a document has new chunks. A buffer for each chunk would take up to four
 * times the memory that it counts, since the allocator keeps the gaps; so they lie in slabs, and the
 * oldest slab leaves first. A chunk of an old slab that is used again moves to the newest.
 */
export class KeptWindows {
  private readonly places = new Map<string, Place>();
  /** Oldest first. */
  private readonly slabs: Slab[] = [];
  private readonly slabBytes: number;
  private opened = 0;
  private source = '';

  /** @param room bytes that they may have now, at most `maxBytes` */
  constructor(
    private readonly maxBytes: number,
    private readonly room: () => number,
  ) {
    this.slabBytes = Math.min(maxSlabBytes, Math.floor(maxBytes / minSlabs));
  }

  get bytes(): number {
    return this.slabs.length * this.slabBytes + this.places.size * overhead;
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
    const place = this.places.get(chunk);
    if (!place) return undefined;
    const windows = place.slab.bytes.subarray(place.from, place.to);
    const cosine = bestWindow(asked, windows);
    if (this.opened - place.slab.number > this.slabs.length / 2) this.add(chunk, windows);
    return cosine;
  }

  /** @param source as `use` got it before the windows were read */
  keep(source: string, found: readonly (readonly [chunk: string, windows: Buffer])[]): void {
    // another search may have changed the source while these were read
    if (source !== this.source) return;
    for (const [chunk, windows] of found) this.add(chunk, windows);
    this.shrinkTo(this.room());
  }

  /** Drops the oldest until they have at most so many bytes. */
  shrinkTo(bytes: number): void {
    while (this.slabs.length > 0 && this.bytes > bytes) this.dropOldest();
  }

  clear(): void {
    this.slabs.length = 0;
    this.places.clear();
  }

  private add(chunk: string, windows: Buffer): void {
    const slab = this.slabFor(windows.length);
    if (!slab) return;
    const from = slab.used;
    // the windows may lie in a slab that was just dropped and is used again: `copy` allows the overlap
    windows.copy(slab.bytes, from);
    slab.used += windows.length;
    slab.chunks.push(chunk);
    this.places.set(chunk, { slab, from, to: slab.used });
  }

  /** The newest slab if it has so many bytes left, else another one; undefined without memory for one. */
  private slabFor(length: number): Slab | undefined {
    const newest = this.slabs.at(-1);
    if (newest && newest.used + length <= this.slabBytes) return newest;
    if (length > this.slabBytes) return undefined;
    const allowed = Math.min(this.maxBytes, this.room()) - this.slabBytes - overhead;
    let bytes: Buffer | undefined;
    while (this.slabs.length > 0 && this.bytes > allowed) bytes = this.dropOldest();
    if (this.bytes > allowed) return undefined;
    const slab: Slab = {
      number: ++this.opened,
      bytes: bytes ?? Buffer.allocUnsafeSlow(this.slabBytes),
      used: 0,
      chunks: [],
    };
    this.slabs.push(slab);
    return slab;
  }

  private dropOldest(): Buffer | undefined {
    const oldest = this.slabs.shift();
    for (const chunk of oldest?.chunks ?? [])
      if (this.places.get(chunk)?.slab === oldest) this.places.delete(chunk);
    return oldest?.bytes;
  }
}
