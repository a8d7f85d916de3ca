/** The cells of a row of a Markdown table. */
export const splitCells = (row: string): string[] =>
  row
    .trim()
    .replace(/^\||\|$/gu, '')
    .split(/(?<!\\)\|/u)
    .map((cell) => cell.replace(/\\\|/gu, '|').trim());

/** True for a form set as a table, in which labels and values take turns: `Order: | 5678 | Contact: | S. May`. */
export function isForm(head: string[]): boolean {
  const labels = head.filter((cell, at) => at % 2 === 0 && cell !== '');
  const values = head.filter((cell, at) => at % 2 === 1 && cell !== '');
  return (
    labels.length > 0 &&
    labels.every((cell) => cell.endsWith(':')) &&
    values.every((cell) => !cell.endsWith(':')) &&
    values.length > 0
  );
}

/** `Label:` and the value in the next cell as one cell. */
export function joinLabels(cells: string[]): string[] {
  const joined: string[] = [];
  for (const cell of cells) {
    const label = joined.at(-1);
    if (label?.endsWith(':') && cell !== '' && !cell.endsWith(':'))
      joined[joined.length - 1] = `${label} ${cell}`;
    else joined.push(cell);
  }
  return joined;
}

/** Words or a year. */
const title = /\p{L}{2}|^(?:19|20)\d\d$/u;

/**
 * Titles of columns from two rows: `Price | Price` above `net | gross`. The second row repeats the title where
 * the first one stands for one column, and tells columns with one title apart.
 * @param row the line below the rule of the table
 * @returns null where the row is no second row of titles
 */
export function readSecondHead(head: string[], row: string): string[] | null {
  const below = splitCells(row);
  if (below.length !== head.length) return null;
  const isSpan = head.map((cell, at) => cell !== '' && (cell === head[at - 1] || cell === head[at + 1]));
  const isTitle = (cell: string, at: number): boolean =>
    isSpan[at] === true ? cell !== head[at] && title.test(cell) : cell === '' || cell === head[at];
  if (!isSpan.includes(true) || !below.every(isTitle)) return null;
  return head.map((cell, at) =>
    isSpan[at] === true ? `${cell} – ${below[at] ?? ''}` : cell || (below[at] ?? ''),
  );
}
