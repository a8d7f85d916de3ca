import type { PageTable } from './page-table.js';

/** Points between a head and the rows below it, rows of such a head, and the share of the width that both take. */
const maxGap = 40;
const maxHeadRows = 4;
const minOverlap = 0.8;
/** Points between two parts of one table, and the share of the width that both take. */
const maxPart = 14;
const minSame = 0.95;

const isValue = (text: string): boolean =>
  /\d/.test(text) && !/\p{L}{2}/u.test(text) && !/^\d{4}$/.test(text);

/** Joins tables of labels alone, or of figures, with the figures below them: a rule or a blank line had parted them. */
export function joinPartedHeads(tables: readonly PageTable[]): PageTable[] {
  const joined: PageTable[] = [];
  for (const table of tables.toSorted((a, b) => a.top - b.top)) {
    const above = joined.findLast((other) => isHeadOf(other, table) || goesOn(other, table));
    if (above) joined[joined.indexOf(above)] = join(above, table);
    else joined.push(table);
  }
  return joined;
}

function isHeadOf(head: PageTable, { rows, top, left, right }: PageTable): boolean {
  const shared = Math.min(head.right, right) - Math.max(head.left, left);
  const [first = []] = rows;
  return (
    head.rows.length <= maxHeadRows &&
    head.rows[0]?.length === first.length &&
    top >= head.bottom - 2 &&
    top - head.bottom <= maxGap &&
    shared >= (Math.max(head.right, right) - Math.min(head.left, left)) * minOverlap &&
    !head.rows.flat().some(isValue) &&
    first.filter(isValue).length >= first.length / 2
  );
}

/** True for rows of numbers right below others of the same columns: a wider gap or a rule had parted them. */
function goesOn({ rows, bottom, left, right }: PageTable, table: PageTable): boolean {
  const shared = Math.min(right, table.right) - Math.max(left, table.left);
  const [last = [], first = [], head = []] = [rows.at(-1), table.rows[0], rows[0]];
  const both = first.filter((cell, at) => isValue(cell) && isValue(last[at] ?? ''));
  return (
    last.length === first.length &&
    table.top >= bottom - 2 &&
    table.top - bottom <= maxPart &&
    shared >= (Math.max(right, table.right) - Math.min(left, table.left)) * minSame &&
    both.length >= 2 &&
    both.length >= first.length / 2 &&
    !head.some(isValue)
  );
}

function join(head: PageTable, table: PageTable): PageTable {
  return {
    rows: [...head.rows, ...table.rows],
    left: Math.min(head.left, table.left),
    right: Math.max(head.right, table.right),
    top: head.top,
    bottom: table.bottom,
    items: new Set([...head.items, ...table.items]),
  };
}
