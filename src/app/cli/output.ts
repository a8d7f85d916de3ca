import type { SearchResponse } from '../../features/answers/answers.dto.js';

/** The output of a command; with `json`, stdout gets exactly one value for a machine. */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly stream: NodeJS.WritableStream = process.stdout,
    private readonly notes: NodeJS.WritableStream = process.stderr,
  ) {}

  /** A line for a reader; left out for a machine. */
  line(text = ''): void {
    if (!this.json) this.stream.write(`${text}\n`);
  }

  write(text: string): void {
    if (!this.json) this.stream.write(text);
  }

  /** A remark in addition to the result. */
  note(text: string): void {
    this.notes.write(`${text}\n`);
  }

  /** The result: as JSON for a machine, otherwise by `print`. */
  result(value: unknown, print: () => void): void {
    if (this.json) this.stream.write(`${JSON.stringify(value, null, 2)}\n`);
    else print();
  }

  /**
   * A table whose columns are as wide as their widest cell.
   * @param empty the remark in place of a table that has only its heading
   */
  table(rows: (string | number | null)[][], empty?: string): void {
    if (rows.length === 1 && empty !== undefined) return this.note(empty);
    const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : printable(String(cell)))));
    const widths = (cells[0] ?? []).map((_, column) =>
      Math.max(...cells.map((row) => (row[column] ?? '').length)),
    );
    for (const row of cells)
      this.line(
        row
          .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
          .join('  '),
      );
  }
}

/** Removes characters that could control a terminal from texts of documents and servers. */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (letter) => (letter === '\n' || letter === '\t' ? letter : ''));

/** `handbook.pdf, page 8 › 6 Annual leave` */
export function describePlace({
  filename,
  page,
  heading,
}: {
  filename: string;
  page: number | null;
  heading: string | null;
}): string {
  return printable(`${filename}${page === null ? '' : `, page ${page}`}${heading ? ` › ${heading}` : ''}`);
}

/** The citations of an answer, one a line, with their quotes. */
export function citationLines({
  citations,
  results,
}: Pick<SearchResponse, 'citations' | 'results'>): string[] {
  return citations.map(({ marker, result, quote, verified }) => {
    const source = results[result]?.metadata;
    return `  ${marker} ${source ? describePlace(source) : ''}${verified ? '' : ' (quote not verified)'}\n      “${printable(quote).replace(/\s+/g, ' ').trim()}”`;
  });
}

const maxClosest = 3;
const maxExcerpt = 240;

/** The beginning of a passage on one line. */
export function excerpt(content: string, most: number): string {
  const line = printable(content).replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most).replace(/\s+\S*$/, '')} …` : line;
}

/** The lines below an answer: its citations, or the closest passages where there is no answer. */
export function sourceLines({
  answered,
  citations,
  results,
}: Pick<SearchResponse, 'answered' | 'citations' | 'results'>): string[] {
  if (answered) return citationLines({ citations, results });
  const closest = results.slice(0, maxClosest).flatMap(({ metadata, content }) => {
    return [`  ${describePlace(metadata)}`, `      ${excerpt(content, maxExcerpt)}`];
  });
  return closest.length > 0 ? ['Closest passages:', ...closest] : [];
}

/** `1 document`, `2 documents` */
export const countThings = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
