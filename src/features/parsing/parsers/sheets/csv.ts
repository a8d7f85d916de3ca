import { readFile } from 'node:fs/promises';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { Problem } from '../../../../common/errors.js';
import { markdownLines } from '../shared/markdown-text.js';
import { tableRow } from '../shared/markdown-table.js';
import type { ParseWarning } from '../../parsed-document.js';
import type { Parser } from '../../parser.js';
import { decodeText } from '../shared/decode.js';
import { bodyDocument } from '../text.js';

const maxColumns = 16_384;
const maxCells = 20_000_000;
/** Rows in which the header is looked for, and title lines above it at most. */
const rowsLookedAt = 60;
const maxTitles = 20;
const maxRecordBytes = 4 * 1024 * 1024;

/** CSV and TSV: one pipe table, the first row as its header. */
export const parse: Parser = async ({ path, filename, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  const hint = /^sep=(.)\n/i.exec(text);
  const body = hint ? text.slice(hint[0].length) : text;
  const delimiter = hint?.[1] ?? (/\.(?:tsv|tab)$/i.test(filename) ? '\t' : sniffDelimiter(body));
  const { lines, warnings } = readRows(body, delimiter);
  progress(bytes, bytes);
  return bodyDocument(lines.join('\n'), null, warnings);
};

/** The character that splits the first lines most often into the same number of fields. */
export function sniffDelimiter(text: string): string {
  const lines = text
    .slice(0, 64 * 1024)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 50);
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of [',', ';', '\t', '|']) {
    const counts = lines.map((line) => separatorsIn(line, delimiter));
    const titles = titleLines(counts);
    // decimal commas are as regular as the separator, but do not occur in the header
    const score = Math.max(scoreCounts(counts), scoreCounts(counts.slice(titles)) - titles * 0.05);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** How regularly a character occurs in lines. */
function scoreCounts(counts: readonly number[]): number {
  const first = counts[0] ?? 0;
  const same = counts.filter((count) => count === first).length / Math.max(1, counts.length);
  const used = counts.filter((count) => count > 0).length / Math.max(1, counts.length);
  return first === 0 && used < 0.5 ? 0 : used * (1 + same) + Math.min(first, 20) / 100;
}

/** Lines before the first that has as many separators as most lines have. */
function titleLines(counts: readonly number[]): number {
  const usual = [...counts].sort((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  const first = counts.findIndex((count) => count === usual);
  return usual > 0 && first <= maxTitles && counts.length > first + 1 ? Math.max(0, first) : 0;
}

function separatorsIn(line: string, delimiter: string): number {
  let count = 0;
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) count += 1;
  }
  return count;
}

function readRows(text: string, delimiter: string): { lines: string[]; warnings: ParseWarning[] } {
  try {
    return { lines: tableLines(text, delimiter, true), warnings: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  // An unclosed quote swallows all that follows: read the quotes as plain characters then.
  try {
    return {
      lines: tableLines(text, delimiter, false),
      warnings: [
        {
          code: 'csv_quotes_ignored',
          detail: 'A quote is never closed; quotes were read as plain characters.',
        },
      ],
    };
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_MAX_RECORD_SIZE')
      throw new Problem('too_large', 'A row of the table has over 4 MB.');
    if (error instanceof CsvError) throw new Problem('corrupt_document', 'The rows cannot be separated.');
    throw error;
  }
}

/**
 * Rows become lines one by one: a large table is never held twice. The first rows wait until the header is known:
 * exports put titles above it, which are narrower than the table.
 */
function tableLines(text: string, delimiter: string, quoted: boolean): string[] {
  const titles: string[] = [];
  const lines: string[] = [];
  const first: string[][] = [];
  let header: string[] | null = null;
  let width = 0;
  let cells = 0;
  const take = (row: string[]): void => {
    width = Math.max(width, row.length);
    if (header) lines.push(tableRow(row));
    else header = row;
  };
  const settle = (): void => {
    const start = headerAt(first);
    for (const row of first.splice(0, start)) titles.push(markdownLines(makeTitle(row)));
    for (const row of first.splice(0)) take(row);
  };
  parseCsv(text, {
    delimiter,
    quote: quoted ? '"' : false,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRecordBytes,
    on_record: (row: string[]) => {
      if (row.length > maxColumns)
        throw new Problem('too_large', `The table has over ${maxColumns} columns.`);
      cells += row.length;
      if (cells > maxCells) throw new Problem('too_large', `The table has over ${maxCells} cells.`);
      if (header) take(row);
      else if (first.push(row) >= rowsLookedAt) settle();
      return undefined;
    },
  });
  settle();
  if (!header) return titles;
  const padded = (header as string[]).concat(
    Array.from({ length: width - (header as string[]).length }, () => ''),
  );
  const above = titles.length > 0 ? [titles.filter(Boolean).join('\n\n'), ''] : [];
  return [...above, tableRow(padded), `|${' --- |'.repeat(width)}`, ...lines];
}

/** The first row that is as wide as most rows are, with only clearly narrower ones above it. */
function headerAt(rows: readonly string[][]): number {
  const widths = rows.map(filledCells);
  const usual = [...widths].sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
  const start = widths.findIndex((width) => width >= Math.max(2, usual));
  const above = widths.slice(0, Math.max(0, start));
  const narrow = (above[0] ?? 0) <= Math.max(1, usual / 2) && above.every((width) => width < usual);
  return usual >= 2 && start > 0 && start <= maxTitles && rows.length > start + 1 && narrow ? start : 0;
}

function filledCells(row: readonly string[]): number {
  return row.filter((cell) => cell.trim() !== '').length;
}

/** A title line that holds the delimiter was cut by it. */
function makeTitle(row: readonly string[]): string {
  return row
    .filter((cell) => cell.trim() !== '')
    .map((cell) => cell.trim())
    .join(', ');
}
