import type { KernelMemory } from '../wasm-code.js';
import { type DotKernel, makeKernel } from './dot-kernel.js';

/**
 * A number of a unit vector as 16 bits: cosines come out to
 * five digits, and sums of products stay within 32 bits.
 */
const scale = 32_767;
const pageBytes = 65_536;
/** Vectors that are compared in one call of the kernel. */
const block = 4096;
const listAt = 2 * 4096;
const outAt = listAt + 4 * block;
const vectorsAt = outAt + 4 * block;
/** Longer vectors do not fit before the list. */
export const maxDimensions = listAt / 2;
/** Fewer are compared without the kernel, whose memory takes up address space. */
const minKernelVectors = 2000;

/** The vectors of a set's chunks, in one embedding space. */
export class Vectors {
  /** Bytes of a vector: whole steps of the kernel. */
  private readonly stride: number;
  private memory: KernelMemory | null = null;
  private kernel: DotKernel | null = null;
  private numbers: Int16Array;
  private present = new Uint8Array(0);
  private found = new Float32Array(0);
  /** The query that is packed before the vectors, and its length. */
  private packed: { query: number[]; length: number } | null = null;

  constructor(
    readonly space: number,
    readonly dimensions: number,
  ) {
    this.stride = Math.ceil((dimensions * 2) / 32) * 32;
    this.numbers = new Int16Array(vectorsAt / 2);
  }

  get bytes(): number {
    return this.numbers.byteLength + this.present.length + this.found.byteLength;
  }

  has(chunk: number): boolean {
    return this.present[chunk] === 1;
  }

  /** @param vector of length 1 */
  put(chunk: number, vector: Float32Array): void {
    const start = this.place(chunk);
    for (let index = 0; index < vector.length; index++)
      this.numbers[start + index] = Math.round((vector[index] ?? 0) * scale);
  }

  /** Takes over a vector of another index of the same space. */
  copy(chunk: number, from: Vectors, of: number): void {
    const source = from.getStart(of);
    const start = this.place(chunk);
    this.numbers.set(from.numbers.subarray(source, source + this.dimensions), start);
  }

  /** Inner products of chunks with a query; −2 for those without a vector. @returns valid until the next call */
  products(query: number[], chunks: Uint32Array): Float32Array {
    const unit = this.pack(query) / (scale * scale);
    if (this.found.length < chunks.length) this.found = new Float32Array(Math.ceil(chunks.length * 1.25));
    const { found, present } = this;
    for (let first = 0; first < chunks.length; first += block) {
      const part = chunks.subarray(first, first + block);
      const sums = this.multiply(part);
      for (let at = 0; at < part.length; at++)
        found[first + at] = present[part[at] as number] === 1 ? (sums[at] as number) * unit : -2;
    }
    return found.subarray(0, chunks.length);
  }

  /** Puts a query before the vectors. @returns its length */
  private pack(query: number[]): number {
    if (this.packed?.query === query) return this.packed.length;
    const length = Math.hypot(...query) || 1;
    this.numbers.fill(0, 0, this.stride / 2);
    for (const [index, value] of query.entries()) this.numbers[index] = Math.round((value / length) * scale);
    this.packed = { query, length };
    return length;
  }

  private multiply(list: Uint32Array): Int32Array {
    const { buffer } = this.numbers;
    const sums = new Int32Array(buffer, outAt, list.length);
    if (this.kernel) {
      const last = Math.floor((buffer.byteLength - vectorsAt) / this.stride) - 1;
      const numbers = new Uint32Array(buffer, listAt, list.length);
      // a chunk without a vector may be beyond the memory
      for (let at = 0; at < list.length; at++) numbers[at] = Math.min(last, list[at] as number);
      this.kernel(0, vectorsAt, listAt, list.length, this.stride, outAt);
      return sums;
    }
    const { numbers, dimensions } = this;
    for (const [at, number] of list.entries()) {
      const start = this.getStart(number);
      let sum = 0;
      for (let index = 0; index < dimensions; index++)
        sum += (numbers[index] as number) * (numbers[start + index] as number);
      sums[at] = sum;
    }
    return sums;
  }

  private getStart(chunk: number): number {
    return (vectorsAt + chunk * this.stride) / 2;
  }

  /** Makes room for a vector. @returns where its numbers begin */
  private place(chunk: number): number {
    this.reserve(chunk + 1);
    this.present[chunk] = 1;
    return this.getStart(chunk);
  }

  private reserve(chunks: number): void {
    if (chunks > this.present.length) {
      const larger = new Uint8Array(Math.max(chunks, Math.ceil(this.present.length * 1.5)));
      larger.set(this.present);
      this.present = larger;
    }
    const bytes = vectorsAt + chunks * this.stride;
    const { byteLength } = this.numbers;
    if (bytes <= byteLength) return;
    // the kernel's memory grows where it is, so that it needs little in reserve
    if (chunks >= minKernelVectors) this.growMemory(Math.max(bytes, byteLength + byteLength / 32));
    else this.move(new Int16Array(Math.ceil(Math.max(bytes, byteLength * 1.25) / 2)));
  }

  private growMemory(bytes: number): void {
    const pages = Math.ceil(bytes / pageBytes);
    if (this.memory) {
      this.memory.grow(pages - this.memory.buffer.byteLength / pageBytes);
      this.numbers = new Int16Array(this.memory.buffer);
      return;
    }
    const { memory, kernel } = makeKernel(pages);
    this.move(new Int16Array(memory.buffer));
    this.memory = memory;
    this.kernel = kernel;
  }

  private move(larger: Int16Array): void {
    larger.set(this.numbers);
    this.numbers = larger;
  }
}

/** A vector as pgvector sends it; null when it has other dimensions. */
export function readVector(bytes: Buffer, dimensions: number): Float32Array | null {
  if (bytes.readUInt16BE(0) !== dimensions) return null;
  const values = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index++) values[index] = bytes.readFloatBE(4 + index * 4);
  return values;
}
