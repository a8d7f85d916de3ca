import type { Failure } from '../../../common/errors.js';
import type { LanguageData } from '../ocr/ocr-page.js';
import type { Format } from '../formats/formats.js';

interface Order {
  id: number;
  format: Format;
  path: string;
  filename: string;
  bytes: number;
  /** For parsing: keep text that the document hides from its reader. */
  includeHidden?: boolean;
  /** Where the child writes its result: the parsed document as JSON lines, or images. */
  output: string;
}

/** A rectangle as shares of the page's width and height, origin top left. */
export interface PageMark {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The pages to draw, and how. */
export interface PagesWanted {
  /** Number of the first page, 1-based. */
  first: number;
  /** Pages at most. */
  count: number;
  dotsPerInch: number;
  /** Longest side of an image in pixels. */
  maxSide: number;
  /** Rectangles to mark on every page. */
  marks: PageMark[];
}

/** An order of the pool to a child. */
export type ToChild =
  | (Order & { type: 'parse' })
  | (Order & { type: 'render' } & PagesWanted)
  | (Order & { type: 'recognize'; page: number; data: LanguageData });

/** A message of a child to the pool. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'progress'; id: number; done: number; total: number }
  /** `parsed`: the lines of a short result, which then has no file. */
  | { type: 'done'; id: number; rssBytes: number; parsed?: string }
  | { type: 'failed'; id: number; failure: Failure; cause: string | null; rssBytes: number };
