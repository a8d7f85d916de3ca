import { findPieces, type FoundPiece, type PagePiece } from '../../shared/placed-text.js';
import { marked } from '../../shared/text-marks.js';
import type { KeepsHyphen } from '../text/hyphens.js';
import type { ShiftedRun } from '../file/shifted.js';
import type { TagOwner } from '../structure/tags.js';

/** A stretch of Markdown and its replacement. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A piece with its weight and its words, if the reader reports them. */
export type WordedPiece = PagePiece & {
  /** Height of most of its letters: raised and lowered ones make the piece taller. */
  size?: number;
  bold?: boolean;
  code?: boolean;
  /** Name of the typeface. */
  face?: string;
  turned?: boolean;
  /** Its place in the structure tree, and the number of its marked content. */
  tag?: TagOwner | undefined;
  mark?: number | undefined;
  words?: PagePiece[];
};

/** The Markdown of a page with the pieces that it was made of. */
export class PageText {
  readonly found: (FoundPiece | null)[];

  constructor(
    readonly markdown: string,
    readonly pieces: WordedPiece[],
  ) {
    this.found = findPieces(markdown, pieces);
  }

  /** Found pieces with their places, in the order of the Markdown. */
  inOrder(): { piece: WordedPiece; place: FoundPiece }[] {
    return this.pieces
      .flatMap((piece, index) => {
        const place = this.found[index];
        return place ? [{ piece, place }] : [];
      })
      .sort((a, b) => a.place.start - b.place.start);
  }
}

/** Makes the edits; of two that overlap the first one counts. */
export function withEdits(markdown: string, edits: Edit[]): string {
  let text = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    text += markdown.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + markdown.slice(at);
}

/** Keeps the hyphens that belong to words divided between lines, and takes the other ones away. */
export function mendHyphens(page: PageText, keeps: KeepsHyphen): Edit[] {
  const edits: Edit[] = [];
  const ordered = page.inOrder();
  for (const [index, { piece, place }] of ordered.entries()) {
    const before = /([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)[-\u2010\u00ad]\s*$/u.exec(piece.text)?.[1];
    const next = ordered[index + 1];
    const after = /^\s*([\p{L}\p{N}]+)/u.exec(next?.piece.text ?? '')?.[1];
    if (before === undefined || after === undefined || !next) continue;
    const between = page.markdown.slice(place.end, next.place.start);
    if (!/^[-\u2010\u00ad]?[ \n]?$/.test(between) || next.piece.y < piece.y + piece.height / 2) continue;
    const soft = piece.text.trimEnd().endsWith('\u00ad') || !keeps(before, after);
    edits.push({ start: place.end, end: next.place.start, text: soft ? '' : '-' });
  }
  return edits.filter(({ start, end, text }) => page.markdown.slice(start, end) !== text);
}

/** Runs of a page: each is compared with every piece of text. */
const maxRuns = 1000;

/** Marks superscripts and subscripts. A footnote begins a line of its own. */
export function markShifted(page: PageText, runs: ShiftedRun[]): Edit[] {
  return runs.slice(0, maxRuns).flatMap((run) => {
    const index = pieceAt(page.pieces, run);
    const place = page.found[index];
    const piece = page.pieces[index];
    if (!place || !piece || piece.turned) return [];
    const found = occurrence(page.markdown, run, place, (run.x - piece.x) / Math.max(piece.width, 1));
    if (!found) return [];
    const edit = { ...found, text: marked(run.kind, run.text) };
    const startsLine = run.before === '' && beginsLine(page.pieces, piece, run) && run.text.length <= 3;
    if (!startsLine || page.markdown[found.start - 1] !== ' ') return [edit];
    return [{ ...edit, start: found.start - 1, text: `\n\n${edit.text}` }];
  });
}

function pieceAt(pieces: PagePiece[], { x, y }: ShiftedRun): number {
  return pieces.findIndex(
    (piece) =>
      x >= piece.x - 1 &&
      x <= piece.x + piece.width + 1 &&
      y >= piece.y - 2 &&
      y <= piece.y + piece.height + 2,
  );
}

/**
 * The place of the run in the Markdown of its piece: of several places the nearest to its share of the width.
 * The blanks that the layout puts around a run belong to it.
 */
function occurrence(
  markdown: string,
  { before, text }: ShiftedRun,
  place: FoundPiece,
  share: number,
): FoundPiece | null {
  const from = Math.max(0, place.start - before.length - 1);
  const region = plainMinus(markdown.slice(from, place.end + text.length));
  const aim = share * (place.end - place.start);
  for (const wanted of (before === '' ? [text] : [before + text, `${before} ${text}`]).map(plainMinus)) {
    let best = -1;
    for (let at = region.indexOf(wanted); at >= 0; at = region.indexOf(wanted, at + 1))
      if (best < 0 || Math.abs(at - aim) < Math.abs(best - aim)) best = at;
    if (best < 0) continue;
    const end = from + best + wanted.length;
    const blank = / [.,;:)!?]/.test(markdown.slice(end, end + 2)) ? 1 : 0;
    // an isotope belongs to the letter after it: `the 14C age`
    const isBeforeLetter = /^\p{L}/u.test(markdown.slice(end, end + 2));
    const start = isBeforeLetter ? end - text.length : from + best + before.length;
    return { start, end: end + blank };
  }
  return null;
}

