import type { Edit, PageText } from './mends.js';

interface Cell {
  start: number;
  end: number;
  text: string;
}

const rule = /^\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/;

/**
 * Makes the edits of a merged cell in the repetitions of its text, too: `752` beside `75[^2]` would be false.
 * A repetition is a neighbour of the same text in which no piece of the page stands.
 */
export function repeatInCells({ markdown, found }: PageText, edits: Edit[]): Edit[] {
  if (edits.length === 0 || !markdown.includes('\n|')) return edits;
  const starts = Int32Array.from(found.flatMap((place) => (place ? [place.start] : []))).sort();
  return readTables(markdown).reduce((all, rows) => {
    const from = rows[0]?.[0]?.start ?? 0;
    const to = rows.at(-1)?.at(-1)?.end ?? 0;
    const inside = edits.filter(({ start }) => start >= from && start < to);
    return inside.length === 0 ? all : [...all, ...editsOfCopies(rows, inside, starts)];
  }, edits);
}

function editsOfCopies(rows: Cell[][], edits: Edit[], starts: Int32Array): Edit[] {
  const isCopy = rows.map((row) => row.map((cell) => cell.text !== '' && !holdsPiece(cell, starts)));
  const copies: Edit[] = [];
  for (const [r, row] of rows.entries())
    for (const [c, cell] of row.entries()) {
      const own = edits.filter(({ start }) => start >= cell.start && start <= cell.end);
      if (own.length === 0 || isCopy[r]?.[c] === true) continue;
      const open: [number, number][] = [[r, c]];
      for (let [at] = open; at; at = open.shift()) {
        const [y, x] = at;
        for (const [v, h] of [
          [y, x - 1],
          [y, x + 1],
          [y - 1, x],
          [y + 1, x],
        ] as const) {
          const other = rows[v]?.[h];
          if (!other || isCopy[v]?.[h] !== true || other.text !== cell.text) continue;
          const flags = isCopy[v];
          if (flags) flags[h] = false;
          const by = other.start - cell.start;
          copies.push(...own.map(({ start, end, text }) => ({ start: start + by, end: end + by, text })));
          open.push([v, h]);
        }
      }
    }
  return copies;
}

function holdsPiece({ start, end }: Cell, starts: Int32Array): boolean {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return (starts[low] ?? Infinity) < end;
}

/** The cells of each table, without the lines below the heads. */
function readTables(markdown: string): Cell[][][] {
  const tables: Cell[][][] = [];
  let at = 0;
  let inTable = false;
  for (const line of markdown.split('\n')) {
    const isRow = line.startsWith('|');
    if (isRow && !inTable) tables.push([]);
    if (isRow && !rule.test(line)) tables.at(-1)?.push(readCells(line, at));
    inTable = isRow;
    at += line.length + 1;
  }
  return tables;
}

function readCells(line: string, at: number): Cell[] {
  return [...line.matchAll(/(?<=(?<!\\)\|)(?:[^|\\]|\\.)*(?=\|)/gs)].map(({ 0: whole, index }) => {
    const text = whole.trim();
    const start = at + index + whole.length - whole.trimStart().length;
    return { start, end: start + text.length, text };
  });
}
