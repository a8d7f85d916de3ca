import { splitCells } from '../../../../../common/text/table-cells.js';

const rule = /^\|(?:\s*:?-{3,}:?\s*\|)+$/;
const minRows = 3;

/**
 * Puts the tables that the layout of a page has into its plain text, whose words are in the order in which they are
 * read: each row must be one line there. The first column stands at the right.
 */
export function withRightToLeftTables(plain: string, layout: string): string {
  const tables = layout.match(/^\|.*(?:\n\|.*)+/gm);
  if (!tables) return plain;
  const lines = plain.split('\n');
  const keys = lines.map(keyOf);
  const starts = new Map<string, number[]>();
  for (const [at, key] of keys.entries())
    starts.set(key, [...(starts.get(key) ?? []), at].slice(0, maxStarts));
  for (const table of tables) {
    const rows = table
      .split('\n')
      .filter((line) => !rule.test(line))
      .map(splitCells);
    const [first = []] = rows;
    if (rows.length < minRows || first.length < 2) continue;
    for (const start of starts.get(keyOf(first.join(' '))) ?? []) {
      const found = readRows(rows, lines, start);
      if (!found) continue;
      const isRow = first.some((cell) => /\d/.test(cell));
      const above = isRow ? titlesIn(lines[start - 1] ?? '', first.length) : null;
      const empty = first.map(() => '');
      const [head = '', ...body] = isRow ? [tableLine(above ?? empty), ...found.rows] : found.rows;
      if (above) lines[start - 1] = '';
      const text = ['', head, `|${' --- |'.repeat(first.length)}`, ...body, ''];
      for (let at = start; at < found.end; at += 1) lines[at] = '';
      lines[start] = text.join('\n');
      break;
    }
  }
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Lines with the same letters at which a table may begin. */
const maxStarts = 20;

/** The rows of a table as lines of Markdown, where they are the lines of a text from one on. */
function readRows(
  rows: readonly string[][],
  lines: readonly string[],
  start: number,
): { rows: string[]; end: number } | null {
  const found: string[] = [];
  let at = start;
  for (const row of rows) {
    while (at < lines.length && lines[at]?.trim() === '') at += 1;
    const cells = divideLine(lines[at] ?? '', row.toReversed());
    if (!cells) return null;
    found.push(tableLine(cells));
    at += 1;
  }
  return { rows: found, end: at };
}

const tableLine = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;

/** One word for each column, as the line above rows of numbers: the layout may have lost it, since letters differ in height. */
function titlesIn(line: string, columns: number): string[] | null {
  const words = line.split(/\s+/).filter(Boolean);
  return words.length === columns && !/\d|^#/.test(line) ? words : null;
}

/** The words of a line as cells that have the same letters as some others; null where they do not. */
function divideLine(line: string, cells: readonly string[]): string[] | null {
  const words = line.split(/\s+/).filter(Boolean);
  let at = 0;
  const divided = cells.map((cell) => {
    const key = keyOf(cell);
    const start = at;
    let count = 0;
    while (at < words.length && count < key.length) count += keyOf(words[at++] ?? '').length;
    const text = words.slice(start, at).join(' ');
    return keyOf(text) === key ? text : null;
  });
  return at === words.length && divided.every((text) => text !== null) ? divided : null;
}

/** Letters, digits and signs in an order of their own: brackets are mirrored, and the order of words differs. */
const keyOf = (text: string): string =>
  Array.from(
    text
      .normalize('NFKC')
      .replace(/[\s\\\u200e\u200f\u202a-\u202e]/g, '')
      .replace(/[)\]}>[{<]/g, '('),
  )
    .sort()
    .join('');
