import { Utf8Text, type HashPlace } from '../utf8-text.js';

const pageBits = 16;
const pageSize = 1 << pageBits;
const firstSize = 4096;

/** The place of a record's first byte, in the page that has it whole. */
export interface Place {
  page: Buffer;
  offset: number;
}

/**
 * Records of bytes that are only appended. Grows by pages, so that
 * what is there is never copied and a small arena stays small.
 */
export class ByteArena {
  private readonly pages: Buffer[] = [];
  private used = 0;
  bytes = 0;

  /** @returns the address of the copy */
  append(record: Uint8Array): number {
    const page = this.pageFor(record.length);
    const offset = this.used;
    page.set(record, offset);
    this.used += record.length;
    return (this.pages.length - 1) * pageSize + offset;
  }

  at(address: number): Place {
    const page = this.pages[Math.floor(address / pageSize)];
    if (!page) throw new RangeError(`no page has the address ${address}`);
    return { page, offset: address % pageSize };
  }

  private pageFor(length: number): Buffer {
    const last = this.pages.at(-1);
    if (last && this.used + length <= last.length) return last;
    if (last && this.pages.length === 1 && this.used + length <= pageSize)
      return this.grow(last, this.used + length);
    const page = Buffer.allocUnsafeSlow(
      this.pages.length === 0 ? Math.max(firstSize, length) : Math.max(pageSize, length),
    );
    this.pages.push(page);
    this.used = 0;
    this.bytes += page.length;
    return page;
  }

  /** Only the first page grows. */
  private grow(page: Buffer, needed: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.min(pageSize, Math.max(needed, page.length * 2)));
    larger.set(page);
    this.pages[0] = larger;
    this.bytes += larger.length - page.length;
    return larger;
  }
}

/** Writes numbers of varying length and bytes one after the other. */
export class RecordWriter {
  private buffer = Buffer.allocUnsafe(4096);
  private length = 0;

  /** The bytes written; valid until the next `start`. */
  get record(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  start(): this {
    this.length = 0;
    return this;
  }

  /** @param value a whole number, 0 … 2³²−1 */
  number(value: number): this {
    this.reserve(5);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
    return this;
  }

  /** A text with its length, or null. */
  text(value: string | null): this {
    if (value === null) return this.number(0);
    const bytes = Buffer.byteLength(value);
    this.number(bytes + 1).reserve(bytes);
    this.length += this.buffer.write(value, this.length);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + bytes, this.buffer.length * 2));
    larger.set(this.record);
    this.buffer = larger;
  }
}

/** Reads what a `RecordWriter` wrote. */
export class RecordReader {
  private readonly page: Buffer;
  /** Where the next value begins in its page. */
  offset: number;

  constructor({ page, offset }: Place) {
    this.page = page;
    this.offset = offset;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.page[this.offset++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skip(numbers: number): void {
    for (let left = numbers; left > 0;) if ((this.page[this.offset++] ?? 0) < 0x80) left--;
  }

  text(): string | null {
    const length = this.number();
    if (length === 0) return null;
    const start = this.offset;
    this.offset += length - 1;
    return this.page.toString('utf8', start, this.offset);
  }

  /** The text as it lies in its page: what is there never changes. */
  textView(hashPlace: HashPlace): Utf8Text {
    const length = Math.max(0, this.number() - 1);
    const start = this.offset;
    this.offset += length;
    return new Utf8Text(this.page, start, this.offset, hashPlace);
  }

  skipText(): void {
    const length = this.number();
    this.offset += Math.max(0, length - 1);
  }

  raw(bytes: number): Buffer {
    const start = this.offset;
    this.offset += bytes;
    return this.page.subarray(start, this.offset);
  }
}
