/**
 * Words of a cell on average, and of a long cell: tables of the layout library with more are columns of text.
 */
const maxMeanWords = 14;
const longCell = 25;

/**
 * Takes tables apart whose cells are running text: the layout library makes them of columns beside each other
 * and of boxes around paragraphs. Their columns follow one another as paragraphs.
 */
export function withoutProseTables(markdown: string): string {
  if (!/^\|/m.test(markdown)) return markdown;
  return markdown.replace(/^\|.*(?:\n\|.*)*/gm, (table) => (isProse(table) ? paragraphs(table) : table));
}

/** The layout library rules its tables with `|---|`, this project with `| --- |`. */
function isProse(table: string): boolean {
  const [, rule = ''] = table.split('\n');
  if (!/^\|-{3}[|:-]*$/.test(rule)) return false;
  const rows = cellsOf(table);
  const texts = rows.flat().filter((text) => text !== '');
  const words = texts.map((text) => text.split(/\s+/).length);
  const mean = words.reduce((sum, count) => sum + count, 0) / Math.max(1, words.length);
  const long = words.filter((count) => count >= longCell).length;
  const width = Math.max(...rows.map((row) => row.length));
  return mean > maxMeanWords || (width <= 3 && long >= 2 && long >= texts.length * 0.3) || rows.length < 2;
}

function paragraphs(table: string): string {
  const rows = cellsOf(table);
  const width = Math.max(...rows.map((row) => row.length));
  return Array.from({ length: width }, (_unused, column) =>
    rows
      .map((row) => row[column] ?? '')
      .filter(Boolean)
      .join(' '),
  )
    .filter(Boolean)
    .join('\n\n');
}

function cellsOf(table: string): string[][] {
  return table
    .split('\n')
    .filter((_row, index) => index !== 1)
    .map((row) =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}
