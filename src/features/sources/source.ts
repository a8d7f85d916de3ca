import type { Readable } from 'node:stream';
import { Problem } from '../../common/errors.js';

/**
 * Data that a driver keeps of an item for the next run, for example validators of HTTP. A few kilobytes at
 * most.
 */
export type ItemMemo = Record<string, unknown>;

/** One item of a source; it becomes one document. */
export interface SourceItem {
  /** The source's own name for it, the same in every run: a path, an address, a key. */
  key: string;
  /** Changes when the content does; null where the source cannot tell without reading it. */
  version: string | null;
  /** The name of the document. */
  filename: string;
  memo?: ItemMemo;
}

/** An item as an earlier run took it. */
export interface KnownItem {
  version: string | null;
  memo: ItemMemo | null;
  /** True when this pass has listed it already, in a run that ended early. */
  isListed: boolean;
}

export interface ListingStart {
  /** Checkpoint of the part after which the last run ended early, or of the last part of a complete pass. */
  checkpoint: string | null;
  /** Undefined for an item without a document. */
  find(key: string): KnownItem | undefined;
}

/**
 * A part of the current items of a source. The items of a part are taken before the next part is asked for.
 */
export interface ListingPart {
  items: SourceItem[];
  /** Where a run that ends after this part goes on; null where it has to begin again. */
  checkpoint: string | null;
  /** Share of the listing that is done with this part, 0…1. */
  share: number;
  /**
   * Keys of vanished items; `unlisted` in the last part of a complete listing: every item that no part of
   * this pass listed has vanished.
   */
  vanished?: 'unlisted' | string[];
}

export interface FetchedItem {
  body: Readable;
  memo?: ItemMemo;
}

/** A place outside that documents are taken from. One is opened for each run. */
export interface Source {
  /**
   * A pass over the items, from the start or from a checkpoint.
   * @throws upstream_unavailable, upstream_rejected, address_not_allowed, forbidden, too_large
   */
  list(start: ListingStart, signal: AbortSignal): AsyncIterable<ListingPart>;
  /**
   * The bytes of an item, or `unchanged` when the source says that they are those of the known item.
   * @throws as `list`, and not_found for an item that has vanished since
   */
  fetch(
    item: SourceItem,
    known: KnownItem | undefined,
    signal: AbortSignal,
  ): Promise<FetchedItem | 'unchanged'>;
  close(): Promise<void>;
}

/** Items of one source, and so the cost of one pass. */
export const maxItems = 20_000;

/** After this many failures in a row, the source counts as down. */
export const maxFailuresInARow = 20;

export const tooMany = (): Problem =>
  new Problem('too_large', `The source lists more than ${maxItems} items. Name a smaller part of it.`);

/** The path of an item as the name of a document: `a/b/c.txt` is `a-b-c.txt`. */
export const nameOfPath = (path: string): string => path.split('/').filter(Boolean).join('-');
