/**
 * The one catalogue of warnings: what a reader of a document should know although it was read. The console
 * has the same sentences in other languages, filled with the warning's `params`.
 */
export const warningCatalogue = {
  attachment_left_out: 'An attachment of a mail was not read',
  attachment_not_supported: 'An attachment of a mail has a format that is not read',
  attachment_unreadable: 'An attachment of a mail could not be read',
  content_without_text: 'Pictures, charts or objects have no text',
  csv_quotes_ignored: 'A quote is never closed',
  formulas_without_values: 'Formulas have no stored value',
  hidden_included: 'Hidden content was included',
  hidden_left_out: 'Hidden content was left out',
  json_line_kept_as_text: 'A line is not valid JSON',
  layout_unreadable: 'The layout of the pages cannot be read',
  letters_lost: 'Letters of formulas could not be read',
  misnamed: 'The file name claims another format',
  pages_garbled: 'The letters of some pages could not be read',
  pages_need_ocr: 'Pages without a text layer were not read',
  pages_not_read: 'The vision model could not read some pages',
  pages_read_by_ocr: 'Pages were read by OCR',
  structure_lost: 'The structure of the document is damaged',
  white_text: 'Text has the colour of its background',
} as const;

export type WarningCode = keyof typeof warningCatalogue;
/** Figures and names of a warning's sentence, from which it is said in another language. */
export type WarningParams = Record<string, string | number>;
