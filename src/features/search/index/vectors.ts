import { type DotKernel, type KernelMemory, makeKernel } from './dot-kernel.js';

/**
 * A number of a unit vector as 16 bits: cosines come out to
 * five digits, and sums of products stay within 32 bits.
 */
const scale = 32_767;
const pageBytes = 65_536;
/** Vectors that are compared in one call of the kernel. */
const block = 4096;
const outAt = 2 * 4096;
const vectorsAt = outAt + 4 * block;
/** Longer vectors do not fit before the results. */
export const maxDimensions = outAt / 2;
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

  constructor(
    readonly space: number,
    readonly dimensions: number,
  ) {
    this.stride = Math.ceil((dimensions * 2) / 16) * 16;
    this.numbers = new Int16Array(vectorsAt / 2);
  }

  get bytes(): number {
    return this.numbers.byteLength + this.present.length;
  }

  has(chunk: number): boolean {
    return this.present[chunk] === 1;
  }

  /** @param vector of length 1 */
  put(chunk: number, vector: Float32Array): void {
    this.reserve(chunk + 1);
    const start = this.getStart(chunk);
    for (let index = 0; index < vector.length; index++)
      this.numbers[start + index] = Math.round((vector[index] ?? 0) * scale);
    this.present[chunk] = 1;
  }

  /** Takes over a vector of another index of the same space. */
  copy(chunk: number, from: Vectors, of: number): void {
    this.reserve(chunk + 1);
    const start = from.getStart(of);
    this.numbers.set(from.numbers.subarray(start, start + this.dimensions), this.getStart(chunk));
    this.present[chunk] = 1;
  }

  /** Inner products of the first `count` chunks with a query; −2 for those without a vector. */
  products(query: number[], count: number): Float32Array {
    this.reserve(count);
    const length = Math.hypot(...query) || 1;
    const products = new Float32Array(count).fill(-2);
    this.numbers.fill(0, 0, this.stride / 2);
    for (const [index, value] of query.entries()) this.numbers[index] = Math.round((value / length) * scale);
    const unit = length / (scale * scale);
    for (let first = 0; first < count; first += block) {
      const size = Math.min(block, count - first);
      const sums = this.multiply(first, size);
      for (let index = 0; index < size; index++)
        if (this.present[first + index] === 1) products[first + index] = (sums[index] ?? 0) * unit;
    }
    return products;
  }

  private multiply(first: number, count: number): Int32Array {
    const sums = new Int32Array(this.numbers.buffer, outAt, count);
    if (this.kernel) {
      this.kernel(0, vectorsAt + first * this.stride, count, this.stride, outAt);
      return sums;
    }
    const { numbers, dimensions } = this;
    for (let vector = 0; vector < count; vector++) {
      const start = this.getStart(first + vector);
      let sum = 0;
      for (let index = 0; index < dimensions; index++)
        sum += (numbers[index] as number) * (numbers[start + index] as number);
      sums[vector] = sum;
    }
    return sums;
  }

  private getStart(chunk: number): number {
    return (vectorsAt + chunk * this.stride) / 2;
  }

  private reserve(chunks: number): void {
    if (chunks > this.present.length) {
      const larger = new Uint8Array(Math.max(chunks, Math.ceil(this.present.length * 1.5)));
      larger.set(this.present);
      this.present = larger;
    }
    const bytes = vectorsAt + chunks * this.stride;
    if (bytes <= this.numbers.byteLength) return;
    const wanted = Math.max(bytes, Math.ceil(this.numbers.byteLength * 1.25));
    if (chunks >= minKernelVectors) this.growMemory(wanted);
    else this.move(new Int16Array(Math.ceil(wanted / 2)));
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
