/** The formatting of a stretch of a string: it holds from a character to the next stretch. */
export interface BiffRun {
  from: number;
  font: number;
}

export interface BiffString {
  text: string;
  runs: BiffRun[];
}

const flag = { wide: 1, extended: 4, rich: 8 };
const maxStrings = 2_000_000;

/**
 * Reads the shared strings of a workbook, [MS-XLS] 2.4.265. A string may go on in the next record, whose
 * first byte then says anew if its letters take two bytes.
 * @param records the record and those that continue it
 */
export function readSharedStrings(records: readonly Buffer[]): BiffString[] {
  const input = new ContinuedBytes(records);
  input.skip(4);
  const count = Math.min(input.number(4), maxStrings);
  const strings: BiffString[] = [];
  while (strings.length < count && !input.ended) strings.push(readString(input));
  return strings;
}

function readString(input: ContinuedBytes): BiffString {
  const length = input.number(2);
  const flags = input.number(1);
  const count = (flags & flag.rich) === 0 ? 0 : input.number(2);
  const extended = (flags & flag.extended) === 0 ? 0 : input.number(4);
  const text = input.letters(length, (flags & flag.wide) !== 0);
  const runs: BiffRun[] = [];
  for (let index = 0; index < count && !input.ended; index++)
    runs.push({ from: input.number(2), font: input.number(2) });
  input.skip(extended);
  return { text, runs };
}

/** Bytes over several records. */
class ContinuedBytes {
  private record = 0;
  private at = 0;

  constructor(private readonly records: readonly Buffer[]) {}

  get ended(): boolean {
    return this.current() === undefined;
  }

  number(bytes: 1 | 2 | 4): number {
    let value = 0;
    for (let place = 0; place < bytes; place++) {
      value += (this.current()?.[this.at] ?? 0) * 2 ** (8 * place);
      this.at++;
    }
    return value;
  }

  skip(bytes: number): void {
    for (let left = bytes; left > 0;) {
      const record = this.current();
      if (!record) return;
      const step = Math.min(left, record.length - this.at);
      this.at += step;
      left -= step;
    }
  }

  letters(length: number, startsWide: boolean): string {
    let text = '';
    let wide = startsWide;
    while (text.length < length) {
      const before = this.record;
      const record = this.current();
      if (!record) break;
      if (this.record !== before && text !== '') wide = (this.number(1) & 1) === 1;
      const size = wide ? 2 : 1;
      const letters = Math.min(length - text.length, Math.floor((record.length - this.at) / size));
      text += record.toString(wide ? 'utf16le' : 'latin1', this.at, this.at + letters * size);
      // a record that ends within a letter is damaged
      this.at = letters === 0 ? record.length : this.at + letters * size;
    }
    return text;
  }

  /** The record at hand; the next one where it has been read to its end. */
  private current(): Buffer | undefined {
    while (this.record < this.records.length && this.at >= (this.records[this.record]?.length ?? 0)) {
      this.record++;
      this.at = 0;
    }
    return this.records[this.record];
  }
}
