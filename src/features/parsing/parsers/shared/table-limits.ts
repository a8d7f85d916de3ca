/** Places in a row that merged cells may fill. Word allows 63 columns, other programs more. */
export const maxColumns = 256;

/**
 * The text of a merged cell is repeated in every cell that it covers, so that each row can be understood
 * alone. Longer texts are not repeated.
 */
export const maxRepeat = 500;

/** Characters that repeating merged cells may add: to a document, in docx to a table, in pptx to a slide. */
export const maxRepeated = 1_000_000;
