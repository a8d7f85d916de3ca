import type { Column } from './cell-rows.js';
import type { TextLine } from '../text/lines.js';

/** A sign before an amount, and one behind it. */
const before = /^(?:\p{Sc}|US\$|[A-Z]{3}|[A-Z]{1,2}\$|kr\.?|\(|\p{Sc}\()$/u;
const behind = /^(?:%|\)|\)%|‰|%\))$/u;

/**
 * Columns whose signs stand in a column of their own, as the `$` of financial reports does, take the sign and
 * its amount for one cell: the heading above them stands over both.
 */
export function withoutSignColumns(columns: readonly Column[], lines: readonly TextLine[]): Column[] {
  const signs = columns.map((column) => signsIn(column, lines));
  const joined: Column[] = [];
  let open: Column | null = null;
  for (const [index, column] of columns.entries()) {
    const last = joined.at(-1);
    if (signs[index] === 'before' && index < columns.length - 1) {
      open = open ? span(open, column) : column;
    } else if (signs[index] === 'behind' && last && !open) {
      joined[joined.length - 1] = span(last, column);
    } else {
      joined.push(open ? span(open, column) : column);
      open = null;
    }
  }
  return joined;
}

/** Whether all cells that stand in a column alone are signs before, or behind, the amounts of their neighbour. */
function signsIn({ from, to }: Column, lines: readonly TextLine[]): 'before' | 'behind' | null {
  const texts = lines.flatMap(({ segments }) =>
    segments
      .filter(({ left, right }) => left >= from && right <= to)
      .map(({ words }) => words.map(({ text }) => text.trim()).join('')),
  );
  if (texts.length === 0) return null;
  if (texts.every((text) => before.test(text))) return 'before';
  return texts.every((text) => behind.test(text)) ? 'behind' : null;
}

function span(one: Column, other: Column): Column {
  return {
    from: Math.min(one.from, other.from),
    to: Math.max(one.to, other.to),
    left: Math.min(one.left, other.left),
    right: Math.max(one.right, other.right),
  };
}
