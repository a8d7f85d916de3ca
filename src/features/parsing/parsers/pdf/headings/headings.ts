import { isRecord } from '../markdown/line-breaks.js';
import type { FoundPiece } from '../../shared/placed-text.js';
import type { Edit, PageText, WordedPiece } from '../markdown/mends.js';

const maxCharacters = 140;
const maxWords = 18;
/** Headings that the layout did not see are shorter. */
const maxNewWords = 10;
/** Headings of several lines are longer. */
const maxTitleWords = 26;
const minLarger = 1.1;
/** Heights of a line from one line of a paragraph to the next. */
const maxLeading = 1.35;
/** A bold line of fewer words is a heading; pieces after it that are looked at. */
const minWordsOfLine = 6;
const linesAfter = 2;
/** Share of a heading's letters that are larger than the text or bold. */
const minShown = 0.6;

export const caption =
  /^(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)?|tabelle|figura|tableau|chart|photo|source|quelle)\s*[\dIVX]+\b/i;
const bullet = /^[-–—•‣▪■●○◦▶➢✓]\s/u;
/** Points of a list that the layout has joined. */
const bullets = /\S\s+[•‣▪■●○◦▶➢✓]\s/u;
/** Assignments, calls one after another, placeholders, and ends of statements. */
const code = /;$|\s:?=\s|\w\([^()]*\)\s+\w+\(|\\?<\w[\w /:-]*>/;
/** A bracket or a quotation opens and the line ends. */
const unfinished = /(?:[([{«„“‘]|\s['"]|[([]['"])$/u;
const isNoHeading = (text: string): boolean =>
  bullets.test(text) || code.test(text) || unfinished.test(text.trim());
const numbered =
  /^(?:\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.|§\s?\d+|chapter|section|appendix|kapitel|anhang|annex)\s+\p{L}/iu;

/** Learns the size and weight of the running text while a document is read. */
export class TextStyles {
  /** True once the structure tree of the document has named a heading. */
  hasTaggedHeadings = false;
  private readonly letters = new Map<string, number>();
  private readonly faces = new Map<string, number>();

  add(pieces: WordedPiece[]): void {
    for (const piece of pieces) {
      const { bold, text, face = '' } = piece;
      this.faces.set(face, (this.faces.get(face) ?? 0) + text.length);
      const style = `${Math.round(sizeOf(piece) * 2) / 2} ${bold === true}`;
      this.letters.set(style, (this.letters.get(style) ?? 0) + text.length);
    }
  }

  /** Tells if a piece is larger than the running text, or bold where that is not. */
  showsHeading(piece: WordedPiece): boolean {
    if (piece.code) return false;
    const [, weight] = this.common().split(' ');
    return this.isLarger(piece) || (piece.bold === true && weight !== 'true');
  }

  isLarger(piece: WordedPiece): boolean {
    const [size = '0'] = this.common().split(' ');
    return sizeOf(piece) >= Number(size) * minLarger;
  }

  /** Tells if a piece is set in another typeface than the running text, and not smaller. */
  isDistinct(piece: WordedPiece): boolean {
    const { face = '', code } = piece;
    const [size = '0'] = this.common().split(' ');
    const isUsual = face === '' || face === mostFrequent(this.faces, '');
    return !code && !isUsual && sizeOf(piece) >= Number(size) * 0.95;
  }

  /** Tells if nothing is known of a piece's typeface: its size is then not known either. */
  isUnknown(piece: WordedPiece | undefined): boolean {
    return piece?.face === '' && mostFrequent(this.faces, '') !== '';
  }

  private common(): string {
    return mostFrequent(this.letters, '0 false');
  }
}

const sizeOf = ({ size, height }: WordedPiece): number => size ?? height;

function mostFrequent(counts: ReadonlyMap<string, number>, otherwise: string): string {
  let [best, most] = [otherwise, 0];
  for (const [name, count] of counts) if (count > most) [best, most] = [name, count];
  return best;
}

interface Block {
  start: number;
  end: number;
  /** The text without heading marks. */
  text: string;
  marks: string;
}

/**
 * Removes wrong heading marks, ends headings that run into their text, and marks headings that the layout
 * missed.
 */
export function mendHeadings(page: PageText, styles: TextStyles): Edit[] {
  const ordered = page.inOrder();
  let at = 0;
  return splitBlocks(page.markdown).flatMap((block) => {
    const inside: { piece: WordedPiece; place: FoundPiece }[] = [];
    while ((ordered[at]?.place.end ?? Infinity) <= block.start) at += 1;
    for (let next = at; (ordered[next]?.place.start ?? Infinity) < block.end; next += 1) {
      const found = ordered[next];
      if (found) inside.push(found);
    }
    const shown = inside.map(({ piece }) => styles.showsHeading(piece));
    const after = ordered.slice(at + inside.length, at + inside.length + linesAfter);
    if (block.marks !== '' && runsOn(block.text, inside, after, styles))
      return [
        { start: block.start, end: block.start + block.marks.length, text: '' },
        { start: block.end, end: after[0]?.place.start ?? block.end, text: ' ' },
      ];
    if (block.marks !== '')
      return doubtedHeading(
        block,
        inside,
        shown.map((is, at) => is || styles.isUnknown(inside[at]?.piece)),
      );
    const missed = missedHeading(block, inside, shown);
    if (missed.length > 0) return missed;
    const swallowed = swallowedHeadings(page.markdown, inside, shown, (text) => numbered.test(text));
    if (swallowed.length > 0) return swallowed;
    // a line in another typeface is a heading only where it reads like one
    const distinct = inside.map(({ piece }) => styles.isDistinct(piece));
    return swallowedHeadings(page.markdown, inside, distinct, () => false, isTitleLike);
  });
}

interface Inside {
  piece: WordedPiece;
  place: FoundPiece;
}

/** Headings that stand on lines of their own within a block: the layout joined them with the text around. */
function swallowedHeadings(
  markdown: string,
  inside: Inside[],
  shown: boolean[],
  isSure: (text: string) => boolean,
  mayBe: (text: string) => boolean = () => true,
): Edit[] {
  const edits: Edit[] = [];
  const right = Math.max(...inside.map(({ piece }) => piece.x + piece.width));
  for (let from = shown.indexOf(true); from >= 0; from = shown.indexOf(true, from)) {
    let to = from;
    while (shown[to + 1]) to += 1;
    const run = inside.slice(from, to + 1);
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) break;
    const standsAlone = isNewLine(inside[from - 1], first) && isNewLine(last, inside[to + 1]);
    const [start, end] = wordEdges(markdown, first.place.start, last.place.end);
    const text = markdown.slice(start, end);
    if (
      standsAlone &&
      isHeadingText(text) &&
      mayBe(text) &&
      !standsInColumns(run) &&
      (isSure(text) || endsEarly(run, right))
    )
      edits.push(
        {
          start,
          end: start,
          text: `${from > 0 ? '\n\n' : ''}${marksFor(text)} `,
        },
        ...(to + 1 < inside.length ? [{ start: end, end, text: '\n\n' }] : []),
      );
    from = to + 1;
  }
  return edits;
}

/**
 * Tells if a bold line is the first line of a paragraph: it is as wide as the next lines, which follow at
 * once.
 * @param after the pieces behind it
 */
function runsOn(text: string, inside: Inside[], after: Inside[], styles: TextStyles): boolean {
  const [first, last] = [inside[0]?.piece, inside.at(-1)?.piece];
  const [next, second] = after;
  if (!first || !last || !next || !second || text.split(' ').length < minWordsOfLine) return false;
  const lines = new Set(inside.map(({ piece }) => Math.round(piece.y))).size;
  if (lines !== 1 || inside.some(({ piece }) => styles.isLarger(piece))) return false;
  const follows = [
    [last, next.piece],
    [next.piece, second.piece],
  ].every(([above, below]) => above && below && isNextLine(above, below));
  const right = Math.max(...after.slice(0, 2).map(({ piece }) => piece.x + piece.width));
  return follows && !next.piece.bold && last.x + last.width > right - last.height * 4;
}

function isNextLine(above: WordedPiece, below: WordedPiece): boolean {
  const pitch = below.y - above.y;
  return pitch > above.height * 0.5 && pitch < above.height * maxLeading;
}

/** With the marks around its words, which pieces are not found by. */
function wordEdges(markdown: string, from: number, to: number): [start: number, end: number] {
  const before = /\S*$/.exec(markdown.slice(Math.max(0, from - 8), from))?.[0].length ?? 0;
  const after = /^\S*/.exec(markdown.slice(to, to + 8))?.[0].length ?? 0;
  return [from - before, to + after];
}

function isNewLine(before: Inside | undefined, after: Inside | undefined): boolean {
  if (!before || !after) return true;
  return Math.abs(after.piece.y - before.piece.y) > Math.min(before.piece.height, after.piece.height) / 2;
}

/** The last line of a heading leaves room; a bold sentence fills its line. */
function endsEarly(run: Inside[], right: number): boolean {
  const last = run.at(-1)?.piece;
  const lines = new Set(run.map(({ piece }) => Math.round(piece.y))).size;
  return last !== undefined && lines <= 2 && last.x + last.width < right - last.height * 2;
}

function isHeadingText(text: string): boolean {
  return (
    !text.includes('\n') &&
    !bullet.test(text) &&
    isShort(text, maxNewWords) &&
    !/[.,:;!?|]$/.test(text.trim()) &&
    !caption.test(text) &&
    !isNoHeading(text) &&
    /^[^\p{Ll}]/u.test(text) &&
    /\p{L}{2}/u.test(text)
  );
}

/** Tells if a text reads like a heading, however long it is. */
export function isTitleText(text: string): boolean {
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return (
    isShort(text, maxTitleWords) &&
    !bullet.test(text) &&
    !/[.,:;|]$/.test(text.trim()) &&
    !/[@=<>]|https?:|www\.|\p{Lu}_\p{Lu}.*\(/u.test(text) &&
    !caption.test(text) &&
    !isNoHeading(text) &&
    /^[^\p{Ll}]/u.test(text) &&
    /\p{L}{3}/u.test(text) &&
    letters >= text.replace(/\s/g, '').length * 0.8
  );
}

/** The level of a heading by its number; null without. */
export function levelOfNumber(text: string): number | null {
  const number = /^(\d+(?:\.\d+)*)\.?\s+\p{L}/u.exec(text)?.[1];
  return number === undefined ? null : Math.min(6, 1 + number.split('.').length);
}

/** Numbered, or most of its words have capitals. */
function isTitleLike(text: string): boolean {
  if (numbered.test(text) || /^\(\d{1,2}\)\s/.test(text)) return true;
  const words = text.match(/\p{L}{4,}/gu) ?? [];
  return words.length > 0 && words.filter((word) => /^\p{Lu}/u.test(word)).length >= words.length * 0.7;
}

/** `2.1` is a level below `2`; headings without a number stand below the title. */
function marksFor(text: string): string {
  const depth = /^\d+((?:\.\d+)*)/.exec(text)?.[1]?.split('.').length ?? 1;
  return '#'.repeat(Math.min(6, 1 + depth));
}

function doubtedHeading(
  block: Block,
  inside: { piece: WordedPiece; place: FoundPiece }[],
  shown: boolean[],
): Edit[] {
  const { text, start, marks } = block;
  const demoted = [{ start, end: start + marks.length, text: '' }];
  if (bullet.test(text)) return [{ start, end: start + marks.length + 1, text: '-' }];
  if (!/\p{L}{2}/u.test(text) || caption.test(text) || text.includes('@')) return demoted;
  if (isNoHeading(text)) return demoted;
  if (inside.length === 0) return [];
  if (standsInColumns(inside) || isRecord(inside)) return demoted;
  const first = shown.indexOf(false);
  const last = inside[first - 1];
  const next = inside[first];
  const share = computeShare(inside, shown);
  const before = last ? block.text.slice(0, last.place.end - start - marks.length) : '';
  if (last && next && share < 0.9 && !shown.slice(first).includes(true) && isShort(before, maxNewWords))
    return [{ start: next.place.start, end: next.place.start, text: '\n\n' }];
  const isTitle = numbered.test(text) || text === text.toUpperCase();
  if (share < minShown && !(isTitle && isShort(text, maxNewWords))) return demoted;
  return isShort(text, maxWords) ? [] : demoted;
}

function missedHeading(
  { text, start, end }: Block,
  inside: { piece: WordedPiece; place: FoundPiece }[],
  shown: boolean[],
): Edit[] {
  const [first] = inside;
  if (!first || computeShare(inside, shown) < 0.95 || !isShort(text, maxNewWords) || /[.,:;!?]$/.test(text))
    return [];
  if (standsInColumns(inside) || isNoHeading(text)) return [];
  const oneLine = inside.every(({ piece }) => Math.abs(piece.y - first.piece.y) < first.piece.height / 2);
  if (!oneLine || caption.test(text) || !/^[\p{Lu}\d§]/u.test(text) || !/\p{L}{3}/u.test(text)) return [];
  return end - start === text.length ? [{ start, end: start, text: '## ' }] : [];
}

/** The head of a table is bold too, but its words stand apart. A number may stand apart from its title. */
function standsInColumns(inside: { piece: WordedPiece }[]): boolean {
  return inside.slice(1).some(({ piece }, index) => {
    const before = inside[index]?.piece;
    if (!before || (index === 0 && /^[\dA-Z.§]+$/.test(before.text.trim()))) return false;
    const sameLine = Math.abs(before.y - piece.y) < piece.height / 2;
    return sameLine && piece.x - before.x - before.width > piece.height * 1.8;
  });
}

function computeShare(inside: { piece: WordedPiece }[], shown: boolean[]): number {
  let [larger, all] = [0, 0];
  for (const [index, { piece }] of inside.entries()) {
    all += piece.text.length;
    if (shown[index]) larger += piece.text.length;
  }
  return all === 0 ? 0 : larger / all;
}

function isShort(text: string, words: number): boolean {
  return (
    text.length > 0 &&
    text.length <= maxCharacters * (words > maxWords ? 1.5 : 1) &&
    text.trim().split(/\s+/).length <= words
  );
}

/** Headings and paragraphs of one line; lists, tables and code are left out. */
function splitBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let [at, code] = [0, false];
  const lines = markdown.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) code = !code;
    const marks = /^#{1,6} +/.exec(line)?.[0] ?? '';
    const alone = !lines[index - 1]?.trim() && !lines[index + 1]?.trim();
    const text = line.slice(marks.length);
    const special = /^(?:[|>`]|[-*+•] |\d+[.)] |\[\^)/.test(text) && !numbered.test(text);
    if (!code && text.trim() !== '' && (marks !== '' || (alone && !special)))
      blocks.push({ start: at, end: at + line.length, text, marks });
    at += line.length + 1;
  }
  return blocks;
}
