import type { FoundPiece } from '../shared/placed-text.js';
import type { Edit, PageText, WordedPiece } from './pdf-mends.js';

const maxCharacters = 140;
const maxWords = 18;
/** Headings that the layout did not see are shorter. */
const maxNewWords = 10;
const minLarger = 1.1;
/** Share of a heading's letters that are larger than the text or bold. */
const minShown = 0.6;

export const caption =
  /^(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)?|tabelle|figura|tableau|chart|photo|source|quelle)\s*[\dIVX]+\b/i;
const numbered =
  /^(?:\d+(?:\.\d+)*\.?|[A-Z]\.|[IVX]+\.|§\s?\d+|chapter|section|appendix|kapitel|anhang|annex)\s+\p{L}/iu;

/** Learns the size and weight of the running text while a document is read. */
export class TextStyles {
  private readonly letters = new Map<string, number>();

  add(pieces: WordedPiece[]): void {
    for (const { height, bold, text } of pieces) {
      const style = `${Math.round(height * 2) / 2} ${bold === true}`;
      this.letters.set(style, (this.letters.get(style) ?? 0) + text.length);
    }
  }

  /** Tells if a piece is larger than the running text, or bold where that is not. */
  showsHeading({ height, bold, code }: WordedPiece): boolean {
    if (code) return false;
    const [size = '0', weight] = this.common().split(' ');
    return height >= Number(size) * minLarger || (bold === true && weight !== 'true');
  }

  private common(): string {
    let [best, most] = ['0 false', 0];
    for (const [style, letters] of this.letters) if (letters > most) [best, most] = [style, letters];
    return best;
  }
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
    return block.marks === '' ? missedHeading(block, inside, shown) : doubtedHeading(block, inside, shown);
  });
}

function doubtedHeading(
  block: Block,
  inside: { piece: WordedPiece; place: FoundPiece }[],
  shown: boolean[],
): Edit[] {
  const { text, start, marks } = block;
  const demoted = [{ start, end: start + marks.length, text: '' }];
  if (!/\p{L}{2}/u.test(text) || caption.test(text) || text.includes('@')) return demoted;
  if (inside.length === 0) return [];
  if (standsInColumns(inside)) return demoted;
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
  if (standsInColumns(inside)) return [];
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
  return text.length > 0 && text.length <= maxCharacters && text.trim().split(/\s+/).length <= words;
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
