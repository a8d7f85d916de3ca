/** Logos and other pictures stand at the end of a page, wherever they are drawn. */
const isBeside = (line: string): boolean => line.trim() === '' || line.startsWith('[Figure: ');
const separator = /^\|(?:\s*:?-+:?\s*\|)+$/;

/**
 * Gives a table that goes on at the top of the next page the head that it has on the page before. Its first
 * row would stand for the head otherwise. Only where that row has
 * numbers below those of the page before, and below a head without one.
 */
export function withContinuedHeads(pages: string[]): string[] {
  let head: string[] | null = null;
  let last: string[] = [];
  return pages.map((page) => {
    const lines = page.split('\n');
    const at = Math.max(
      0,
      lines.findIndex((line) => !isBeside(line)),
    );
    const [first = '', second = ''] = lines.slice(at, at + 2);
    const goesOn = head !== null && separator.test(second) && continues(splitCells(first), head, last);
    const text = goesOn && head ? lines.toSpliced(at, 2, tableLine(head), second, first).join('\n') : page;
    const table = lastTable(text);
    [head, last] = table ?? [null, []];
    return text;
  });
}

function continues(first: string[], head: string[], last: string[]): boolean {
  if (first.length !== head.length) return false;
  return first.some(
    (cell, index) => isNumber(cell) && isNumber(last[index] ?? '') && !/\d/.test(head[index] ?? ''),
  );
}

/** Head and last row of the table that a page ends with. */
function lastTable(page: string): [string[], string[]] | null {
  const lines = page.split('\n');
  let end = lines.length;
  while (end > 0 && isBeside(lines[end - 1] ?? '')) end -= 1;
  let start = end;
  while (lines[start - 1]?.startsWith('|')) start -= 1;
  const [head, rule, last] = [lines[start], lines[start + 1], lines[end - 1]];
  if (head === undefined || last === undefined || !separator.test(rule ?? '')) return null;
  return [splitCells(head), splitCells(last)];
}

function splitCells(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

const tableLine = (cells: string[]): string => `| ${cells.join(' | ')} |`;

const isNumber = (cell: string): boolean => /\d/.test(cell) && !/\p{L}{3}/u.test(cell);
