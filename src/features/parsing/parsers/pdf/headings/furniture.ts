import type { PagePiece } from '../../shared/placed-text.js';
import { findRunningHeads, lettersOf } from './running-heads.js';

/** How many lines from a page's top and bottom may be running heads. */
const edge = 2;
/** With fewer pages a repeated line proves nothing. */
const minPages = 3;

const pageNumber =
  /^[-–—\s]*(?:(?:page|seite|página|pagina|strona|sida|side|стр\.?|p\.)\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:\/|of|von|de|di|из|z|av)\s*\d{1,5})?[-–—\s]*$/i;

/** `Page 3`, `3 of 12` or `3/12`; a number alone may be that of a chapter. */
const countsPages = /\p{L}{2}|\//u;

/** A line that counts the pages is no heading, however large it is. */
const withoutCountHeadings = (page: string): string =>
  page.replace(/^#{1,6}[ \t]+(.+)$/gm, (line, text: string) =>
    pageNumber.test(plain(text)) && countsPages.test(text) && /\d/.test(text) ? text : line,
  );

/**
 * Removes running heads and page numbers from the edges of pages: lines that are only a number, and lines
 * that half of the pages repeat word for word. The first copy of a repeated line is kept; a line that differs
 * by its number is content, unless it is a running head beside a page number.
 * @param pieces the text of each page with its places
 */
export function withoutFurniture(given: string[], pieces: readonly (readonly PagePiece[])[] = []): string[] {
  const pages = given.map(withoutCountHeadings);
  if (pages.length < minPages) return pages;
  const split = pages.map((page) => page.split('\n'));
  const repeated = repeatedLines(split);
  const numbered =
    split.filter((lines) => edgeIndexes(lines).some((at) => pageNumber.test(plain(lines[at] ?? '')))).length *
      2 >=
    pages.length;
  const heads = findRunningHeads(pieces);
  const kept = new Set<string>();
  return split.map((lines, page) => {
    const drop = new Set<number>();
    for (const at of edgeIndexes(lines)) {
      const line = plain(lines[at] ?? '');
      const head = heads[page]?.get(lettersOf(line));
      const copied = head ?? (repeated.has(line) ? line : undefined);
      if (numbered && pageNumber.test(line)) drop.add(at);
      else if (copied !== undefined && kept.has(copied)) drop.add(at);
      else if (copied !== undefined) kept.add(copied);
      // the first copy tells what stands on all pages; it heads nothing
      if (head !== undefined) lines[at] = (lines[at] ?? '').replace(/^#{1,6}\s+/, '');
    }
    return drop.size === 0 ? lines.join('\n') : withoutLines(lines, drop);
  });
}

function withoutLines(lines: string[], drop: ReadonlySet<number>): string {
  return lines
    .filter((_, at) => !drop.has(at))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function repeatedLines(pages: string[][]): Set<string> {
  const counts = new Map<string, number>();
  for (const lines of pages) {
    for (const line of new Set(edgeIndexes(lines).map((at) => plain(lines[at] ?? ''))))
      counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const needed = Math.max(minPages, pages.length / 2);
  return new Set(
    [...counts]
      .filter(([line, count]) => count >= needed && line.length > 0 && line.length <= 150)
      .map(([line]) => line),
  );
}

/** Places of the outermost lines with text; table rows and code are never furniture. */
function edgeIndexes(lines: string[]): number[] {
  const filled: number[] = [];
  for (let at = 0; at < lines.length && filled.length < edge; at += 1) if (lines[at]?.trim()) filled.push(at);
  const top = filled.length;
  for (let at = lines.length - 1; at >= 0 && filled.length < top + edge; at -= 1)
    if (lines[at]?.trim() && !filled.includes(at)) filled.push(at);
  return filled.filter((at) => !/^\s*(?:\||```)/.test(lines[at] ?? ''));
}

function plain(line: string): string {
  return line
    .replace(/^#{1,6}\s+/, '')
    .replace(/[*_`\\]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
