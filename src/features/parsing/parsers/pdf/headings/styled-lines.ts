import { snapSizes } from '../text/font-sizes.js';
import type { WordedPiece } from '../markdown/mends.js';

/** Pieces of one line without a wide gap between them. */
export interface StyledLine {
  pieces: WordedPiece[];
  text: string;
  left: number;
  right: number;
  top: number;
  size: number;
  bold: boolean;
  code: boolean;
  /** Typeface and size of nearly all letters; null for a line of several styles. */
  style: string | null;
  /** The styles of its pieces. */
  styles: ReadonlySet<string>;
}

/** Share of the letters of a line that must have one style. */
const minPure = 0.9;
/** Heights of a piece: a wider gap parts columns and cells, and a number from its title. */
const maxGap = 1;
const maxGapOfNumber = 3;
/** Lines that are looked at for the one above or below another, and the heights between the two. */
const maxSteps = 12;
const maxDistance = 4;

const roughSize = ({ size, height }: WordedPiece): number => Math.round((size ?? height) * 5) / 5;

/** The sizes in which a document uses its typefaces. */
export class StyleSizes {
  private readonly letters = new Map<string, Map<number, number>>();
  private readonly snapped = new Map<string, number>();

  constructor(pages: readonly (readonly WordedPiece[])[]) {
    for (const pieces of pages)
      for (const piece of pieces) {
        const { face = '', text } = piece;
        const own = this.letters.get(face) ?? new Map<number, number>();
        own.set(roughSize(piece), (own.get(roughSize(piece)) ?? 0) + text.trim().length);
        this.letters.set(face, own);
      }
    for (const [face, own] of this.letters)
      for (const [size, near] of snapSizes(own)) this.snapped.set(`${size} ${face}`, near);
  }

  of(piece: WordedPiece): number {
    const rough = roughSize(piece);
    return this.snapped.get(`${rough} ${piece.face ?? ''}`) ?? rough;
  }
}

/** The lines of a page with their styles, and the lines above and below each. */
export class StyledPage {
  readonly lines: StyledLine[];
  private readonly places: Map<StyledLine, number>;

  constructor(pieces: readonly WordedPiece[], sizes: StyleSizes) {
    this.lines = readRows(pieces).flatMap((row) => splitRow(row).map((own) => makeLine(own, sizes)));
    this.places = new Map(this.lines.map((line, index) => [line, index]));
  }

  /** The next line in the same column. */
  below(line: StyledLine): StyledLine | null {
    return this.neighbour(line, 1);
  }

  above(line: StyledLine): StyledLine | null {
    return this.neighbour(line, -1);
  }

  private neighbour(line: StyledLine, way: 1 | -1): StyledLine | null {
    const from = this.places.get(line) ?? 0;
    for (let at = from + way; Math.abs(at - from) <= maxSteps; at += way) {
      const other = this.lines[at];
      if (!other) return null;
      const distance = (other.top - line.top) * way;
      if (distance > line.size * maxDistance) return null;
      if (distance > line.size * 0.5 && other.left < line.right && line.left < other.right) return other;
    }
    return null;
  }
}

function readRows(pieces: readonly WordedPiece[]): WordedPiece[][] {
  const visible = pieces
    .filter(({ text, turned, height }) => text.trim() !== '' && !turned && height > 0)
    .toSorted((a, b) => bottomOf(a) - bottomOf(b) || a.x - b.x);
  const rows: WordedPiece[][] = [];
  for (const piece of visible) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (first && bottomOf(piece) - bottomOf(first) < Math.min(piece.height, first.height) * 0.4)
      row?.push(piece);
    else rows.push([piece]);
  }
  return rows.map((row) => row.toSorted((a, b) => a.x - b.x));
}

const bottomOf = ({ y, height }: WordedPiece): number => y + height;

function splitRow(row: readonly WordedPiece[]): WordedPiece[][] {
  const groups: WordedPiece[][] = [];
  for (const piece of row) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const isNumber = last && group?.length === 1 && /^[\dA-Z.§]{1,8}$/.test(last.text.trim());
    const gap = last ? piece.x - last.x - last.width : Infinity;
    if (gap < piece.height * (isNumber ? maxGapOfNumber : maxGap)) group?.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

function makeLine(pieces: WordedPiece[], sizes: StyleSizes): StyledLine {
  const [only, second] = pieces;
  if (only && !second) return lineOfOne(only, sizes);
  const letters = new Map<string, number>();
  const keys = pieces.map((piece) => `${sizes.of(piece)} ${piece.face ?? ''}`);
  let all = 0;
  for (const [index, { text }] of pieces.entries()) {
    const key = keys[index] ?? '';
    all += text.trim().length;
    letters.set(key, (letters.get(key) ?? 0) + text.trim().length);
  }
  const [style = '', most = 0] = [...letters].sort(([, a], [, b]) => b - a)[0] ?? [];
  const own = pieces[keys.indexOf(style)];
  return {
    pieces,
    text: pieces.map(({ text }) => text.trim()).join(' '),
    left: pieces[0]?.x ?? 0,
    right: Math.max(...pieces.map(({ x, width }) => x + width)),
    top: Math.min(...pieces.map(({ y }) => y)),
    size: own ? sizes.of(own) : 0,
    bold: own?.bold ?? false,
    code: own?.code ?? false,
    style: most >= all * minPure ? style : null,
    styles: new Set(letters.keys()),
  };
}

/** Most lines are one piece. */
function lineOfOne(piece: WordedPiece, sizes: StyleSizes): StyledLine {
  const { text, x, y, width, face = '', bold = false, code = false } = piece;
  const size = sizes.of(piece);
  const style = `${size} ${face}`;
  return {
    pieces: [piece],
    text: text.trim(),
    left: x,
    right: x + width,
    top: y,
    size,
    bold,
    code,
    style,
    styles: new Set([style]),
  };
}
