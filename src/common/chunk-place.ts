import { z } from 'zod';

/** How a text was read from its file. */
export const TextSource = z.enum(['text', 'ocr', 'vision']);
export type TextSource = z.infer<typeof TextSource>;

/** A rectangle on a page in points, origin top left. */
export const PageBox = z.object({
  page: z.int().positive(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
});
export type PageBox = z.infer<typeof PageBox>;

/**
 * The place of a chunk's content in its file. Offsets count the characters of the content; ends are
 * exclusive.
 */
export interface ChunkPlace {
  source: TextSource;
  /** Width and height in points of each page that the chunk touches. */
  sizes?: Record<string, [width: number, height: number]> | undefined;
  /** Start, end, page, x, y, width and height of each piece of text, in order. */
  lines?: PlacedLine[] | undefined;
  cells?: PlacedRows[] | undefined;
}

/** The same, for a place that somebody else wrote. */
export const ChunkPlace: z.ZodType<ChunkPlace> = z.object({
  source: TextSource,
  sizes: z.record(z.string(), z.tuple([z.number(), z.number()])).optional(),
  lines: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]))
    .optional(),
  cells: z
    .array(
      z.object({
        sheet: z.string(),
        rows: z.array(z.tuple([z.number(), z.number(), z.number()])),
        columns: z.array(z.number()),
      }),
    )
    .optional(),
});
export type PlacedLine = [
  start: number,
  end: number,
  page: number,
  x: number,
  y: number,
  width: number,
  height: number,
];
/**
 * Rows of one table of a sheet: start, end and row in the
 * sheet (from 1), and the columns of its cells (from 0).
 */
interface PlacedRows {
  sheet: string;
  rows: [start: number, end: number, row: number][];
  columns: number[];
}

/** Characters of a content, end exclusive. */
export interface TextRange {
  start: number;
  end: number;
}

const space = /[\s\u200b\ufeff]/u;

/**
 * Finds a quote in a content, with white space folded on both sides; null when it is not there. Takes linear
 * time.
 */
export function findQuote(quote: string, content: string): TextRange | null {
  const wanted = folded(quote).text;
  if (wanted === '') return null;
  const { text, offsets } = folded(content);
  const at = text.indexOf(wanted);
  if (at < 0) return null;
  return { start: offsets[at] ?? 0, end: (offsets[at + wanted.length - 1] ?? 0) + 1 };
}

/**
 * Folds every run of white space to one space and trims both ends. `offsets` gives the original place of each
 * character.
 */
function folded(source: string): { text: string; offsets: number[] } {
  let text = '';
  const offsets: number[] = [];
  let gap = false;
  for (let at = 0; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (space.test(character)) {
      gap = text !== '';
      continue;
    }
    if (gap) offsets.push(at - 1);
    text += gap ? ` ${character}` : character;
    offsets.push(at);
    gap = false;
  }
  return { text, offsets };
}

/** The boxes of a part of a content, one for each line. */
export const findBoxes = (place: ChunkPlace | null, range: TextRange): PageBox[] =>
  findTextBoxes(place, range).map(({ start: _start, end: _end, ...box }) => box);

/** A box with the characters of the content that it shows. */
export type TextBox = PageBox & TextRange;

/** The boxes of a part of a content, one for each line, with the characters of each. */
export function findTextBoxes(place: ChunkPlace | null, { start, end }: TextRange): TextBox[] {
  const boxes: TextBox[] = [];
  for (const [from, to, page, x, y, width, height] of place?.lines ?? []) {
    if (to <= start || from >= end || to <= from) continue;
    const [first, last] = [Math.max(start, from), Math.min(end, to)];
    const share = width / (to - from);
    const box = {
      page,
      x: x + (first - from) * share,
      y,
      width: (last - first) * share,
      height,
      start: first,
      end: last,
    };
    const before = boxes.at(-1);
    if (before && areBeside(before, box)) Object.assign(before, hull(before, box), { end: last });
    else boxes.push(box);
  }
  return boxes.map(rounded);
}

/** True when a box continues another one on the same line. */
function areBeside(left: PageBox, right: PageBox): boolean {
  const overlap = Math.min(left.y + left.height, right.y + right.height) - Math.max(left.y, right.y);
  const gap = right.x - (left.x + left.width);
  const height = Math.min(left.height, right.height);
  return left.page === right.page && overlap > height / 2 && gap > -2 * height && gap < 2 * height;
}

function hull(a: PageBox, b: PageBox): Omit<PageBox, 'page'> {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

const rounded = ({ page, x, y, width, height, start, end }: TextBox): TextBox => {
  const round = (points: number): number => Math.round(points * 10) / 10;
  return { start, end, page, x: round(x), y: round(y), width: round(width), height: round(height) };
};

/**
 * The cells of a part of a content in the notation of spreadsheets, `Sheet1!B7:D7`; null outside of tables.
 */
export function findCells(
  place: ChunkPlace | null,
  content: string,
  { start, end }: TextRange,
): string | null {
  for (const { sheet, rows, columns } of place?.cells ?? []) {
    const touched = rows.filter(([from, to]) => to > start && from < end);
    const spans = touched.map(([from, to, row]) => ({
      row,
      first: columnAt(content, from, Math.max(from, start), columns),
      last: columnAt(content, from, Math.min(to, end) - 1, columns),
    }));
    if (spans.length === 0) continue;
    const top = Math.min(...spans.map(({ row }) => row));
    const bottom = Math.max(...spans.map(({ row }) => row));
    const left = Math.min(...spans.map(({ first }) => first));
    const right = Math.max(...spans.map(({ last }) => last));
    const corner = `${columnName(left)}${top}`;
    const opposite = `${columnName(right)}${bottom}`;
    const cells = corner === opposite ? corner : `${corner}:${opposite}`;
    return sheet === '' ? cells : `${sheetName(sheet)}!${cells}`;
  }
  return null;
}

/** The column of the cell that a character of a Markdown row belongs to. */
function columnAt(content: string, rowStart: number, at: number, columns: number[]): number {
  const before = content.slice(rowStart, at).match(/(?<!\\)\|/g)?.length ?? 0;
  const place = Math.min(Math.max(before - 1, 0), columns.length - 1);
  return columns[place] ?? 0;
}

/** 0 is A, 26 is AA. */
function columnName(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

const sheetName = (name: string): string =>
  /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name) ? name : `'${name.replaceAll("'", "''")}'`;
