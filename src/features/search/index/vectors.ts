import {
  digitBits,
  type DotKernels,
  headBytes,
  lackPlace,
  makeKernels,
  numbersOfStep,
  offsetPlace,
  stepPlace,
  surveyed,
} from './dot-kernel.js';
import { ScoreThreshold } from './top-scores.js';

/**
 * A number of a unit vector as 16 bits: cosines come out to
 * five digits, and sums of products stay within 32 bits.
 */
const scale = 32_767;
const pageBytes = 65_536;
/** Vectors that are compared in one call of a kernel. */
const block = 4096;
const firstBlock = 256;
/** Longer vectors are not indexed. */
export const maxDimensions = 4096;
/** The query as digits; before it stands the query as 16-bit numbers. */
const digitsAt = 2 * maxDimensions;
const listAt = 2 * digitsAt;
const outAt = listAt + 4 * block;
const vectorsAt = outAt + 8 * block;
/** Fewer are compared without the kernels, whose memory takes up address space. */
const minKernelVectors = 2000;
/** Vectors whose coarse numbers follow each other, and then their fine ones. */
const groupBits = 6;
const groupSize = 1 << groupBits;
const placeMask = groupSize - 1;
const greatestByte = 127;
/** A coarse number of 127 and a fine one of 127 make 32,766. */
const greatestStep = 257;
/** Two digits of seven bits hold a number from 0 on: those of a query are kept with this added. */
const digitZero = 2 ** (2 * digitBits - 1);
const digitMask = 2 ** digitBits - 1;
/** Digits of one kind that follow each other. */
const digitsTogether = 16;
/** By so much the numbers of unit vectors of 4,096 dimensions can be longer than those of the unit, being rounded. */
const longest = 1.001;
/** The same of coarse numbers. */
const longestCoarse = 1.3;
/** More than single precision rounds a product by. */
const rounding = 1e-6;

// used by one question after another
const totals = new Float64Array(block);

/** A query as it stands before the vectors. */
interface PackedQuery {
  query: number[];
  length: number;
  /** What one of its smallest digits is, in a query of length 1. */
  step: number;
  /** The most by which a product with the digits can differ from one with the 16-bit numbers. */
  lack: number;
}

/**
 * The vectors of a set's chunks, in one embedding space. Each 16-bit number is a coarse one times the step of its
 * vector and a fine one, of 8 bits each: the coarse ones tell which vectors can be among the best, so that half of
 * the memory is read, by instructions for bytes. Products are exact for the 16-bit numbers.
 */
export class Vectors {
  /** Bytes of the coarse or the fine numbers of a vector: whole steps of the kernels. */
  private readonly width: number;
  private readonly groupBytes: number;
  private kernels: DotKernels | null = null;
  private bytesOfAll = new Int8Array(vectorsAt);
  private heads = new DataView(this.bytesOfAll.buffer);
  private present = new Uint8Array(0);
  private found = new Float32Array(0);
  private packed: PackedQuery | null = null;

  constructor(
    readonly space: number,
    readonly dimensions: number,
  ) {
    this.width = Math.ceil(dimensions / numbersOfStep) * numbersOfStep;
    this.groupBytes = groupSize * (headBytes + 2 * this.width);
  }

  get bytes(): number {
    return this.bytesOfAll.length + this.present.length + this.found.byteLength;
  }

  has(chunk: number): boolean {
    return this.present[chunk] === 1;
  }

  /** @param vector of length 1 */
  put(chunk: number, vector: Float32Array): void {
    const { head, coarse, fine } = this.place(chunk);
    const { bytesOfAll: bytes } = this;
    let greatest = 0;
    for (let index = 0; index < vector.length; index++)
      greatest = Math.max(greatest, Math.abs(vector[index] as number));
    const step = Math.max(1, Math.min(greatestStep, Math.ceil((greatest * scale) / greatestByte)));
    let [squares, sum] = [0, 0];
    for (let index = 0; index < vector.length; index++) {
      const number = Math.round((vector[index] as number) * scale);
      const rough = Math.round(number / step);
      const rest = Math.min(greatestByte, number - rough * step);
      bytes[coarse + index] = rough;
      bytes[fine + index] = rest;
      squares += rest * rest;
      sum += rough;
    }
    this.heads.setInt32(head + offsetPlace, sum * digitZero, true);
    this.heads.setFloat32(head + stepPlace, step, true);
    this.heads.setFloat32(head + lackPlace, (longest * Math.sqrt(squares)) / scale, true);
  }

