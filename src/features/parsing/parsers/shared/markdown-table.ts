/**
 * Renders rows as a GFM pipe table, the first row as its header; '' when no row has a cell.
 * Pipes are escaped, line breaks inside a cell become spaces. Only the header is padded to the widest row:
 * GFM fills short rows itself, and padding all of them
 * lets one wide row of a hostile file multiply the output.
 */
export function markdownTable(rows: string[][]): string {
  const [header, ...body] = rows;
  if (!header) return '';
  let width = 0;
  for (const row of rows) if (row.length > width) width = row.length;
  if (width === 0) return '';
  const padded = header.concat(Array.from({ length: width - header.length }, () => ''));
  const lines = [tableRow(padded), `|${' --- |'.repeat(width)}`];
  for (const row of body) lines.push(tableRow(row.length === 0 ? [''] : row));
  return lines.join('\n');
}

/** One line of a pipe table. */
export function tableRow(cells: string[]): string {
  return `| ${cells.map(tableCell).join(' | ')} |`;
}

function tableCell(text: string): string {
  // split and trim, not one expression with \s* on both sides: that one is quadratic on long runs of blanks
  const lines = text.split(/[\n\r\v\f\u2028\u2029]+/).map((line) => line.trim());
  return lines.filter(Boolean).join(' ').replaceAll('|', '\\|');
}
