/**
 * Counts the changes of the parsers after which documents are worth reading again; kept with each version of a document.
 * 1: superscripts, struck and hidden text, formulas, page boxes. 2: structure of tagged PDFs, tables by alignment.
 */
export const parserVersion = 2;