  /** Takes over a vector of another index of the same space. */
  copy(chunk: number, from: Vectors, of: number): void {
    const { bytesOfAll: source } = from;
    const place = this.place(chunk);
    const [head, fine] = [from.headOf(of), from.fineOf(of)];
    this.bytesOfAll.set(source.subarray(head, head + headBytes + this.width), place.head);
    this.bytesOfAll.set(source.subarray(fine, fine + this.width), place.fine);
  }

  /** Inner products of chunks with a query; −2 for those without a vector. @returns valid until the next call */
  products(query: number[], chunks: Uint32Array): Float32Array {
    const unit = this.pack(query).length / (scale * scale);
    if (this.found.length < chunks.length) this.found = new Float32Array(Math.ceil(chunks.length * 1.25));
    const { found, present } = this;
    for (let first = 0; first < chunks.length; first += block) {
      const part = chunks.subarray(first, first + block);
      const coarse = this.multiply(part, false);
      for (let at = 0; at < part.length; at++)
        totals[at] = (coarse[at] as number) * this.stepOf(part[at] as number);
      const fine = this.multiply(part, true);
      for (let at = 0; at < part.length; at++)
        found[first + at] =
          present[part[at] as number] === 1 ? ((totals[at] as number) + (fine[at] as number)) * unit : -2;
    }
    return found.subarray(0, chunks.length);
  }

  /**
   * Those chunks whose products with a query can be among the `take` greatest, with others, in the same order.
   * @param least chunks with a lower product do not matter
   */
  collect(
    query: number[],
    chunks: Uint32Array,
    { take, least }: { take: number; least: number },
  ): Uint32Array {
    const { kernels, bytesOfAll, present, width } = this;
    if (!kernels) return chunks;
    const { length, step, lack } = this.pack(query);
    const findings = new DataView(bytesOfAll.buffer);
    const addresses = new Uint32Array(bytesOfAll.buffer, listAt, block);
    const best = new ScoreThreshold(take);
    const chosen: number[] = [];
    const most: number[] = [];
    let needed = least / length;
    // the first parts are small: they tell what it takes to be among the best
    let size = firstBlock;
    for (let first = 0; first < chunks.length; size = Math.min(block, size * 2)) {
      const part = chunks.subarray(first, first + size);
      first += size;
      const quarter = Math.ceil(part.length / surveyed);
      this.listHeads(part, 0);
      addresses.fill(vectorsAt, part.length, quarter * surveyed);
      const end = kernels.survey(digitsAt, listAt, quarter, width, outAt, step / scale, needed - lack);
      for (let at = outAt; at < end; at += 8) {
        const chunk = part[findings.getUint32(at, true)];
        if (chunk === undefined || present[chunk] !== 1) continue;
        const product = findings.getFloat32(at + 4, true);
        chosen.push(chunk);
        most.push(product + lack);
        const sure = product - lack - 2 * this.lackOf(chunk);
        if (sure < needed) continue;
        best.offer(sure);
        needed = Math.max(needed, best.value);
      }
    }
    return Uint32Array.from(chosen.filter((_chunk, at) => (most[at] as number) >= needed)).sort();
  }

  /** Puts a query before the vectors. */
  private pack(query: number[]): PackedQuery {
    if (this.packed?.query === query) return this.packed;
    const length = Math.hypot(...query) || 1;
    const { buffer } = this.bytesOfAll;
    const numbers = new Int16Array(buffer, 0, this.width).fill(0);
    let most = 1;
    for (let index = 0; index < query.length; index++) {
      const number = Math.round(((query[index] as number) / length) * scale);
      numbers[index] = number;
      most = Math.max(most, Math.abs(number));
    }
    // sums of 32 bits hold the products with coarse numbers
    const greatest = Math.min(digitZero - 1, Math.floor(2 ** 31 / (greatestByte * this.width)));
    const step = most / greatest;
    const digits = new Uint8Array(buffer, digitsAt, 2 * this.width);
    let squares = 0;
    for (let index = 0; index < numbers.length; index++) {
      const number = numbers[index] as number;
      const rough = Math.round(number / step);
      const high = 2 * index - (index % digitsTogether);
      digits[high] = (rough + digitZero) >> digitBits;
      digits[high + digitsTogether] = (rough + digitZero) & digitMask;
      squares += (number - rough * step) ** 2;
    }
    const lack = (longestCoarse * Math.sqrt(squares)) / scale + rounding;
    this.packed = { query, length, step: step / scale, lack };
    return this.packed;
  }

