import { isTitleText, levelOfNumber } from './headings.js';
import { type Edit, PageText, withEdits, type WordedPiece } from '../markdown/mends.js';
import { lettersOf } from './running-heads.js';
import { type StyledLine, StyledPage, StyleSizes } from './styled-lines.js';
import { headingEdits, type HeadingStretch } from './tagged-headings.js';

/** Share of the running text's size that a heading may be smaller, and by which it counts as larger. */
const minSize = 0.85;
const minLarger = 1.08;
/** Share of the lines of a style that must stand like headings, and the least number of them. */
const minShare = 0.5;
const minHeadings = 2;
/** Heights of a line that the next line of the same heading may be below it. */
const maxLeading = 1.6;
/** Heights of the text below that a heading that looks like text stands away from what is above it and below it. */
const minGapAbove = 1.3;
const [minGapOfText, maxWordsOfText, minWordsBelow] = [1.9, 10, 6];
/** Points from the first or last line of a page within which running heads stand. */
const maxEdge = 16;
const maxLines = 4;
const maxLetters = 200;

interface Page {
  markdown: string;
  pieces: WordedPiece[];
}

interface Style {
  key: string;
  size: number;
}

interface Heading {
  lines: StyledLine[];
  style: string;
}

/**
 * Makes headings of lines whose style (typeface and size) heads text throughout the document: of fonts without a
 * name that tells their weight the layout sees no heading that is not larger. Lines in the style of the text count
 * where blank lines part them from it.
 */
export function withStyleHeadings<T extends Page>(pages: T[]): T[] {
  const sizes = new StyleSizes(pages.map(({ pieces }) => pieces));
  const styled = pages.map(({ pieces }) => new StyledPage(pieces, sizes));
  const body = usualStyle(styled);
  if (!body) return pages;
  const running = runningLines(styled);
  const found = styled.map((page) =>
    findHeadings(page, body).filter(({ lines: [first] }) => !first || !running.has(first)),
  );
  const levels = acceptedStyles(styled, found, body);
  return pages.map((page, index) => {
    const headings = (found[index] ?? []).filter(({ style }) => levels.has(style));
    const known = new Set(headingsOf(page).map(({ letters }) => letters));
    const missed = headings.filter(({ lines }) => !known.has(lettersOf(textOf(lines))));
    const wrong = labelsOf(page, found[index] ?? []);
    const plain = wrong.length === 0 ? page : { ...page, markdown: withEdits(page.markdown, wrong) };
    if (missed.length === 0) return plain;
    return { ...plain, markdown: withEdits(plain.markdown, editsFor(plain, missed, levels)) };
  });
}

