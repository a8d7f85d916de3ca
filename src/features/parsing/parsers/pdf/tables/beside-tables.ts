/** Share of the cells below a title of rows that are labels. */
const minLabels = 0.8;
/** Columns of one table at least. */
const minColumns = 2;
/** Rows in which the titles of rows may stand. */
const maxHeadRows = 3;

/**
 * Takes tables apart that stand beside one another: the title of the first column comes again above another one
 * (`Item | Price | Item | Price`), whose cells name the rows to the right of it.
 */
export function splitBeside(rows: string[][]): string[][][] {
  const starts = findStarts(rows);
  if (starts.length < 2) return [rows];
  return starts.map((start, at) =>
    rows
      .map((row) => (row.length === 1 && start > 0 ? [] : row.slice(start, starts[at + 1])))
      .filter((row) => row.some((cell) => cell !== '')),
  );
}

function findStarts(rows: string[][]): number[] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (width < minColumns * 2) return [];
  for (const [at, head] of rows.slice(0, maxHeadRows).entries()) {
    const [title = ''] = head;
    if (!/\p{L}/u.test(title) || title.endsWith(':')) continue;
    const starts = head.flatMap((cell, column) => (cell === title ? [column] : []));
    const below = rows.slice(at + 1).filter((row) => row.length === width);
    // titles over both of them tell how they belong together
    const areTitled = rows.slice(0, at).some((row) => new Set(starts.map((start) => row[start])).size > 1);
    if (!areTitled && isApart(starts, width) && (areAlike(head, starts) || nameRows(starts, below)))
      return starts;
  }
  return [];
}

const isApart = (starts: readonly number[], width: number): boolean =>
  starts.length >= 2 && [...starts.slice(1), width].every((end, at) => end - (starts[at] ?? 0) >= minColumns);

/** True where all titles come again. */
function areAlike(head: string[], starts: readonly number[]): boolean {
  const size = head.length / starts.length;
  return (
    new Set(head.slice(0, size)).size === size &&
    starts.every((start, at) => start === at * size) &&
    head.every((cell, column) => cell === head[column % size])
  );
}

/** True where the columns below the title hold labels, and those to the right of them hold numbers. */
function nameRows(starts: readonly number[], rows: readonly string[][]): boolean {
  const share = (column: number, test: (cell: string) => boolean): number => {
    const cells = rows.flatMap((row) => row[column] || []);
    return cells.filter(test).length / Math.max(1, cells.length);
  };
  return starts.every(
    (start) =>
      share(start, (cell) => /\p{L}{2}/u.test(cell)) >= minLabels &&
      share(start + 1, (cell) => /\d/.test(cell) && !/\p{L}{3}/u.test(cell)) >= minLabels,
  );
}
