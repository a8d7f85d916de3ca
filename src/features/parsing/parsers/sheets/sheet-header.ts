import type { SheetCell, SheetRow } from './sheet.js';

const year = /^(?:19|20)\d\d$/;

/**
 * Joins a header of two lines, groups above names, into one: `2024 | 2024` over `Q1 | Q2` becomes `2024 Q1 |
 * 2024 Q2`. A long table repeats its first row only.
 */
export function joinHeader(rows: SheetRow[]): SheetRow[] {
  const [groups, names, ...data] = rows;
  if (!groups || !names || data.length === 0 || names.index !== groups.index + 1) return rows;
  if (![...groups.cells, ...names.cells].every(isHeading)) return rows;
  const over = groupsOver(groups, names);
  if (!over || !hasNumbers(data, over)) return rows;
  const under = new Map(names.cells.map((cell) => [cell.column, cell]));
  const columns = [...new Set([...groups.cells, ...names.cells].map(({ column }) => column))];
  const cells = columns
    .toSorted((a, b) => a - b)
    .map((column): SheetCell => {
      const [group = '', name = ''] = [over.get(column), under.get(column)?.text];
      return {
        column,
        numeric: false,
        text: group === name || name === '' ? group : `${group} ${name}`.trim(),
      };
    });
  return [{ index: names.index, cells }, ...data];
}

const isHeading = ({ text, numeric }: SheetCell): boolean => !numeric || year.test(text);

/**
 * The group above each column: merged, or written only
 * above its first column. Null if no group has two columns.
 */
function groupsOver(groups: SheetRow, names: SheetRow): Map<number, string> | null {
  const above = new Map(groups.cells.map((cell) => [cell.column, cell]));
  const named = new Set(names.cells.map(({ column }) => column));
  const over = new Map(groups.cells.map((cell) => [cell.column, cell.text]));
  let isGrouped = groups.cells.some((cell) => cell.spread && named.has(cell.column));
  let open: SheetCell | null = null;
  for (const { column } of names.cells) {
    const own: SheetCell | undefined = above.get(column);
    if (own) open = own;
    else if (open && named.has(open.column)) {
      over.set(column, open.text);
      isGrouped = true;
    }
  }
  const words = names.cells.map(({ column, text }) => `${over.get(column) ?? ''} ${text}`);
  return isGrouped && new Set(words).size === words.length ? over : null;
}

/** True if there are numbers below the groups: only data decides that two lines of words are a header. */
function hasNumbers(data: SheetRow[], over: ReadonlyMap<number, string>): boolean {
  return data
    .slice(0, 20)
    .some((row) => row.cells.some((cell) => cell.numeric && over.has(cell.column) && !year.test(cell.text)));
}
