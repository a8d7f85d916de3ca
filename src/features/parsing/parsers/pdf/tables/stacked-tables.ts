/** One of several tables that stand in one grid, with the title that a row over all columns gives it. */
export interface StackedTable {
  title: string | null;
  rows: string[][];
}

/**
 * Takes a grid apart where a row of titles begins columns of another meaning: below a row over all columns, or
 * where cells are merged otherwise than above. Rows of groups (`Fruit` above more prices) stay in their table.
 */
export function splitStacked(rows: string[][]): StackedTable[] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const tables: StackedTable[] = [];
  let open: StackedTable = { title: null, rows: [] };
  for (const [index, row] of rows.entries()) {
    const isTitled = isGroup(row, width) && beginsTable(rows, index + 1, width);
    const isMerged = beginsTable(rows, index, width) && isMergedAnew(rows, index);
    if (open.rows.length > 1 && (isTitled || isMerged)) {
      tables.push(open);
      open = isTitled ? { title: row[0] ?? '', rows: [] } : { title: null, rows: [row] };
    } else open.rows.push(row);
  }
  tables.push(open);
  return tables.length === 1 ? tables : tables.map(({ title, rows }) => ({ title, rows: unmerged(rows) }));
}

const isGroup = (row: string[], width: number): boolean => row.length === 1 && width > 1;
const hasDigit = (text: string): boolean => /\d/.test(text);

/** True for titles of columns without a digit, with a row below that has one in a column of its own. */
function beginsTable(rows: string[][], at: number, width: number): boolean {
  const [head = [], next = []] = [rows[at], rows[at + 1]];
  return (
    head.length === width &&
    next.length === width &&
    head.every((cell) => cell !== '' && !hasDigit(cell)) &&
    new Set(head).size > 1 &&
    next.slice(1).some(hasDigit)
  );
}

/** True where neighbour cells are one, in a row and the one below it, but not in the one above, which has figures. */
function isMergedAnew(rows: string[][], at: number): boolean {
  const [above = [], own = [], below = []] = [rows[at - 1], rows[at], rows[at + 1]];
  return (
    above.some(hasDigit) &&
    merges(own) !== '' &&
    merges(own) === merges(below) &&
    merges(above) !== merges(own)
  );
}

/** The columns whose cell is also the one before. */
const merges = (row: string[]): string =>
  row.flatMap((cell, at) => (at > 0 && cell !== '' && cell === row[at - 1] ? [at] : [])).join(' ');

/** Rows without columns that only repeat the one before. */
function unmerged(rows: string[][]): string[][] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  const repeated = new Set(
    Array.from({ length: width }, (_unused, at) => at).filter(
      (at) => at > 0 && rows.every((row) => row.length === 1 || row[at] === row[at - 1]),
    ),
  );
  return rows.map((row) => row.filter((_cell, at) => !repeated.has(at)));
}
