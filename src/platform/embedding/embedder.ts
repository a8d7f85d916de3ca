/** Which model makes the vectors: one embedding space each. */
export interface SpaceIdentity {
  provider: string;
  model: string;
  dimensions: number;
}

/** Turns text into unit vectors of `identity.dimensions` numbers. */
export abstract class Embedder {
  /** Null without an embedding model; then `embed` and `embedQuery` throw. */
  abstract readonly identity: SpaceIdentity | null;
  /**
   * True where a document is ready when its words can be
   * searched, and its vectors follow in the queue `embedding`.
   */
  readonly embedsLater: boolean = false;
  /**
   * Vectors in the order of `texts`, paced, retried and checked (dimension, finite, not zero).
   * @param space another model of the same provider, while the corpus moves from one model to the other
   * @throws embedding_unavailable, upstream_unavailable, upstream_rate_limited, upstream_timeout,
   * upstream_invalid, upstream_rejected
   */
  abstract embed(texts: string[], signal?: AbortSignal, space?: SpaceIdentity): Promise<number[][]>;
  /** The vector of one query, cached; equal simultaneous queries share one call. */
  abstract embedQuery(text: string, signal?: AbortSignal, space?: SpaceIdentity): Promise<number[]>;
  /** @throws upstream_unavailable, upstream_invalid for a model of other dimensions than the configured ones */
  abstract ping(): Promise<void>;
  /**
   * Asks for one vector until one was right, so that a wrong model shows before the first document.
   * @throws upstream_invalid
   */
  prove(): Promise<void> {
    return Promise.resolve();
  }
  abstract close(): Promise<void>;
}
