/**
 * Counts the changes of the parsers after which documents are worth reading again; kept with each version of
 * a document. 1: superscripts, struck and hidden text, formulas, page boxes. 2: structure of tagged PDFs,
 * tables by alignment. 3: regions and headers of sheets, effects by style and place, form fields, HTML in
 * Markdown, tables of CSV files, grids and swallowed headings of PDFs.
 */
export const parserVersion = 3;
