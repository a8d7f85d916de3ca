export interface Ranked {
  /** Place in the given documents. */
  index: number;
  /** Higher is better; the scale is the model's own. */
  score: number;
}

/** Orders passages by how well they answer a query. Callers fall back to their own order when it fails. */
export abstract class Reranker {
  /** Null without a rerank endpoint; then `rerank` throws. */
  abstract readonly model: string | null;
  /**
   * The best `topN` of `documents`, best first, within RERANK_TIMEOUT_MS.
   * @throws upstream_unavailable, upstream_rate_limited,
   * upstream_timeout, upstream_invalid, upstream_rejected
   */
  abstract rerank(query: string, documents: string[], topN: number, signal?: AbortSignal): Promise<Ranked[]>;
  abstract close(): Promise<void>;
}
