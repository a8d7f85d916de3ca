import type { PlacedTable } from '../../parsed-document.js';

/** The sheet's row of each row of a table, from 1, and the sheet's column of each cell, from 0. */
export type SheetTable = Omit<PlacedTable, 'start'>;

/** Finds the tables of a sheet in its Markdown, which has them in the same order. */
export function placeTables(markdown: string, tables: SheetTable[]): PlacedTable[] {
  const placed: PlacedTable[] = [];
  let at = 0;
  let inTable = false;
  for (const line of markdown.split('\n')) {
    const begins = line.startsWith('|') && !inTable;
    const table = begins ? tables[placed.length] : undefined;
    if (table) placed.push({ start: at, ...table });
    inTable = line.startsWith('|');
    at += line.length + 1;
  }
  return placed;
}
