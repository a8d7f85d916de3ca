import type { Failure } from '../../../common/errors.js';
import type { Format } from '../formats/formats.js';

interface Order {
  id: number;
  format: Format;
  path: string;
  filename: string;
  bytes: number;
  /** For parsing: keep text that the document hides from its reader. */
  includeHidden?: boolean;
  /** Where the child writes what it has made: the parsed document as JSON lines, or images. */
  output: string;
}

/** What the pool tells a child. `first` is the number of the first page to draw, 1-based. */
export type ToChild =
  (Order & { type: 'parse' }) | (Order & { type: 'render'; first: number; count: number });

/** What a child tells the pool. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'progress'; id: number; done: number; total: number }
  | { type: 'done'; id: number; rssBytes: number }
  | { type: 'failed'; id: number; failure: Failure; cause: string | null; rssBytes: number };
