import { z } from 'zod';
import { type ChunkPlace, TextSource } from '../../common/chunk-place.js';
import type { WarningCode } from '../../common/warnings.js';

/**
 * A piece of a page's text, usually a line or a cell, and its place: first and last character in the part's
 * Markdown (end exclusive), then x, y, width and height in points, origin top left.
 */
export const PlacedText = z.tuple([z.int(), z.int(), z.number(), z.number(), z.number(), z.number()]);
export type PlacedText = z.infer<typeof PlacedText>;

/** A Markdown table of a sheet: the line of each row begins at or after `start`, the rule apart. */
export const PlacedTable = z.object({
  start: z.int(),
  /** The sheet's row of each row of the table, from 1. */
  rows: z.array(z.int()),
  /** The sheet's column of each cell of a row, from 0. */
  columns: z.array(z.int()),
});
export type PlacedTable = z.infer<typeof PlacedTable>;

/** One page, slide or sheet in reading order; the whole text for formats without such parts. */
export const ParsedPart = z.object({
  kind: z.enum(['page', 'slide', 'sheet', 'body']),
  /** 1-based page or slide number; null where the format has none. */
  page: z.int().positive().nullable(),
  /** A sheet's name, a mail part, a chapter file; null otherwise. */
  label: z.string().nullable(),
  /** Markdown: ATX headings, pipe tables, fenced code. */
  markdown: z.string(),
  /** Absent means `text`. */
  source: TextSource.optional(),
  /** Width and height of the page in points. */
  size: z.tuple([z.number(), z.number()]).optional(),
  /** Places of the text on the page, in the order of the Markdown. */
  places: z.array(PlacedText).optional(),
  /** Places of the tables in the sheet, in the order of the Markdown. */
  tables: z.array(PlacedTable).optional(),
});
export type ParsedPart = z.infer<typeof ParsedPart>;

const Warning = z.object({
  /** A stable word of the catalogue; results kept by other versions may hold words that are not in it. */
  code: z.custom<WarningCode>((value) => typeof value === 'string'),
  /** One sentence: the loss or the oddity, and how many. */
  detail: z.string(),
  /** 1-based pages or slides that it concerns; missing where it concerns the whole document. */
  pages: z.array(z.int().positive()).optional(),
  /** The figures and names in `detail`. */
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
/**
 * Something that the reader of a document should know. Results
 * kept by older versions hold `code: detail` as one string.
 */
export const ParseWarning = z.preprocess(
  (value) => (typeof value === 'string' ? warningFromText(value) : value),
  Warning,
);
export type ParseWarning = z.infer<typeof Warning>;

function warningFromText(text: string): { code: string; detail: string } {
  const [code = '', ...rest] = text.split(': ');
  return { code, detail: rest.join(': ') || text };
}

/**
 * The result of a parser. Stored as a blob before the first chunk is staged, so that a resumed run chunks the
 * same text.
 */
export const ParsedDocument = z.object({
  title: z.string().nullable(),
  /** ISO 639-1, detected from the text; null when unsure. */
  language: z.string().nullable(),
  /** Pages or slides; null where the format has none. */
  pages: z.int().nonnegative().nullable(),
  parts: z.array(ParsedPart),
  warnings: z.array(ParseWarning),
});
export type ParsedDocument = z.infer<typeof ParsedDocument>;

/** A passage of a document, which is embedded, indexed, found and quoted. */
export interface Chunk {
  /** 0-based place in the document. */
  ordinal: number;
  /** The quotable text, verbatim from the parsed Markdown (a repeated table header apart). */
  content: string;
  /**
   * Heading path, `Handbook > Leave`; it is embedded and indexed with the content, but not part of `content`.
   */
  heading: string | null;
  page: number | null;
  pageEnd: number | null;
  /** Character offsets into the parts' Markdown joined by a blank line. */
  start: number;
  end: number;
  /** The place of the content in the file; null if the parser does not know places. */
  place: ChunkPlace | null;
}
