/** Where an index keeps the hash of a text: at `at` of `values`, 0 until it is known. */
export interface HashPlace {
  values: Float64Array;
  at: number;
}

/** A text in UTF-8 that becomes a string only where somebody reads it. */
export class Utf8Text {
  private decoded: string | null = null;

  /** @param start of the text in `bytes` @param end exclusive @param hashPlace null for a text outside an index */
  constructor(
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
    readonly hashPlace: HashPlace | null = null,
  ) {}

  static from(text: string): Utf8Text {
    const bytes = Buffer.from(text);
    const made = new Utf8Text(bytes, 0, bytes.length);
    made.decoded = text;
    return made;
  }

  get length(): number {
    return this.end - this.start;
  }

  toString(): string {
    return (this.decoded ??= this.bytes.toString('utf8', this.start, this.end));
  }
}

/** Bytes of the character that begins with `lead`. */
export function bytesOfCharacter(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** The UTF-16 unit of a character of two or three bytes; of a longer one some surrogate. */
export function unitAt(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const second = (bytes[at + 1] as number) & 0x3f;
  if (lead < 0xe0) return ((lead & 0x1f) << 6) | second;
  if (lead < 0xf0) return ((lead & 0x0f) << 12) | (second << 6) | ((bytes[at + 2] as number) & 0x3f);
  return 0xd800;
}
