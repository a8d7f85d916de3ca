import type { PagePiece } from '../../shared/placed-text.js';
import { isNumeric } from './number-columns.js';
import { joinWords, type Segment, type TextLine } from '../text/lines.js';

/** A column of a table: its share of the page's width, and the extent of its text. */
export interface Column {
  from: number;
  to: number;
  left: number;
  right: number;
}

/** The text of one cell as far as it stands on one line. */
interface CellLine {
  words: PagePiece[];
  first: number;
  last: number;
  top: number;
  bottom: number;
  height: number;
}

/** Distances between the lines of one cell are at least this much smaller than those between rows. */
const minJump = 1.12;
/** The same where the lines within cells stand equally far from one another, but for this. */
const minClearJump = 1.06;
const maxAlike = 1.015;
const maxHeadLines = 8;
/** Heights of a line between the lines of one cell. */
export const maxLeading = 1.7;

/**
 * Rows of cells: lines of one cell are joined.
 * @param heads lines at the top whose words may stand over several columns
 * @param rules heights of rules; where they part the rows they are believed
 */
export function rowsOfCells(
  lines: TextLine[],
  columns: Column[],
  heads: number,
  rules: number[],
): string[][] {
  if (rules.length >= 2 && rules.length >= lines.length * 0.3) {
    const parts = partsBetween(lines, rules);
    if (parts.length >= 3)
      return parts.flatMap((part) =>
        rowsOfPart(
          part.map((line) => cellsIn(line, columns)),
          columns,
        ),
      );
  }
  const cellLines = joinHead(lines.map((line) => cellsIn(line, columns)));
  const distance = wrapDistance(cellLines.slice(heads), columns.length);
  const threshold = distance !== null && wrapsAt(cellLines.slice(heads), columns, distance) ? distance : null;
  const blocks = splitBlocks(cellLines, columns, threshold);
  return rowsOfBlocks(blocks).map((row) => listTexts(row, columns.length));
}

function partsBetween(lines: TextLine[], rules: number[]): TextLine[][] {
  const edges = [-Infinity, ...rules.toSorted((a, b) => a - b), Infinity];
  return edges
    .slice(1)
    .map((bottom, index) =>
      lines.filter(
        ({ top, bottom: end }) => (top + end) / 2 > (edges[index] ?? 0) && (top + end) / 2 <= bottom,
      ),
    )
    .filter((part) => part.length > 0);
}

/** One row, but for cells over several columns above it. */
function rowsOfPart(lines: CellLine[][], columns: Column[]): string[][] {
  const spanning = lines.filter((cells) => cells.some(({ first, last }) => last > first));
  const rest = lines.filter((cells) => !spanning.includes(cells)).flat();
  const blocks = columns.map((_column, index): Block => {
    const own = rest.filter(({ first }) => first === index);
    return { first: index, last: index, lines: own, top: 0, bottom: 0 };
  });
  const above = spanning.map((cells) =>
    listTexts(
      cells.map((cell) => ({ ...cell, lines: [cell] })),
      columns.length,
    ),
  );
  return rest.length > 0 ? [...above, listTexts(blocks, columns.length)] : above;
}

/** Lines at the top that leave the first column free are one head, but for cells over several columns. */
function joinHead(lines: CellLine[][]): CellLine[][] {
  const first = lines.findIndex((cells) => cells.some((cell) => cell.first === 0 && cell.last === 0));
  if (first < 2 || first > maxHeadLines || first >= lines.length - 1) return lines;
  const head = lines.slice(0, first);
  const tight = head.every((cells, index) => {
    const next = head[index + 1]?.[0];
    return !next || next.top - (cells[0]?.top ?? 0) < next.height * maxLeading;
  });
  if (!tight) return lines;
  const spanning = head.map((cells) => cells.filter((cell) => cell.last > cell.first));
  const joined = new Map<number, CellLine>();
  for (const cell of head.flat()) {
    if (cell.last > cell.first) continue;
    const above = joined.get(cell.first);
    joined.set(
      cell.first,
      above ? { ...above, words: [...above.words, ...cell.words], bottom: cell.bottom } : cell,
    );
  }
  const rows = [...spanning, [...joined.values()]].filter((cells) => cells.length > 0);
  // All lines of a joined row stand at one height, so that they stay one row.
  const [top, bottom] = [head.at(-1)?.[0]?.top ?? 0, head.at(-1)?.[0]?.bottom ?? 0];
  return [
    ...rows.map((cells, index) =>
      index < rows.length - 1 ? cells : cells.map((cell) => ({ ...cell, top, bottom })),
    ),
    ...lines.slice(first),
  ];
}

