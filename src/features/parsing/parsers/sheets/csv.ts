import { readFile } from 'node:fs/promises';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { Problem } from '../../../../common/errors.js';
import type { ParseWarning, PlacedTable } from '../../parsed-document.js';
import type { Parser } from '../../parser.js';
import { CsvTables } from './csv-tables.js';
import { decodeText } from '../shared/decode.js';
import { bodyDocument } from '../shared/body-document.js';

const maxColumns = 16_384;
const maxCells = 20_000_000;
/** Title lines above a header at most. */
const maxTitles = 20;
const maxRecordBytes = 4 * 1024 * 1024;

/** CSV and TSV: a pipe table for each table of the file, usually one, with the titles above it. */
export const parse: Parser = async ({ path, filename, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  const hint = /^sep=(.)\n/i.exec(text);
  const body = hint ? text.slice(hint[0].length) : text;
  const delimiter = hint?.[1] ?? (/\.(?:tsv|tab)$/i.test(filename) ? '\t' : sniffDelimiter(body));
  const { tables, warnings } = readRows(body, delimiter, hint ? 1 : 0);
  progress(bytes, bytes);
  const document = bodyDocument(tables.markdown, null, warnings);
  return { ...document, parts: document.parts.map((part) => ({ ...part, tables: tables.places })) };
};

/** The character that splits the first lines most often into the same number of fields. */
export function sniffDelimiter(text: string): string {
  const lines = text
    .slice(0, 64 * 1024)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 50);
  let best = { delimiter: ',', score: 0 };
  for (const delimiter of [',', ';', '\t', '|', '^', '~']) {
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

interface Separated {
  tables: { markdown: string; places: PlacedTable[] };
  warnings: ParseWarning[];
}

function readRows(text: string, delimiter: string, before: number): Separated {
  try {
    return { tables: readTables(text, delimiter, quoteIn(text, delimiter), before), warnings: [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  // An unclosed quote swallows all that follows: read the quotes as plain characters then.
  try {
    return {
      tables: readTables(text, delimiter, false, before),
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

/** Single quotes enclose cells only where no double quote does, and where they hold a delimiter. */
function quoteIn(text: string, delimiter: string): string {
  const head = text.slice(0, 64 * 1024);
  if (head.includes('"')) return '"';
  const quoted = head.matchAll(/(?:^|[^\p{L}\p{N}' ])'([^'\n]{0,500})'(?=[^\p{L}\p{N}' ]|$)/gmu);
  return [...quoted].some(([, cell = '']) => cell.includes(delimiter)) ? "'" : '"';
}

/** @param before rows of the file above the text */
function readTables(
  text: string,
  delimiter: string,
  quote: string | false,
  before: number,
): Separated['tables'] {
  const tables = new CsvTables();
  let cells = 0;
  let number = before;
  let isAfterBlank = false;
  parseCsv(text, {
    delimiter,
    quote,
    relax_column_count: true,
    relax_quotes: true,
    // a quote may stand behind a blank: `A-2 , "x, y"`
    trim: delimiter !== '\t',
    max_record_size: maxRecordBytes,
    on_record: (row: string[]) => {
      if (row.length > maxColumns)
        throw new Problem('too_large', `The table has over ${maxColumns} columns.`);
      cells += row.length;
      if (cells > maxCells) throw new Problem('too_large', `The table has over ${maxCells} cells.`);
      number++;
      const isBlank = row.every((cell) => cell.trim() === '');
      if (!isBlank) tables.add({ cells: row, number, isAfterBlank });
      isAfterBlank = isBlank;
      return undefined;
    },
  });
  return tables.end();
}
