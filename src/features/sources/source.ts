import type { Readable } from 'node:stream';

/** One item of a source; it becomes one document. */
export interface SourceItem {
  /** The source's own name for it, the same in every run: a path, an address, a key. */
  key: string;
  /** Changes when the content does; null where the source cannot tell without reading it. */
  version: string | null;
  /** The name of the document. */
  filename: string;
}

/** The current items of a source. */
export interface Listing {
  items: SourceItem[];
  /**
   * Keys of vanished items; `unlisted` when the list is complete, so that every item missing from it has
   * vanished.
   */
  vanished: 'unlisted' | string[];
  /** Given to the next `list`; null for a source that lists everything each time. */
  checkpoint: string | null;
}

/** A place outside that documents are taken from. One is opened for each run. */
export interface Source {
  /** @throws upstream_unavailable, upstream_rejected, address_not_allowed, forbidden, too_large */
  list(checkpoint: string | null, signal: AbortSignal): Promise<Listing>;
  /** The bytes of an item. @throws as `list`, and not_found for an item that has vanished since */
  fetch(item: SourceItem, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
}

/** Items of one source, and so the cost of one run. */
export const maxItems = 20_000;

/** The path of an item as the name of a document: `a/b/c.txt` is `a-b-c.txt`. */
export const nameOfPath = (path: string): string => path.split('/').filter(Boolean).join('-');