function cellsIn(line: TextLine, columns: Column[]): CellLine[] {
  const cells = line.segments
    .flatMap((segment) => splitAt(segment, columns))
    .map((words) => {
      const [left, right] = [words[0]?.x ?? 0, (words.at(-1)?.x ?? 0) + (words.at(-1)?.width ?? 0)];
      const covers = (column: Column): boolean => right > column.left + 2 && left < column.right - 2;
      const start = columns.findIndex(covers);
      const nearest = start < 0 ? nearestColumn((left + right) / 2, columns) : start;
      return {
        words,
        first: nearest,
        last: start < 0 ? nearest : columns.findLastIndex(covers),
        top: Math.min(...words.map(({ y }) => y)),
        bottom: Math.max(...words.map(({ y, height }) => y + height)),
        height: line.height,
      };
    });
  return joinCells(cells);
}

/** Pieces of one line in one column are one cell, as a number before its item. */
function joinCells(cells: CellLine[]): CellLine[] {
  const joined: CellLine[] = [];
  for (const cell of cells) {
    const last = joined.at(-1);
    if (last && last.first === cell.first && last.last === cell.last && cell.first === cell.last)
      joined[joined.length - 1] = {
        ...last,
        words: [...last.words, ...cell.words],
        top: Math.min(last.top, cell.top),
        bottom: Math.max(last.bottom, cell.bottom),
      };
    else joined.push(cell);
  }
  return joined;
}

/** Words of two columns may stand near one another. */
function splitAt({ words }: Segment, columns: Column[]): PagePiece[][] {
  const parts: PagePiece[][] = [];
  let column = -1;
  for (const word of words) {
    const own = columns.findIndex(({ from, to }) => word.x >= from - 0.5 && word.x + word.width <= to + 0.5);
    if (parts.length > 0 && (own === column || own < 0 || column < 0)) parts.at(-1)?.push(word);
    else parts.push([word]);
    column = own;
  }
  // A heading over several columns stays whole.
  const [first] = words;
  const crosses = words.some(
    (word) => !columns.some(({ from, to }) => word.x >= from - 0.5 && word.x + word.width <= to + 0.5),
  );
  return crosses && first ? [words] : parts;
}