/** Lines at the top and the bottom of pages that other pages have too, but for their digits, and those beside them. */
function runningLines(pages: readonly StyledPage[]): Set<StyledLine> {
  const edges = pages.map(({ lines }) => [
    ...lines.filter(({ top }) => top < (lines[0]?.top ?? 0) + maxEdge),
    ...lines.filter(({ top }) => top > (lines.at(-1)?.top ?? 0) - maxEdge),
  ]);
  const keyOf = ({ text }: StyledLine): string => text.replace(/\d+/g, '0');
  const counts = new Map<string, number>();
  for (const own of edges)
    for (const key of new Set(own.map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const isRunning = (line: StyledLine): boolean => (counts.get(keyOf(line)) ?? 0) > 1;
  return new Set(
    edges.flatMap((own) =>
      own.filter((line) =>
        own.some((other) => isRunning(other) && Math.abs(other.top - line.top) < line.size),
      ),
    ),
  );
}

interface MarkedHeading {
  start: number;
  marks: string;
  letters: string;
}

function headingsOf({ markdown }: Page): MarkedHeading[] {
  return [...markdown.matchAll(/^(#{1,6} +)(.+)$/gm)].map(({ index, 1: marks = '', 2: text = '' }) => ({
    start: index,
    marks,
    letters: lettersOf(text),
  }));
}

/** Takes the marks off what stands several times on one page, above no text: labels of figures and boxes. */
function labelsOf(page: Page, found: readonly Heading[]): Edit[] {
  const headings = headingsOf(page);
  const above = new Set(found.map(({ lines }) => lettersOf(textOf(lines))));
  const counts = new Map<string, number>();
  for (const { letters } of headings) counts.set(letters, (counts.get(letters) ?? 0) + 1);
  return headings
    .filter(({ letters }) => (counts.get(letters) ?? 0) > 1 && !above.has(letters))
    .map(({ start, marks }) => ({ start, end: start + marks.length, text: '' }));
}

function usualStyle(pages: readonly StyledPage[]): Style | null {
  const letters = new Map<string, { count: number; size: number }>();
  for (const { lines } of pages)
    for (const { style, size, text } of lines) {
      if (style === null) continue;
      letters.set(style, { count: (letters.get(style)?.count ?? 0) + text.length, size });
    }
  const [most] = [...letters].sort(([, a], [, b]) => b.count - a.count);
  return most ? { key: most[0], size: most[1].size } : null;
}

function findHeadings(page: StyledPage, body: Style): Heading[] {
  const headings: Heading[] = [];
  const used = new Set<StyledLine>();
  for (const line of page.lines) {
    if (used.has(line) || line.style === null) continue;
    if (!differs(line, body)) {
      if (isParted(page, line, body)) headings.push({ lines: [line], style: line.style });
      continue;
    }
    const lines = wholeHeading(page, line);
    for (const own of lines) used.add(own);
    const last = lines.at(-1) ?? line;
    const text = textOf(lines);
    if (!isTitleText(text) || text.length > maxLetters || !standsAbove(page, last, body)) continue;
    const isMarked = line.size >= body.size * minLarger || (levelOfNumber(text) ?? 0) > 2;
    const isApart = isMarked || line.bold || gapAbove(page, line) > line.size * minGapAbove;
    if (isApart && (isMarked || endsEarly(page, last))) headings.push({ lines, style: line.style });
  }
  return headings;
}

/** The lines in the same style that follow at once. */
function wholeHeading(page: StyledPage, first: StyledLine): StyledLine[] {
  const lines = [first];
  let last = first;
  for (let next = page.below(first); next && lines.length < maxLines; next = page.below(next)) {
    if (next.style !== first.style || next.top - last.top > next.size * maxLeading) break;
    if (levelOfNumber(next.text) !== null) break;
    lines.push(next);
    last = next;
  }
  return lines;
}

function differs({ style, size, code, text }: StyledLine, body: Style): boolean {
  return style !== body.key && !code && size >= body.size * minSize && /\p{L}{3}/u.test(text);
}

/** Tells if the text of the document, or another heading, goes on below a line. */
function standsAbove(page: StyledPage, line: StyledLine, body: Style): boolean {
  const below = page.below(line);
  if (!below) return false;
  if (below.styles.has(body.key)) return true;
  return differs(below, body) && page.below(below)?.styles.has(body.key) === true;
}

/**
 * A piece of text has the typeface of its first letters: a line that goes on to the edge of its column may be the
 * beginning of a paragraph behind a bold word.
 */
function endsEarly(page: StyledPage, last: StyledLine): boolean {
  const below = page.below(last);
  const next = below && page.below(below);
  return last.right < Math.max(below?.right ?? 0, next?.right ?? 0) - last.size * 2;
}

function gapAbove(page: StyledPage, line: StyledLine): number {
  const above = page.above(line);
  return above ? line.top - above.top : Infinity;
}

/** A short line in the style of the text that blank lines part from the text above and below. */
function isParted(page: StyledPage, line: StyledLine, body: Style): boolean {
  const [above, below] = [page.above(line), page.below(line)];
  if (line.code || !above || !below || below.style !== body.key || above.style !== body.key) return false;
  const least = line.size * minGapOfText;
  return (
    isTitleText(line.text) &&
    line.text.split(' ').length <= maxWordsOfText &&
    below.text.split(' ').length >= minWordsBelow &&
    line.top - above.top >= least &&
    below.top - line.top >= least &&
    endsEarly(page, line) &&
    Math.abs(line.left - below.left) < line.size * 2
  );
}

/** The styles of which most lines are headings, with the level of each. */
function acceptedStyles(
  styled: readonly StyledPage[],
  found: readonly Heading[][],
  body: Style,
): Map<string, number> {
  const all = new Map<string, number>();
  for (const { lines } of styled)
    for (const line of lines)
      if (line.style !== null && countsAgainst(line, body))
        all.set(line.style, (all.get(line.style) ?? 0) + 1);
  const heads = new Map<string, { lines: number; count: number; numbered: number; size: number }>();
  for (const { style, lines } of found.flat()) {
    const own = heads.get(style) ?? { lines: 0, count: 0, numbered: 0, size: lines[0]?.size ?? 0 };
    own.lines += lines.length;
    own.count += 1;
    own.numbered += (levelOfNumber(textOf(lines)) ?? 0) > 2 ? 1 : 0;
    heads.set(style, own);
  }
  const accepted = [...heads].filter(
    ([style, { lines, count, numbered }]) =>
      count >= minHeadings &&
      (style === body.key || lines >= (all.get(style) ?? 0) * minShare || numbered >= count * minShare),
  );
  const bySize = accepted.toSorted(([, a], [, b]) => b.size - a.size);
  return new Map(bySize.map(([style], index) => [style, Math.min(4, 2 + index)]));
}

/** Bold words begin paragraphs and captions, too: of bold lines only those count that read like headings. */
function countsAgainst(line: StyledLine, body: Style): boolean {
  return isTitleText(line.text) || !(line.bold || line.size >= body.size * minLarger);
}

function editsFor(page: Page, headings: readonly Heading[], levels: ReadonlyMap<string, number>): Edit[] {
  const text = new PageText(page.markdown, page.pieces);
  const places = new Map(page.pieces.map((piece, index) => [piece, text.found[index]]));
  const stretches = headings.flatMap(({ lines, style }): HeadingStretch[] => {
    const own = lines.flatMap(({ pieces }) => pieces.map((piece) => places.get(piece) ?? null));
    if (own.includes(null)) return [];
    const start = Math.min(...own.map((place) => place?.start ?? Infinity));
    const end = Math.max(...own.map((place) => place?.end ?? 0));
    const lineStart = page.markdown.lastIndexOf('\n', start - 1) + 1;
    const isItem = /^\s*[-*+•] /.test(page.markdown.slice(lineStart, start));
    if (isItem || end <= start || end - start > maxLetters * 1.5) return [];
    return [{ heading: { level: levelOfNumber(textOf(lines)) ?? levels.get(style) ?? 2 }, start, end }];
  });
  return headingEdits(page.markdown, stretches);
}

const textOf = (lines: readonly StyledLine[]): string => lines.map(({ text }) => text).join(' ');
