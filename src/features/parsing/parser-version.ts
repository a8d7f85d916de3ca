/**
 * Counts the changes of the parsers after which documents are worth reading again; kept with each version of
 * a document. 1: superscripts, struck and hidden text, formulas, page boxes. 2: structure of tagged PDFs,
 * tables by alignment. 3: regions and headers of sheets, effects by style and place, form fields, HTML in
 * Markdown, tables of CSV files, grids and swallowed headings of PDFs. 4: struck text and running heads of
 * PDFs, symbol fonts, fonts of xls, slides of ppt, lists and notes of Word's HTML. 5: numbers of lists and
 * headings in odt and doc, drop caps, lists of tasks, form fields of doc,
 * EQ fields, fast-saved files of Word 95, deletions in equations. 6: lines and typewriter faces of PDFs, titles
 * of HTML tables, winmail.dat, lists of links of web pages. 7: hidden text of PDFs,
 * notes of deleted marks, raised letters, hidden shapes, formulas nobody computed, heads of tables in PDFs. 8: blanks
 * behind raised and lowered text, values that number formats hide, numbered lists in cells, headings by the outline of PDFs, rows of
 * groups and labels in PDFs. 9: numbers behind a level that was left out, references of articles, menus and
 * empty items of web pages, scripts of PDFs below a mark further right, marks of merged cells,
 * headings of PDFs by size and style, heads and columns of numbers of tables in PDFs.
 */
export const parserVersion = 9;
