import type { TextItem } from '@llamaindex/liteparse';

/** A table that was found on a page, with its cells by row; points, origin top left. */
export interface PageTable {
  rows: string[][];
  /** Lines of text in place of rows. */
  lines?: string[];
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** The pieces of text that the table is made of. */
  items: ReadonlySet<TextItem>;
}
