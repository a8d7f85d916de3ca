import type { TextItem } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';
import { joinWords } from '../text/lines.js';
import type { PageTable } from './page-table.js';
import type { Marks } from '../structure/marks.js';
import { resolveOwner, type PageTags, type TaggedCell, type TaggedTable } from '../structure/tags.js';

/** Longer cells are the columns of a page that is set in a table. */
const maxCellLetters = 300;
const maxCells = 20_000;
/** Minimum share of rows whose cells each stand to the right of the one before. */
const minInOrder = 0.95;
/** Heights of a line between words of two cells. */
const minGap = 0.45;

type CellWords = Map<TaggedCell, PagePiece[]>;

/** Tables of the structure tree whose cells are placed on the page as the tree says. */
export function taggedTables(items: TextItem[], tags: PageTags): PageTable[] {
  if (tags.tables.length === 0) return [];
  const words = wordsByCell(items, tags);
  return tags.tables.flatMap((table) => buildTable(table, words, items, tags) ?? []);
}

/**
 * The words of each cell. Words of neighbouring cells may be in one piece, which then has the number of the
 * first cell.
 */
function wordsByCell(items: TextItem[], tags: PageTags): CellWords {
  const { owners, marks } = tags;
  const segments = items.flatMap((item) => splitSegments(item, marks));
  const numbered = new Set(segments.map(({ mark }) => mark));
  const words: CellWords = new Map();
  let mark = 0;
  for (const [index, segment] of segments.entries()) {
    const isNext = segment.mark === segments[index - 1]?.mark && segment.follows;
    const next = mark + 1;
    mark = isNext && !numbered.has(next) && owners.get(next)?.cell ? next : (segment.mark ?? -1);
    const cell = owners.get(mark)?.cell;
    if (cell) words.set(cell, [...(words.get(cell) ?? []), ...segment.words]);
  }
  return words;
}

interface Segment {
  words: PagePiece[];
  mark: number | undefined;
  /** It stands behind another segment of the same piece. */
  follows: boolean;
}

function splitSegments(item: TextItem, marks: Marks): Segment[] {
  const segments: Segment[] = [];
  for (const word of item.words?.length ? item.words : [item]) {
    const mark = marks(word);
    const last = segments.at(-1);
    const before = last?.words.at(-1);
    const isNear = before && word.x - before.x - before.width < item.height * minGap;
    if (last && isNear && last.mark === mark) last.words.push(word);
    else segments.push({ words: [word], mark, follows: before !== undefined });
  }
  return segments;
}

function buildTable(
  table: TaggedTable,
  words: CellWords,
  items: TextItem[],
  tags: PageTags,
): PageTable | null {
  const filled = table.rows.filter((row) => row.some((cell) => words.has(cell)));
  if (filled.length < 2 || !standsAsTagged(filled, words)) return null;
  const rows = spread(filled, words);
  if (rows === null || !rows.some((row) => row.filter(Boolean).length > 1)) return null;
  const own = items.filter((item) => resolveOwner(item, tags)?.table === table);
  const [left, top] = [Math.min(...own.map(({ x }) => x)), Math.min(...own.map(({ y }) => y))];
  return {
    rows,
    left,
    top,
    right: Math.max(...own.map(({ x, width }) => x + width)),
    bottom: Math.max(...own.map(({ y, height }) => y + height)),
    items: new Set(own),
  };
}

function standsAsTagged(rows: TaggedCell[][], words: CellWords): boolean {
  let [ordered, letters, cells] = [0, 0, 0];
  for (const row of rows) {
    const lefts = row.flatMap((cell) => words.get(cell)?.[0]?.x ?? []);
    if (lefts.every((left, index) => index === 0 || left > (lefts[index - 1] ?? 0))) ordered += 1;
    for (const cell of row) {
      letters += joinText(words.get(cell)).length;
      cells += words.has(cell) ? 1 : 0;
    }
  }
  return ordered >= rows.length * minInOrder && cells > 0 && letters / cells <= maxCellLetters;
}

/** Repeats cells that span several places in each of them. Null for a table that is too large. */
function spread(rows: TaggedCell[][], words: CellWords): string[][] | null {
  const grid: string[][] = rows.map(() => []);
  const columns = findColumns(rows, words);
  let count = 0;
  for (const [at, row] of rows.entries()) {
    const line = grid[at] ?? [];
    const missing = columns.length - measureLength(row) - line.filter((cell) => cell !== undefined).length;
    let column = 0;
    for (const [index, cell] of row.entries()) {
      while (line[column] !== undefined) column += 1;
      // some programs leave empty cells out of the tree: then the place on the page gives the column
      if (missing > 0)
        column = findPlace(
          words.get(cell),
          columns,
          column,
          columns.length - measureLength(row.slice(index)),
        );
      const text = joinText(words.get(cell));
      for (let down = at; down < Math.min(at + cell.rows, rows.length); down += 1)
        for (let across = column; across < column + cell.columns; across += 1) {
          const target = grid[down];
          if (target) target[across] ??= text;
          count += 1;
          if (count > maxCells) return null;
        }
      column += cell.columns;
    }
  }
  const width = Math.max(...grid.map((row) => row.length));
  return width < 2 ? null : grid.map((row) => Array.from({ length: width }, (_, index) => row[index] ?? ''));
}

const measureLength = (row: TaggedCell[]): number => row.reduce((sum, { columns }) => sum + columns, 0);

/** The places of the columns, from the rows that have all of their cells. */
function findColumns(rows: TaggedCell[][], words: CellWords): { left: number; right: number }[] {
  const count = Math.max(...rows.map(measureLength));
  const columns = Array.from({ length: count }, () => ({ left: Infinity, right: -Infinity }));
  for (const row of rows) {
    if (row.length !== count) continue;
    for (const [index, cell] of row.entries()) {
      const column = columns[index];
      for (const { x, width } of words.get(cell) ?? []) {
        if (!column) continue;
        column.left = Math.min(column.left, x);
        column.right = Math.max(column.right, x + width);
      }
    }
  }
  return columns;
}

/** The column from `first` to `last` that contains a cell. */
function findPlace(
  words: PagePiece[] | undefined,
  columns: { left: number; right: number }[],
  first: number,
  last: number,
): number {
  const left = Math.min(...(words ?? []).map(({ x }) => x));
  const right = Math.max(...(words ?? []).map(({ x, width }) => x + width));
  let [best, least] = [first, Infinity];
  for (let index = first; index <= last; index += 1) {
    const column = columns[index];
    if (!column) continue;
    const distance =
      Math.max(column.left - right, left - column.right, 0) * 1000 +
      Math.min(Math.abs(column.left - left), Math.abs(column.right - right));
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

const joinText = (words: PagePiece[] | undefined): string => joinWords(words ?? []);
