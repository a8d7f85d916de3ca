const fence = /^ {0,3}(?:```|~~~)/;
const row = /^\|.*\|[ \t]*$/;
const rule = /^\|(?:[ \t]*:?-{3,}:?[ \t]*\|)+[ \t]*$/;
/** In a narrower table the only cell of the first row may well be the title of its column. */
const minColumns = 3;

const splitCells = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** The text of a row whose first cell is the only one with a text; null for other rows. */
function readTitle(line: string): string | null {
  const [first = '', ...others] = splitCells(line);
  const isAlone = others.length + 1 >= minColumns && first !== '' && others.every((cell) => cell === '');
  return isAlone ? first : null;
}

const isEmpty = (line: string): boolean => splitCells(line).every((cell) => cell === '');

/**
 * Titles above the header of a table become lines above the table, and rows without a text go: the first row
 * of a Markdown table names its columns.
 */
export function liftTableTitles(markdown: string): string {
  if (!markdown.includes('\n|')) return markdown;
  const lines = markdown.split('\n');
  const written: string[] = [];
  let isCode = false;
  for (let at = 0; at < lines.length; at++) {
    const [header = '', next = ''] = [lines[at], lines[at + 1]];
    if (fence.test(header)) isCode = !isCode;
    if (isCode || !row.test(header) || !rule.test(next)) {
      written.push(header);
      continue;
    }
    let end = at + 2;
    while (end < lines.length && row.test(lines[end] ?? '')) end++;
    written.push(...withoutTitles([header, ...lines.slice(at + 2, end)], next));
    at = end - 1;
  }
  return written.join('\n');
}

function withoutTitles(rows: string[], underline: string): string[] {
  const filled = rows.filter((line) => !isEmpty(line));
  const titles: string[] = [];
  while (filled.length > 2) {
    const title = readTitle(filled[0] ?? '');
    if (title === null) break;
    titles.push(title, '');
    filled.shift();
  }
  // a table of empty cells stays as it is: that it was there is all that it says
  const [head, ...body] = filled;
  return head === undefined
    ? [rows[0] ?? '', underline, ...rows.slice(1)]
    : [...titles, head, underline, ...body];
}
