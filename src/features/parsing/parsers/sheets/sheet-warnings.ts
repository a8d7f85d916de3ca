import type { ParseWarning } from '../../parsed-document.js';

/** A warning for formulas that no application has computed yet; none for a count of 0. */
export function uncomputedFormulas(count: number): ParseWarning[] {
  if (count === 0) return [];
  const what = count === 1 ? '1 formula has' : `${count} formulas have`;
  const detail = `${what} no stored value; the text shows the formula. Open and save the workbook in a spreadsheet application to store the values.`;
  return [{ code: 'formulas_without_values', detail, params: { count } }];
}