/** The layout writes the minus sign of mathematics as a hyphen. */
const plainMinus = (text: string): string => text.replaceAll('\u2212', '-');

function beginsLine(pieces: PagePiece[], own: PagePiece, { x }: ShiftedRun): boolean {
  if (x > own.x + own.height) return false;
  return !pieces.some(
    (piece) =>
      piece !== own &&
      piece.x < own.x &&
      own.x - (piece.x + piece.width) < 20 &&
      piece.y < own.y + own.height &&
      piece.y + piece.height > own.y,
  );
}

/** Words whose letters are set apart, `T e r m s`, as words again. Their gaps tell where a word ends. */
export function joinSpacedLetters(page: PageText): Edit[] {
  const spaced = page.pieces.filter(({ words = [] }) => words.length >= 4 && words.every(isLetter));
  if (spaced.length === 0) return [];
  return page.pieces.flatMap((piece, index) => {
    const place = page.found[index];
    const words = piece.words ?? [];
    const inLine = spaced.some(({ y, height }) => Math.abs(y - piece.y) < height / 2);
    if (!place || !inLine || words.length < 2 || !words.every(isLetter)) return [];
    const gaps = words.slice(1).map((word, at) => word.x - (words[at]?.x ?? 0) - (words[at]?.width ?? 0));
    const usual = Math.min(...gaps);
    const text = words
      .map((word, at) => ((gaps[at - 1] ?? 0) > usual * 1.6 + 1 ? ' ' : '') + word.text)
      .join('');
    const before = page.pieces[index - 1];
    const gap = before ? piece.x - before.x - before.width : Infinity;
    const first = before && isLetter(before) && gap < usual * 1.3 + 1 ? page.found[index - 1] : null;
    if (!first || first.start > place.start) return [{ start: place.start, end: place.end, text }];
    return [{ start: first.start, end: place.end, text: (before?.text.trim() ?? '') + text }];
  });
}

const isLetter = ({ text }: PagePiece): boolean => /^[\p{L}\p{N}]\p{M}*$/u.test(text.trim());

/** Text that runs up or down the page, which the layout leaves out; its letters come one by one. */
export function turnedLines({ pieces, markdown }: PageText): string[] {
  const lines: { text: string; last: WordedPiece }[] = [];
  for (const piece of pieces.filter(({ turned }) => turned)) {
    const line = lines.at(-1);
    const gap = line ? distanceBetween(line.last, piece) : Infinity;
    if (!line || Math.abs(line.last.x - piece.x) > 2 || gap > piece.width * 1.5)
      lines.push({ text: piece.text.trim(), last: piece });
    else {
      line.text += (gap > piece.width * 0.12 ? ' ' : '') + piece.text.trim();
      line.last = piece;
    }
  }
  const texts = lines.map(({ text }) => text);
  return [...new Set(texts)].filter((text) => /[\p{L}\p{N}]{2}/u.test(text) && !markdown.includes(text));
}

/** Share of the text's height from which a gap between letters is a blank. */
const turnedBlank = 0.15;

/** The text of a turned line, whose letters the layout hands over one by one, with blanks by their gaps. */
export function joinTurnedLetters({ text, words = [] }: { text: string; words?: PagePiece[] }): string {
  if (words.length < 4 || !words.every(isSingle)) return text;
  return words.reduce((joined, word, at) => {
    const before = words[at - 1];
    const isBlank = before !== undefined && distanceBetween(before, word) > word.width * turnedBlank;
    return joined + (isBlank ? ' ' : '') + word.text.trim();
  }, '');
}

const isSingle = ({ text }: PagePiece): boolean => /^\S\p{M}*$/u.test(text.trim());

/** Points between two pieces above one another. */
function distanceBetween(one: PagePiece, other: PagePiece): number {
  return Math.max(other.y - one.y - one.height, one.y - other.y - other.height);
}
