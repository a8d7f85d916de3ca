import type { Readable } from 'node:stream';

/** `originals/<2 hex>/<uuid>` or `parsed/<2 hex>/<uuid>`: made by `blobKey`, never from user text. */
export type BlobKey = string & { readonly __blobKey: unique symbol };

const keyPattern = /^(originals|parsed)\/[0-9a-f]{2}\/[0-9a-f-]{36}$/;

/** The one function that makes keys. The two hex digits spread the files over 256 folders. */
export function blobKey(kind: 'originals' | 'parsed', id: string): BlobKey {
  return asBlobKey(`${kind}/${id.slice(-2)}/${id}`);
}

/** Checks a key from the database. @throws Error when it was not made by `blobKey` */
export function asBlobKey(text: string): BlobKey {
  if (!keyPattern.test(text)) throw new Error('not a blob key');
  return text as BlobKey;
}

/** Tells our blobs from other files in the same place. */
export const isBlobKey = (text: string): text is BlobKey => keyPattern.test(text);

/** First and last byte, inclusive. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Stores original files and parse results. */
export abstract class BlobStore {
  /**
   * Streams `body` to `key`; resolves when durable. On any failure nothing is left at `key`.
   * @throws storage_full, storage_unavailable; what `body` fails with passes through
   */
  abstract put(
    key: BlobKey,
    body: Readable,
    signal?: AbortSignal,
  ): Promise<{ bytes: number; sha256: string }>;
  /** @throws blob_not_found, storage_unavailable */
  abstract get(key: BlobKey, range?: ByteRange): Promise<Readable>;
  /**
   * The path of the blob's own file where the store has files, to be read and nothing else; null elsewhere.
   * @throws blob_not_found, storage_unavailable
   */
  async localPath(_key: BlobKey): Promise<string | null> {
    return null;
  }
  /** Size in bytes. @throws blob_not_found, storage_unavailable */
  abstract size(key: BlobKey): Promise<number>;
  /** Removes the blobs that exist. @returns how many */
  abstract delete(keys: BlobKey[]): Promise<number>;
  /** Keys in order, for the sweep. */
  abstract list(after?: BlobKey): AsyncIterable<BlobKey>;
  /**
   * Checks that the store can be used, without touching stored blobs.
   * @throws storage_full, storage_unavailable
   */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
