import { maxColumns, maxRepeat } from '../shared/table-limits.js';
import type { Range } from './tex-source.js';

export interface TexCell {
  text: string;
  columns: number;
  rows: number;
}

/** A row may end with the space below it. */
const rowEnd = /\*?[ \t]?\[-?[\d.]{1,8} ?[a-z]{2}\]/y;

/** The cells of a table by their ranges: `&` parts cells and `\\` rows, outside of groups and inner tables. */
export function splitCells(
  text: string,
  { from, to }: Range,
  braces: Int32Array,
  environments: ReadonlyMap<number, number>,
): Range[][] {
  const rows: Range[][] = [];
  let row: Range[] = [];
  let start = from;
  const endRow = (end: number): void => {
    row.push({ from: start, to: end });
    rows.push(row);
    row = [];
  };
  for (let at = from; at < to; at++) {
    const character = text.charAt(at);
    if (character === '{') at = Math.max(at, Math.min(braces[at] ?? -1, to));
    else if (character === '&') {
      if (row.length < maxColumns) row.push({ from: start, to: at });
      start = at + 1;
    } else if (character === '\\') {
      const end = environments.get(at);
      if (end !== undefined && end < to) at = end;
      else if (text.charAt(at + 1) === '\\') {
        endRow(at);
        rowEnd.lastIndex = at + 2;
        start = at + 2 + (rowEnd.exec(text)?.[0].length ?? 0);
        at = start - 1;
      } else {
        if (text.startsWith('\\tabularnewline', at)) {
          endRow(at);
          start = at + '\\tabularnewline'.length;
        }
        at++;
      }
    }
  }
  endRow(to);
  return rows;
}

/** Rows in which merged cells repeat their text; rows without text are left out. */
export function spreadCells(rows: readonly TexCell[][], repeat: (text: string) => string): string[][] {
  const spread: string[][] = [];
  const open = new Map<number, { text: string; rows: number }>();
  for (const cells of rows) {
    const row: string[] = [];
    for (const { text, columns, rows: down } of cells) {
      for (let i = 0; i < Math.min(columns, maxColumns) && row.length < maxColumns; i++) {
        const above = open.get(row.length);
        if (above && --above.rows <= 0) open.delete(row.length);
        const shown =
          text === '' && above ? repeat(above.text) : i === 0 || cells.length === 1 ? text : repeat(text);
        if (down > 1 && text.length <= maxRepeat) open.set(row.length, { text, rows: down - 1 });
        row.push(i > 0 && cells.length === 1 ? '' : shown);
      }
    }
    if (row.some((text) => text !== '')) spread.push(row);
  }
  return spread;
}
