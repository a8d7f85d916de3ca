import type { ChunkPlace, PlacedLine, TextSource } from '../../common/chunk-place.js';
import type { ParsedPart, PlacedText } from '../parsing/parsed-document.js';

/** Pieces of a page that a chunk keeps; a usual one has about 30. */
const maxPieces = 500;

type Row = [start: number, end: number, row: number];

interface PlacedPart {
  part: ParsedPart;
  /** Start of the part in the text of the whole document. */
  start: number;
  end: number;
}

/**
 * Finds the place in the file for text of a document. Offsets count the characters of the parts' Markdown
 * joined by blank lines.
 */
export class DocumentPlaces {
  private readonly rowsOfTables = new WeakMap<ParsedPart, { rows: Row[]; columns: number[] }[]>();

  constructor(private readonly parts: PlacedPart[]) {}

  /**
   * @param headerLength characters of the content before the text from `start` on: a repeated table header
   */
  placeFor(start: number, end: number, headerLength: number): ChunkPlace | null {
    const touched = this.touched(start, end);
    const lines: PlacedLine[] = [];
    const sizes: ChunkPlace['sizes'] = {};
    const cells: NonNullable<ChunkPlace['cells']> = [];
    for (const { part, start: partStart } of touched) {
      const shift = headerLength + partStart - start;
      const [from, to] = [start - partStart, end - partStart];
      if (part.page !== null && part.size) sizes[part.page] = part.size;
      if (part.page !== null && part.places)
        lines.push(...placeLines(part.page, part.places, from, to, shift));
      for (const { rows, columns } of this.findTables(part)) {
        const found = within(rows, from, to).map(([a, b, row]): Row => [a + shift, b + shift, row]);
        if (found.length > 0) cells.push({ sheet: part.label ?? '', rows: found, columns });
      }
    }
    const source = findSource(touched);
    if (lines.length === 0 && cells.length === 0 && source === 'text') return null;
    return {
      source,
      ...(lines.length > 0 && { sizes, lines: lines.slice(0, maxPieces) }),
      ...(cells.length > 0 && { cells }),
    };
  }

  private touched(start: number, end: number): PlacedPart[] {
    const first = firstAfter(this.parts, start, (part) => part.end);
    const found: PlacedPart[] = [];
    for (let at = first; at < this.parts.length; at += 1) {
      const part = this.parts[at];
      if (!part || part.start >= end) break;
      found.push(part);
    }
    return found;
  }

  private findTables(part: ParsedPart): { rows: Row[]; columns: number[] }[] {
    const known = this.rowsOfTables.get(part);
    if (known) return known;
    const tables = (part.tables ?? []).map(({ start, rows, columns }) => ({
      rows: findRows(part.markdown, start, rows),
      columns,
    }));
    this.rowsOfTables.set(part, tables);
    return tables;
  }
}

/** A part of a line keeps its share of the line's width. */
function placeLines(
  page: number,
  places: PlacedText[],
  from: number,
  to: number,
  shift: number,
): PlacedLine[] {
  return within(places, from, to).map(([start, end, x, y, width, height]): PlacedLine => {
    const [first, last] = [Math.max(start, from), Math.min(end, to)];
    const share = width / (end - start);
    const left = x + (first - start) * share;
    return [first + shift, last + shift, page, left, y, (last - first) * share, height];
  });
}

/** Rows of a Markdown table: one a line, the second line is the rule. */
function findRows(markdown: string, start: number, numbers: number[]): Row[] {
  const rows: Row[] = [];
  let at = start;
  for (const [index, number] of numbers.entries()) {
    if (index === 1) at = lineEnd(markdown, at) + 1;
    const end = lineEnd(markdown, at);
    rows.push([at, end, number]);
    at = end + 1;
  }
  return rows;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** The pieces of a sorted list that touch a range. */
function within<T extends [number, number, ...unknown[]]>(pieces: T[], from: number, to: number): T[] {
  const found: T[] = [];
  for (let at = firstAfter(pieces, from, (piece) => piece[1]); at < pieces.length; at += 1) {
    const piece = pieces[at];
    if (!piece || piece[0] >= to) break;
    if (piece[1] > from) found.push(piece);
  }
  return found;
}

/** Index of the first element whose end is beyond `offset`. */
function firstAfter<T>(sorted: T[], offset: number, endOf: (element: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = sorted[middle];
    if (element !== undefined && endOf(element) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The least certain of the parts' sources. */
function findSource(parts: PlacedPart[]): TextSource {
  const sources = new Set(parts.map(({ part }) => part.source ?? 'text'));
  return sources.has('vision') ? 'vision' : sources.has('ocr') ? 'ocr' : 'text';
}
