import { splitCells } from '../../../../../common/text/table-cells.js';
import { tableRow } from '../../shared/markdown-table.js';

const rule = /^\|(?:\s*:?-{3,}:?\s*\|)+$/;
/** Share of the rows that keep to the pattern of labels and values. */
const minShare = 0.8;

/**
 * Gives tables of labels and values (`Weight | 18 kg`) an empty head: their first row is one of them, and names no
 * column.
 */
export function withoutFalseHeads(markdown: string): string {
  if (!/^\|/m.test(markdown)) return markdown;
  return markdown.replace(/^\|.*(?:\n\|.*)+/gm, (table) => {
    const [first = '', second = '', ...rest] = table.split('\n');
    if (!rule.test(second)) return table;
    const head = splitCells(first);
    if (!isLabelled(head, rest.map(splitCells)) && !isRowOfNumbers(head)) return table;
    return [tableRow(head.map(() => '')), second, first, ...rest].join('\n');
  });
}

/** True for a label before exact numbers alone, as in `Revenue | 12.5 | 13.1`: no number with a decimal or minutes names a column. */
function isRowOfNumbers([label = '', ...cells]: string[]): boolean {
  const filled = cells.filter((cell) => cell !== '');
  return (
    filled.length >= 2 &&
    /\p{L}{2}/u.test(label) &&
    filled.every((cell) => isExact.test(cell)) &&
    !filled.every((cell) => isDay.test(cell))
  );
}

/** True if labels without a digit and values take turns in the first row, and in those below it. */
function isLabelled(head: string[], rows: string[][]): boolean {
  const labels = head.filter((_cell, at) => at % 2 === 0);
  const values = head.filter((_cell, at) => at % 2 === 1);
  if (labels.length !== values.length || rows.length === 0) return false;
  if (labels.some((cell) => !isLabel(cell)) || !values.some(head.length === 2 ? isFigure : isValue))
    return false;
  if (values.some((cell) => /^(?:19|20)\d\d(?:[-/]\d\d)?$/.test(cell))) return false;
  const alike = rows.filter((row) => row.every((cell, at) => at % 2 === 1 || cell === '' || isLabel(cell)));
  if (alike.length < rows.length * minShare) return false;
  // two columns are also those of names and figures: then each row has a figure
  if (head.length === 2)
    return rows.filter(([, value = '']) => value === '' || isFigure(value)).length >= rows.length * minShare;
  const all = [head, ...rows].flatMap((row) => row.filter((cell, at) => at % 2 === 0 && cell !== ''));
  return new Set(all).size === all.length;
}

/** A number with a decimal, with thousands or with minutes, and a day of the calendar. */
const isExact = /^[^\p{L}\d]{0,3}\d[\d.,:'’ ]*[.,:]\d+[^\p{L}\d]{0,3}$/u;
const isDay = /^\d{1,4}[./-]\d{1,2}[./-](?:\d{2,4})?$/;
const isLabel = (cell: string): boolean => /\p{L}{2}/u.test(cell) && !/\d/.test(cell);
const isValue = (cell: string): boolean => /\d/.test(cell);
/** A number first, perhaps behind a sign or a currency. */
const isFigure = (cell: string): boolean => /^[^\p{L}\d]{0,3}(?:\p{Lu}{2,3} ?)?\d/u.test(cell);
