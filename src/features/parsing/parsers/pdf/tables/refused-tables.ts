import type { Column } from './cell-rows.js';
import { median, type TextLine } from '../text/lines.js';
import { type CellLine, isNumber, isPassage, isProse, minProseWords } from './prose-columns.js';

const minRows = 3;
/**
 * Points by which the cells of a column may miss their common edge, and the share of cells that keep to it.
 */
const maxEdge = 3;
const minAligned = 0.65;
/** Points of a line's height that are looked at. */
const maxPoints = 200;

export function cellsByColumn(lines: TextLine[], columns: Column[]): CellLine[][] {
  return columns.map((column) =>
    lines.flatMap((line) => {
      const words = line.words.filter(({ x, width }) => x >= column.from && x + width <= column.to);
      return words.length > 0 ? [{ words, text: words.map(({ text }) => text).join(' ') }] : [];
    }),
  );
}

/** True for columns of running text, lists and other things that stand below one another by chance. */
export function isNoTable(lines: TextLine[], columns: Column[]): boolean {
  const cells = cellsByColumn(lines, columns);
  return (
    isProse(cells, columns) ||
    isPassage(lines, cells) ||
    isList(cells) ||
    cells.some(
      (column, index) =>
        column.length >= 3 &&
        !isAligned(column, index, columns) &&
        // labels are indented by their rank
        !(index === 0 && standBesideNumbers(cells)),
    )
  );
}

/** A column whose lines go on with one another, beside other text on each of them, is no column of cells. */
export function runsOn(lines: TextLine[], columns: Column[]): boolean {
  const cells = cellsByColumn(lines, columns);
  if (standBesideNumbers(cells)) return false;
  // lines of columns that do not keep to one another overlap by a part of their height
  const beside = lines.filter((line, index) => {
    const next = lines[index + 1];
    return line.segments.length > 1 || (next !== undefined && line.bottom - next.top > line.height * 0.25);
  });
  if (beside.length < lines.length * 0.8) return false;
  return cells.some((column) => {
    const going = column.filter(({ text }) => /^\p{Ll}/u.test(text)).length;
    return (
      column.length >= minRows &&
      column.length >= lines.length * 0.4 &&
      going >= column.length * 0.6 &&
      median(column.map(({ words }) => words.length)) >= minProseWords
    );
  });
}

/** True if at least two columns are numbers and most of the others are. */
function standBesideNumbers([, ...others]: CellLine[][]): boolean {
  const numeric = others.filter(
    (column) => column.filter(({ text }) => isNumber.test(text)).length >= column.length * 0.6,
  );
  return numeric.length >= 2 && numeric.length > others.length / 2;
}

/** Dots lead from titles to the numbers of their pages. */
export function isContents(lines: TextLine[], columns: Column[], leaders: ReadonlySet<number>): boolean {
  if (columns.length > 2) return false;
  const led = lines.filter(({ top, bottom, height }) => {
    const points = Math.min(Math.ceil(bottom - top + height * 0.3), maxPoints);
    return Array.from({ length: points }, (_unused, down) => Math.floor(top) + down).some((at) =>
      leaders.has(at),
    );
  });
  return led.length > lines.length * 0.4;
}

/** Bullets and numbers before items, labels with a colon before values. */
function isList([first = [], , ...others]: CellLine[][]): boolean {
  if (others.length > 0) return false;
  const share = (column: CellLine[], pattern: RegExp): number =>
    column.filter(({ text }) => pattern.test(text)).length / Math.max(column.length, 1);
  const isNumbered =
    share(first, /^(?:[-–—•▪◦●○*·o]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d+(?:\.\d+)+\.?|\[\d+\])$/i) > 0.7;
  const isMarked = share(first, /^[^\p{L}\p{N}]{1,2}$/u) > 0.7;
  return isNumbered || isMarked || share(first, /:$/) > 0.7;
}

function isAligned(cells: CellLine[], index: number, columns: Column[]): boolean {
  const lefts = cells.map(({ words }) => words[0]?.x ?? 0);
  const rights = cells.map(({ words }) => (words.at(-1)?.x ?? 0) + (words.at(-1)?.width ?? 0));
  const middles = lefts.map((left, at) => (left + (rights[at] ?? 0)) / 2);
  const narrow = (columns[index]?.right ?? 0) - (columns[index]?.left ?? 0) < 40;
  return (
    narrow ||
    [lefts, rights, middles].some((edges) => {
      const edge = median(edges);
      return edges.filter((value) => Math.abs(value - edge) <= maxEdge).length >= cells.length * minAligned;
    })
  );
}
