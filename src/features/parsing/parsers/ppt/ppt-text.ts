import { withEffects } from '../shared/text-marks.js';
import type { Block } from '../shared/blocks.js';
import { recordType, type PptRecord } from './ppt-records.js';

/** Kinds of text, [MS-PPT] 2.13.33. */
export const textKind = {
  title: 0,
  body: 1,
  notes: 2,
  other: 4,
  subtitle: 5,
  centreTitle: 6,
  half: 7,
  quarter: 8,
};

export interface PptText {
  kind: number;
  /** Paragraphs from top to bottom, with their level of indentation. */
  paragraphs: { level: number; hasBullet: boolean | undefined; text: string }[];
}

interface Run {
  length: number;
  level: number;
  /** Undefined where the master slide decides. */
  hasBullet?: boolean | undefined;
  /** Per cent by which the letters are raised or lowered. */
  position: number;
}

/** Texts from records that follow one another: a header, the letters, and their style. */
export function readTexts(records: readonly PptRecord[]): PptText[] {
  const texts: { kind: number; letters: string; style: Buffer | null }[] = [];
  for (const { type, data } of records) {
    const open = texts.at(-1);
    // a placeholder without text keeps its place in the outline
    if (type === recordType.textHeader)
      texts.push({
        kind: data.length >= 4 ? data.readUInt32LE(0) : textKind.other,
        letters: '',
        style: null,
      });
    else if (!open) continue;
    else if (type === recordType.textChars) open.letters = data.toString('utf16le');
    else if (type === recordType.textBytes) open.letters = data.toString('latin1');
    else if (type === recordType.textStyle) open.style = data;
  }
  return texts.map(({ kind, letters, style }) => ({ kind, paragraphs: splitParagraphs(letters, style) }));
}

function splitParagraphs(letters: string, style: Buffer | null): PptText['paragraphs'] {
  const { levels, positions } = style ? readStyle(style, letters.length) : { levels: [], positions: [] };
  const paragraphs: PptText['paragraphs'] = [];
  let from = 0;
  for (const line of letters.split('\r')) {
    const run = runAt(levels, from);
    paragraphs.push({
      level: run?.level ?? 0,
      hasBullet: run?.hasBullet,
      text: drawn(line, from, positions).replaceAll('\v', '\n'),
    });
    from += line.length + 1;
  }
  return paragraphs.filter(({ text }) => text.trim() !== '');
}

/** The text with marks on its raised and lowered stretches. */
function drawn(line: string, start: number, positions: readonly Run[]): string {
  let text = '';
  for (let from = 0; from < line.length;) {
    const run = runAt(positions, start + from);
    const end = run ? Math.min(line.length, run.end - start) : line.length;
    const part = line.slice(from, Math.max(end, from + 1));
    text += withEffects(part, { raised: (run?.position ?? 0) > 0, lowered: (run?.position ?? 0) < 0 });
    from += part.length;
  }
  return text;
}

function runAt(runs: readonly Run[], place: number): (Run & { end: number }) | undefined {
  let end = 0;
  for (const run of runs) if (place < (end += run.length)) return { ...run, end };
  return undefined;
}

/** Runs of the paragraphs and of the letters, [MS-PPT] 2.9.44; both count a mark behind the last letter. */
function readStyle(style: Buffer, length: number): { levels: Run[]; positions: Run[] } {
  const reader = new StyleReader(style);
  const levels: Run[] = [];
  for (let covered = 0; covered <= length && reader.hasMore;) {
    const run = reader.paragraphRun();
    if (run.length === 0) break;
    levels.push(run);
    covered += run.length;
  }
  const positions: Run[] = [];
  for (let covered = 0; covered <= length && reader.hasMore;) {
    const run = reader.letterRun();
    if (run.length === 0) break;
    positions.push(run);
    covered += run.length;
  }
  return { levels, positions };
}

const bulletFlags = 0xf;
/** Bits of a mask, and the bytes of the field that each group of them brings along, in the order of the file. */
const beforeTabs: [mask: number, bytes: number][] = [
  [bulletFlags, 2],
  [0x80, 2],
  [0x10, 2],
  [0x40, 2],
  [0x20, 4],
  [0x800, 2],
  [0x1000, 2],
  [0x2000, 2],
  [0x4000, 2],
  [0x100, 2],
  [0x400, 2],
  [0x8000, 2],
];
const tabStops = 0x100000;
const afterTabs: [mask: number, bytes: number][] = [
  [0x10000, 2],
  [0xe0000, 2],
  [0x200000, 2],
];
const letterFields: [mask: number, bytes: number][] = [
  [0xffff, 2],
  [0x10000, 2],
  [0x200000, 2],
  [0x400000, 2],
  [0x800000, 2],
  [0x20000, 2],
  [0x40000, 4],
];
const hasPosition = 0x80000;

class StyleReader {
  private at = 0;

  constructor(private readonly style: Buffer) {}

  get hasMore(): boolean {
    return this.at + 8 <= this.style.length;
  }

  paragraphRun(): Run {
    const length = this.number(4);
    const level = Math.min(8, this.number(2));
    const mask = this.number(4);
    const flags =
      (mask & bulletFlags) === 0 ? 0 : this.style.readUIntLE(Math.min(this.at, this.style.length - 2), 2);
    const hasBullet = (mask & 1) === 0 ? undefined : (flags & 1) === 1;
    this.skip(beforeTabs, mask);
    if ((mask & tabStops) !== 0) this.at += this.number(2) * 4;
    this.skip(afterTabs, mask);
    return { length, level, hasBullet, position: 0 };
  }

  letterRun(): Run {
    const length = this.number(4);
    const mask = this.number(4);
    this.skip(letterFields, mask);
    const position =
      (mask & hasPosition) !== 0 && this.at + 2 <= this.style.length ? this.style.readInt16LE(this.at) : 0;
    if ((mask & hasPosition) !== 0) this.at += 2;
    return { length, level: 0, position };
  }

  private skip(fields: [mask: number, bytes: number][], mask: number): void {
    for (const [bits, bytes] of fields) if ((mask & bits) !== 0) this.at += bytes;
  }

  private number(bytes: 2 | 4): number {
    if (this.at + bytes > this.style.length) return 0;
    const value = this.style.readUIntLE(this.at, bytes);
    this.at += bytes;
    return value;
  }
}

/** A title, a list, or paragraphs, as the kind of text is shown. */
export function textBlocks({ kind, paragraphs }: PptText): Block[] {
  if (kind === textKind.title || kind === textKind.centreTitle) {
    const text = paragraphs.map((one) => one.text.replaceAll('\n', ' ')).join(' ');
    return text.trim() === '' ? [] : [{ kind: 'heading', level: 1, text }];
  }
  const isList = kind === textKind.body || kind === textKind.half || kind === textKind.quarter;
  return paragraphs.map(({ level, hasBullet, text }) =>
    (hasBullet ?? (isList || level > 0))
      ? { kind: 'item', depth: level, marker: null, text }
      : { kind: 'text', text },
  );
}