function nearestColumn(centre: number, columns: Column[]): number {
  let [best, least] = [0, Infinity];
  for (const [index, { left, right }] of columns.entries()) {
    const distance = Math.max(left - centre, centre - right, 0);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/**
 * The largest distance between two lines of one cell; null
 * where all lines stand equally far from one another.
 */
function wrapDistance(lines: CellLine[][], count: number): number | null {
  const filled = lines.filter((cells) => cells.length > 0);
  const pitches = filled
    .slice(1)
    .map((cells, index) => ((cells[0]?.top ?? 0) - (filled[index]?.[0]?.top ?? 0)) / (cells[0]?.height ?? 1));
  // Where cells are centred, lines of neighbour cells stand between one another.
  if (pitches.every((pitch) => pitch > 0.8)) return jumpIn(pitches);
  const distances: number[] = [];
  for (let column = 0; column < count; column += 1) {
    let before: CellLine | undefined;
    for (const cells of filled) {
      const cell = cells.find(({ first, last }) => first <= column && last >= column);
      if (!cell) continue;
      if (before) distances.push((cell.top - before.top) / cell.height);
      before = cell;
    }
  }
  const least = Math.min(...distances);
  return jumpIn(distances.filter((distance) => distance < least * 1.8));
}

/**
 * Tells if lines nearer than a distance look like those
 * of one cell: each line is full before the next begins.
 */
function wrapsAt(lines: CellLine[][], columns: Column[], distance: number): boolean {
  let [near, wrapped] = [0, 0];
  const open: (CellLine | undefined)[] = [];
  for (const cell of lines.flat()) {
    const before = open[cell.first];
    open[cell.first] = cell;
    if (!before || (cell.top - before.top) / cell.height >= distance) continue;
    near += 1;
    if (isWrapped(before, cell, columns[cell.first]) || endsInNumber(before, cell, columns[cell.first]))
      wrapped += 1;
  }
  return near > 0 && wrapped >= near * 0.6;
}

function jumpIn(distances: number[]): number | null {
  const sorted = distances.toSorted((a, b) => a - b);
  const least = sorted[0] ?? 0;
  for (const [index, distance] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || distance > least * 1.12 || distance > maxLeading) break;
    // distances that are all alike are told from others that are hardly larger
    const jump = distance < least * maxAlike ? minClearJump : minJump;
    if (next / Math.max(distance, 0.1) > jump) return (distance + next) / 2;
  }
  return null;
}

interface Block {
  first: number;
  last: number;
  lines: CellLine[];
  top: number;
  bottom: number;
}

/** Joins the lines of each cell. */
function splitBlocks(lines: CellLine[][], columns: Column[], threshold: number | null): Block[] {
  const blocks: Block[] = [];
  const open = new Map<number, Block>();
  for (const cells of lines) {
    const isNumbered = cells.some((cell) => standsBelowNumber(cell, open.get(cell.first)));
    const startsRow = isNumbered || cells.some(({ first }) => first === 0);
    for (const cell of cells) {
      const block = open.get(cell.first);
      const before = block?.lines.at(-1);
      const isNear =
        before && !isNumbered && threshold !== null && (cell.top - before.top) / cell.height < threshold;
      const wraps =
        before && threshold === null && !startsRow && isWrapped(before, cell, columns[cell.first]);
      const isSame = cell.first === before?.first && cell.last === before.last;
      if (block && isSame && (isNear || wraps)) {
        block.lines.push(cell);
        block.bottom = Math.max(block.bottom, cell.bottom);
      } else {
        const fresh = {
          first: cell.first,
          last: cell.last,
          lines: [cell],
          top: cell.top,
          bottom: cell.bottom,
        };
        blocks.push(fresh);
        for (let column = cell.first; column <= cell.last; column += 1) open.set(column, fresh);
      }
    }
  }
  return blocks;
}

/** True for a number right below another one, each of them alone in its cell: a row of its own. */
const standsBelowNumber = (cell: CellLine, above: Block | undefined): boolean =>
  above !== undefined &&
  cell.first > 0 &&
  cell.top - (above.lines.at(-1)?.top ?? 0) <= cell.height * maxLeading &&
  isNumeric(cell) &&
  above.first === cell.first &&
  above.lines.every(isNumeric) &&
  !cell.words[0]?.text.startsWith('(');

/** The first word of the next line would not have fitted into this one. */
function isWrapped(before: CellLine, next: CellLine, column: Column | undefined): boolean {
  const end = (before.words.at(-1)?.x ?? 0) + (before.words.at(-1)?.width ?? 0);
  const width = (next.words[0]?.width ?? 0) + next.height * 0.2;
  const start = before.words[0]?.x ?? 0;
  const text = next.words.map((word) => word.text).join(' ');
  if (!column || next.top - before.top > next.height * maxLeading || /^[^\p{L}]*\d[^\p{L}]*$/u.test(text))
    return false;
  return end - start + width > column.right - column.left - 1;
}

/** A number alone ends a text that fills its line: a reference, and no row of figures. */
function endsInNumber(before: CellLine, next: CellLine, column: Column | undefined): boolean {
  const end = (before.words.at(-1)?.x ?? 0) + (before.words.at(-1)?.width ?? 0);
  const [only, other] = next.words;
  if (!column || !only || other || !before.words.some(({ text }) => /\p{L}{3}/u.test(text))) return false;
  return end + only.width > column.right;
}

/** Share of the lower of two cells by which they stand beside one another: a cell may be centred between two rows. */
const minShared = 0.3;

/** Cells that stand beside one another make a row. */
function rowsOfBlocks(blocks: Block[]): Block[][] {
  const rows: { cells: Block[]; top: number; bottom: number }[] = [];
  for (const block of blocks.toSorted((a, b) => (a.top + a.bottom) / 2 - (b.top + b.bottom) / 2)) {
    const row = rows.findLast((other) => isBeside(other, block));
    if (row) {
      row.cells.push(block);
      [row.top, row.bottom] = [Math.min(row.top, block.top), Math.max(row.bottom, block.bottom)];
    } else rows.push({ cells: [block], top: block.top, bottom: block.bottom });
  }
  return rows.toSorted((a, b) => a.top - b.top).map(({ cells }) => cells);
}

function isBeside(row: { cells: Block[]; top: number; bottom: number }, block: Block): boolean {
  const shared = Math.min(row.bottom, block.bottom) - Math.max(row.top, block.top);
  const least = Math.min(row.bottom - row.top, block.bottom - block.top);
  return (
    shared > least * minShared &&
    !row.cells.some(({ first, last }) => first <= block.last && last >= block.first)
  );
}

function listTexts(row: Block[], count: number): string[] {
  const texts = Array.from({ length: count }, () => '');
  for (const { first, last, lines } of row) {
    const text = joinWords(lines.flatMap(({ words }) => words));
    for (let column = first; column <= last; column += 1) texts[column] = text;
  }
  return texts;
}
