import type { PagePiece } from '../../shared/placed-text.js';
import { type Edit, PageText, withEdits, type WordedPiece } from '../markdown/mends.js';
import type { OutlineEntry } from '../file/outline.js';
import { lettersOf } from './running-heads.js';
import { headingEdits, type HeadingStretch } from './tagged-headings.js';

/** Lines of a heading, and letters of the shortest and of the longest title. */
const maxLines = 4;
const [minLetters, maxLetters] = [2, 200];
/** Entries that lead to one page: each is compared with every line. */
const maxOnPage = 300;
/** Share of the outline that must stand on the pages to which it leads, and the least number of its entries. */
const minFound = 0.6;
const minEntries = 2;

interface Page {
  markdown: string;
  pieces: PagePiece[];
}

/** A line of a page with its place in the Markdown. */
interface Line {
  letters: string;
  unnumbered: string;
  height: number;
  start: number;
  end: number;
}

/**
 * Makes headings of the lines whose words the outline gives as the titles of their page, with its levels. An
 * outline of which most titles are not found names something else: it changes nothing.
 */
export function withOutlineHeadings<T extends Page>(pages: T[], outline: readonly OutlineEntry[]): T[] {
  const entries = outline.filter(({ title }) => {
    const { length } = lettersOf(title);
    return length >= minLetters && length <= maxLetters;
  });
  if (entries.length < minEntries) return pages;
  const byPage = new Map<number, OutlineEntry[]>();
  for (const entry of entries) byPage.set(entry.page, [...(byPage.get(entry.page) ?? []), entry]);
  const texts = new Map<number, { text: PageText; stretches: HeadingStretch[] }>();
  const shift = levelShift(pages[0], entries);
  let found = 0;
  for (const [number, own] of byPage) {
    const page = pages[number - 1];
    if (!page) continue;
    const text = new PageText(page.markdown, page.pieces);
    const stretches = findTitles(text, own, shift);
    found += stretches.length;
    texts.set(number, { text, stretches });
  }
  if (found < minEntries || found < entries.length * minFound) return pages;
  return pages.map((page, index) => {
    const titles = texts.get(index + 1);
    if (!titles || titles.stretches.length === 0) return page;
    const edits: Edit[] = headingEdits(page.markdown, titles.stretches);
    return { ...page, markdown: withEdits(page.markdown, edits) };
  });
}

/**
 * By how much the levels of an outline are lowered: the title of a document stands above its sections, and most
 * outlines do not list it.
 */
function levelShift(page: Page | undefined, entries: readonly OutlineEntry[]): number {
  const title = /^# (.+)$/m.exec(page?.markdown ?? '')?.[1];
  if (title === undefined) return entries.filter(({ level }) => level === 1).length === 1 ? 0 : 1;
  const letters = lettersOf(withoutNumber(title));
  return entries.some((entry) => lettersOf(withoutNumber(entry.title)) === letters) ? 0 : 1;
}

function findTitles(text: PageText, entries: readonly OutlineEntry[], shift: number): HeadingStretch[] {
  const lines = linesOf(text);
  const used = new Set<number>();
  return entries.slice(0, maxOnPage).flatMap(({ title, level }): HeadingStretch[] => {
    const [letters, unnumbered] = [lettersOf(title), lettersOf(withoutNumber(title))];
    let best: { from: number; to: number; height: number } | null = null;
    for (const [from, line] of lines.entries()) {
      if (used.has(from) || (best && line.height <= best.height * 1.05)) continue;
      const to = endOfTitle(lines, from, { letters, unnumbered });
      if (to !== null) best = { from, to, height: line.height };
    }
    const [first, last] = [lines[best?.from ?? -1], lines[best?.to ?? -1]];
    if (!best || !first || !last || last.end < first.start) return [];
    for (let at = best.from; at <= best.to; at += 1) used.add(at);
    return [{ heading: { level: Math.min(6, level + shift) }, start: first.start, end: last.end }];
  });
}

/** The last line of a title that begins at a line; null where another text stands. */
function endOfTitle(
  lines: readonly Line[],
  from: number,
  title: Pick<Line, 'letters' | 'unnumbered'>,
): number | null {
  for (const kind of ['letters', 'unnumbered'] as const) {
    let letters = lines[from]?.[kind] ?? '';
    for (let to = from; letters !== '' && title[kind].startsWith(letters); to += 1) {
      if (letters === title[kind]) return to;
      if (to + 1 - from >= maxLines) break;
      letters += lines[to + 1]?.letters ?? '\n';
    }
  }
  return null;
}

/** `2.1 Scope` and `Scope` are one title: many outlines leave the numbers out. */
function withoutNumber(text: string): string {
  const rest = text.replace(
    /^\s*(?:(?:chapter|section|appendix|part|annex|article|kapitel|abschnitt|teil|anhang|artikel)\s+)?(?:\d+(?:\.\d+)*|[IVXLC]+|[A-Z](?:\.\d+)*)[.):]*\s+(?=\S)/i,
    '',
  );
  return lettersOf(rest) === '' ? text : rest;
}

/** Pieces that stand beside one another are one line. */
function linesOf(text: PageText): Line[] {
  const lines: (Line & { text: string })[] = [];
  let last: WordedPiece | null = null;
  for (const { piece, place } of text.inOrder()) {
    const open = lines.at(-1);
    if (open && last && Math.abs(piece.y - last.y) < Math.min(piece.height, last.height) / 2) {
      open.text += ` ${piece.text}`;
      open.end = Math.max(open.end, place.end);
    } else
      lines.push({
        ...place,
        text: piece.text,
        height: piece.height,
        letters: '',
        unnumbered: '',
      });
    last = piece;
  }
  return lines.map((line) => ({
    ...line,
    letters: lettersOf(line.text),
    unnumbered: lettersOf(withoutNumber(line.text)),
  }));
}
