import type { PageTable } from './page-table.js';

const isFigure = (text: string): boolean => /\d/.test(text) && !/\p{L}{2}/u.test(text) && !/\s/.test(text);

/**
 * True if a table of some Markdown has, in one cell, figures that stand below one another in the rows of other
 * tables of the same text: it takes several rows for one.
 */
export function mergesRows(markdown: string, tables: readonly PageTable[]): boolean {
  const merged = new Set<string>();
  for (const row of markdown.match(/^\|.*\|$/gm) ?? [])
    for (const cell of row.split(/(?<!\\)\|/)) {
      const words = cell.trim().split(/\s+/);
      for (const [index, word] of words.entries()) {
        const before = words[index - 1];
        if (before !== undefined && isFigure(before) && isFigure(word)) merged.add(`${before} ${word}`);
      }
    }
  return (
    merged.size > 0 &&
    tables.some(({ rows }) =>
      rows.some((row, at) =>
        row.some((cell, column) => merged.has(`${rows[at - 1]?.[column] ?? ''} ${cell}`)),
      ),
    )
  );
}