  /** Multiplies the packed query with the coarse numbers of vectors, or with their fine ones. */
  private multiply(chunks: Uint32Array, isFine: boolean): Int32Array {
    const { bytesOfAll, kernels, width } = this;
    const sums = new Int32Array(bytesOfAll.buffer, outAt, chunks.length);
    const addresses = isFine ? this.listFine(chunks) : this.listHeads(chunks, headBytes);
    if (kernels) {
      kernels.multiply(0, listAt, chunks.length, width, outAt);
      return sums;
    }
    const numbers = new Int16Array(bytesOfAll.buffer, 0, width);
    for (const [at, start] of addresses.entries()) {
      let sum = 0;
      for (let index = 0; index < width; index++)
        sum += (numbers[index] as number) * (bytesOfAll[start + index] as number);
      sums[at] = sum;
    }
    return sums;
  }

  /** Writes for the kernels where the heads of vectors are, or what is so many bytes behind them. */
  private listHeads(chunks: Uint32Array, behind: number): Uint32Array {
    const { room, groupBytes, width } = this;
    const addresses = new Uint32Array(this.bytesOfAll.buffer, listAt, chunks.length);
    const [start, bytes] = [vectorsAt + behind, headBytes + width];
    for (let at = 0; at < chunks.length; at++) {
      // a chunk without a vector may be beyond the memory
      const chunk = Math.min(room - 1, chunks[at] as number);
      addresses[at] = start + (chunk >>> groupBits) * groupBytes + (chunk & placeMask) * bytes;
    }
    return addresses;
  }

  private listFine(chunks: Uint32Array): Uint32Array {
    const last = this.room - 1;
    const addresses = new Uint32Array(this.bytesOfAll.buffer, listAt, chunks.length);
    for (let at = 0; at < chunks.length; at++)
      addresses[at] = this.fineOf(Math.min(last, chunks[at] as number));
    return addresses;
  }

  /** Vectors for which there is memory. */
  private get room(): number {
    return Math.floor((this.bytesOfAll.length - vectorsAt) / this.groupBytes) * groupSize;
  }

  private headOf(chunk: number): number {
    const group = vectorsAt + (chunk >>> groupBits) * this.groupBytes;
    return group + (chunk & placeMask) * (headBytes + this.width);
  }

  private fineOf(chunk: number): number {
    const group = vectorsAt + (chunk >>> groupBits) * this.groupBytes;
    return group + groupSize * (headBytes + this.width) + (chunk & placeMask) * this.width;
  }

  private stepOf(chunk: number): number {
    return this.has(chunk) ? this.heads.getFloat32(this.headOf(chunk) + stepPlace, true) : 0;
  }

  private lackOf(chunk: number): number {
    return this.heads.getFloat32(this.headOf(chunk) + lackPlace, true);
  }

  /** Makes room for a vector. @returns where it is */
  private place(chunk: number): { head: number; coarse: number; fine: number } {
    this.reserve(chunk + 1);
    this.present[chunk] = 1;
    const head = this.headOf(chunk);
    return { head, coarse: head + headBytes, fine: this.fineOf(chunk) };
  }

  private reserve(chunks: number): void {
    if (chunks > this.present.length) {
      const larger = new Uint8Array(Math.max(chunks, Math.ceil(this.present.length * 1.5)));
      larger.set(this.present);
      this.present = larger;
    }
    const bytes = vectorsAt + Math.ceil(chunks / groupSize) * this.groupBytes;
    const { length } = this.bytesOfAll;
    if (bytes <= length) return;
    // the kernels' memory grows where it is, so that it needs little in reserve
    if (chunks >= minKernelVectors) this.growMemory(Math.max(bytes, length + length / 32));
    else this.move(new Int8Array(Math.ceil(Math.max(bytes, length * 1.25) / 4) * 4));
  }

  private growMemory(bytes: number): void {
    const pages = Math.ceil(bytes / pageBytes);
    if (this.kernels) {
      const { memory } = this.kernels;
      memory.grow(pages - memory.buffer.byteLength / pageBytes);
      this.use(new Int8Array(memory.buffer));
      return;
    }
    this.kernels = makeKernels(pages);
    this.move(new Int8Array(this.kernels.memory.buffer));
  }

  private move(larger: Int8Array<ArrayBuffer>): void {
    larger.set(this.bytesOfAll);
    this.use(larger);
  }

  private use(bytes: Int8Array<ArrayBuffer>): void {
    this.bytesOfAll = bytes;
    this.heads = new DataView(bytes.buffer);
  }
}

/** A vector as pgvector sends it; null when it has other dimensions. */
export function readVector(bytes: Buffer, dimensions: number): Float32Array | null {
  if (bytes.readUInt16BE(0) !== dimensions) return null;
  const values = new Float32Array(dimensions);
  for (let index = 0; index < dimensions; index++) values[index] = bytes.readFloatBE(4 + index * 4);
  return values;
}
