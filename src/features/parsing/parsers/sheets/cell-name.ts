/** The letters of a column. @param number 1-based */
export function columnName(number: number): string {
  let name = '';
  for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** `B7`. @param row 0-based @param column 0-based */
export function cellName(row: number, column: number): string {
  return `${columnName(column + 1)}${row + 1}`;
}
