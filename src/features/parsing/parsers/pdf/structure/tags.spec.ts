import { describe, expect, it } from '@jest/globals';
import type { ParsedPage, StructureTreeElement } from '@llamaindex/liteparse';
import { parseWith } from '../../../../../../test/office-files.js';
import { parse } from '../pdf.js';
import { findMarks } from './marks.js';
import { hasSaneHeadings } from '../headings/tagged-headings.js';
import { taggedTables } from '../tables/tagged-tables.js';
import { readTags } from './tags.js';

const element = (
  type: string,
  markedContentIds: number[],
  children: StructureTreeElement[] = [],
): StructureTreeElement => ({ type, attributes: {}, markedContentIds, children, annotations: [] });
const item = (text: string, mcid: number, x: number, y: number) => ({
  text,
  mcid,
  x,
  y,
  width: text.length * 5,
  height: 10,
});
const makePage = (textItems: unknown[], roots: StructureTreeElement[]) =>
  ({ textItems, structureTree: { roots } }) as unknown as ParsedPage;

describe('tagged PDFs', () => {
  it('take headings, tables, spans, empty cells and alternative texts from the structure tree', async () => {
    const [page] = (await parseWith(parse, 'tagged-report.pdf')).parts;
    const blocks = page?.markdown.split('\n\n').map((block) => block.trim()) ?? [];
    expect(blocks.filter((block) => block.startsWith('#'))).toEqual([
      '# Store report',
      '## Stock at the end of the quarter',
    ]);
    expect(blocks.find((block) => block.startsWith('|'))?.split('\n')).toEqual([
      '| Part | North quay | North quay | Place |',
      '| --- | --- | --- | --- |',
      '| Part | 2024 | 2025 | Place |',
      '| Ball valve | 12 | 14 | Shelf A |',
      '| Seal |  | 250 | Drawer 7 |',
      '| Cable | 30 |  | Reel 2 |',
    ]);
    expect(blocks.indexOf('[Figure: Bar chart: the stock of seals rises from 90 to 250]')).toBe(
      blocks.length - 2,
    );
  });

  it('give text to the element of its own page when an element continues over pages', () => {
    const row = (...marks: number[][]) =>
      element(
        'TR',
        [],
        marks.map((mark) => element('TD', mark)),
      );
    // Number 1 of this page is the title; the table names a number 1 of the next page.
    const roots = [element('H1', [1]), element('Table', [], [row([2, 1], [3]), row([4], [5])])];
    const items = [
      item('Title', 1, 50, 10),
      item('Part', 2, 50, 40),
      item('Place', 3, 150, 40),
      item('Seal', 4, 50, 60),
      item('Shelf', 5, 150, 60),
    ];
    const page = makePage(items, roots);
    const tags = readTags(page, findMarks(page.textItems));
    expect(tags?.owners.get(1)?.heading).toEqual({ level: 1 });
    expect(tags && taggedTables(page.textItems, tags).map(({ rows }) => rows)).toEqual([
      [
        ['Part', 'Place'],
        ['Seal', 'Shelf'],
      ],
    ]);
  });

  it('ignore a table whose cells stand in another order than in the tree, and a table that lays out a page', () => {
    const row = (...marks: number[]) =>
      element(
        'TR',
        [],
        marks.map((mark) => element('TD', [mark])),
      );
    const roots = [element('Table', [], [row(1, 2), row(3, 4)])];
    const swapped = [
      item('a', 1, 150, 40),
      item('b', 2, 50, 40),
      item('c', 3, 150, 60),
      item('d', 4, 50, 60),
    ];
    const long = 'words '.repeat(100);
    const layout = [
      item(long, 1, 50, 40),
      item(long, 2, 300, 40),
      item(long, 3, 50, 60),
      item(long, 4, 300, 60),
    ];
    for (const items of [swapped, layout]) {
      const { textItems } = makePage(items, roots);
      const tags = readTags(makePage(items, roots), findMarks(textItems));
      expect(tags && taggedTables(textItems, tags)).toEqual([]);
    }
  });

  it('ignore a table of which a few rows have their cells in another order', () => {
    const marks = Array.from({ length: 10 }, (_, at) => [3 * at + 1, 3 * at + 2, 3 * at + 3]);
    const rows = marks.map((own) =>
      element(
        'TR',
        [],
        own.map((mark) => element('TD', [mark])),
      ),
    );
    const swapped = new Set([4, 7]);
    const items = marks.flatMap((own, at) =>
      own.map((mark, column) => {
        const place = swapped.has(at) ? [0, 2, 1][column] : column;
        return item(`cell ${mark}`, mark, 50 + 100 * (place ?? 0), 40 + 20 * at);
      }),
    );
    const page = makePage(items, [element('Table', [], rows)]);
    const tags = readTags(page, findMarks(page.textItems));
    expect(tags && taggedTables(page.textItems, tags)).toEqual([]);
  });

  it('are ignored where nearly all text is tagged as a heading', () => {
    const heading = { heading: { level: 1 }, table: null, cell: null };
    const text = { heading: null, table: null, cell: null };
    const piece = (tag: typeof text | typeof heading) => ({
      text: 'x'.repeat(200),
      x: 0,
      y: 0,
      width: 1,
      height: 1,
      tag,
    });
    expect(hasSaneHeadings([piece(heading), piece(heading), piece(heading)])).toBe(false);
    expect(hasSaneHeadings([piece(heading), piece(text), piece(text)])).toBe(true);
  });
});
