import type { FoundPiece } from '../../shared/placed-text.js';
import type { Edit, PageText, WordedPiece } from './mends.js';

/** Share of a paragraph's line ends that must be breaks, so that it is a list of lines and no prose. */
const minShare = 0.75;
/** Height of a band of the page in points: pieces of one line lie in the same or the next one. */
const band = 6;
/** `Prepared by: S. Martinez` */
const labelled = /^[\p{Lu}\d][^:.!?\n]{0,40}:\s+\S/u;
/** A heading with so many labelled lines is a record. */
const minLabelled = 2;

interface Inside {
  piece: WordedPiece;
  place: FoundPiece;
}

interface Line {
  first: Inside;
  last: Inside;
  text: string;
}

/** The lines of a paragraph: pieces side by side belong to one. */
function readLines(inside: readonly Inside[]): Line[] {
  const lines: Line[] = [];
  for (const found of inside) {
    const line = lines.at(-1);
    const { piece } = found;
    const isBeside = line && Math.abs(piece.y - line.last.piece.y) < piece.height / 2;
    if (isBeside) {
      line.last = found;
      line.text += ` ${piece.text.trim()}`;
    } else lines.push({ first: found, last: found, text: piece.text.trim() });
  }
  return lines;
}

/** True for lines of labels and values that the layout has joined to a heading, since they are bold. */
export function isRecord(inside: readonly Inside[]): boolean {
  return readLines(inside).filter(({ text }) => labelled.test(text)).length >= minLabelled;
}

/** How far a line of the page could go on to the right. */
class Room {
  private readonly bands = new Map<number, number[]>();
  private readonly right: number;

  constructor(pieces: readonly WordedPiece[]) {
    let right = 0;
    for (const { x, y, width } of pieces) {
      right = Math.max(right, x + width);
      const key = Math.round(y / band);
      const starts = this.bands.get(key);
      if (starts) starts.push(x);
      else this.bands.set(key, [x]);
    }
    for (const starts of this.bands.values()) starts.sort((left, other) => left - other);
    this.right = right;
  }

  /** The right edge of the page's text, or the next column's left edge. */
  edgeFor({ x, y, width }: WordedPiece): number {
    const key = Math.round(y / band);
    const ends = x + width;
    const next = [key - 1, key, key + 1].map((at) => firstFrom(this.bands.get(at) ?? [], ends));
    return Math.min(this.right, ...next);
  }
}

/** The first of sorted numbers that is at least as large as another one; ∞ without. */
function firstFrom(sorted: number[], least: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return sorted[low] ?? Infinity;
}

/**
 * True when the next line begins like a new thing, and its first word would have had room: then somebody has
 * ended the line.
 */
function isBroken({ last: { piece } }: Line, next: Line, room: Room): boolean {
  if (/^[\p{Ll}\p{P}]/u.test(next.text)) return false;
  const [word = ''] = next.text.split(/\s/u, 1);
  const { width, text } = next.first.piece;
  const needed = (width * word.length) / Math.max(1, text.trim().length);
  return piece.x + piece.width + needed + piece.height < room.edgeFor(piece);
}

/**
 * Line breaks that the layout has taken out though somebody has made them: lines of an address, of a form, of
 * labels and values. In prose a line ends where the next word has no room.
 * @param others edits that make headings: their paragraphs stay as they are
 */
export function keepLineBreaks(page: PageText, others: Edit[]): Edit[] {
  const ordered = page.inOrder();
  const room = new Room(page.pieces);
  const parted = new Set(others.filter(({ text }) => /[#\n]/.test(text)).map(({ start }) => start));
  let at = 0;
  return splitParagraphs(page.markdown).flatMap(({ start, end, isHeading }) => {
    while ((ordered[at]?.place.end ?? Infinity) <= start) at += 1;
    let to = at;
    while ((ordered[to]?.place.start ?? Infinity) < end) to += 1;
    const inside = ordered.slice(at, to);
    const lines = readLines(inside);
    if (lines.length < 2 || (isHeading && !isRecord(inside))) return [];
    if (lines.some(({ first }) => parted.has(first.place.start)) || parted.has(start)) return [];
    const breaks = lines.slice(1).flatMap((next, place) => {
      const line = lines[place];
      return line && isBroken(line, next, room) ? breakBetween(page.markdown, line, next) : [];
    });
    return breaks.length >= minShare * (lines.length - 1) ? breaks : [];
  });
}

/** The one blank between two lines becomes a line break. */
function breakBetween(markdown: string, { last }: Line, { first }: Line): Edit[] {
  const [from, to] = [last.place.end, first.place.start];
  if (to <= from || to - from > 12) return [];
  const blank = /^[^\s\p{L}\p{N}]*( )[([{'"„“«¿¡*_~#$€£+\\-]*$/du.exec(markdown.slice(from, to))
    ?.indices?.[1];
  return blank ? [{ start: from + blank[0], end: from + blank[1], text: '\n' }] : [];
}

interface Paragraph {
  start: number;
  end: number;
  isHeading: boolean;
}

/** Lines of Markdown that are text; lists, tables, notes and code are left out. */
function splitParagraphs(markdown: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let [start, code] = [0, false];
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) code = !code;
    else if (!code && line.trim() !== '' && !/^(?:[|>]|[-*+•] |\d+[.)] |\[\^)/.test(line))
      paragraphs.push({ start, end: start + line.length, isHeading: line.startsWith('#') });
    start += line.length + 1;
  }
  return paragraphs;
}
