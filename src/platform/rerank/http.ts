import { Problem } from '../../common/errors.js';
import type { Env } from '../../config/env.js';
import type { Metrics } from '../metrics/metrics.js';
import { ModelServer } from '../upstream/model-server.js';
import { type Ranked, Reranker } from './reranker.js';

export type RerankSettings = Pick<Env, 'RERANK_API_KEY' | 'RERANK_MODEL' | 'RERANK_TIMEOUT_MS'>;

/**
 * A Cohere- or Jina-compatible endpoint: `{model, query,
 * documents, top_n}` → `results[{index, relevance_score}]`.
 */
export class HttpReranker extends Reranker {
  readonly model: string;
  private readonly server: ModelServer;

  constructor(
    private readonly url: string,
    private readonly env: RerankSettings,
    options: { metrics: Metrics; halfOpenMs?: number },
  ) {
    super();
    this.model = env.RERANK_MODEL;
    this.server = new ModelServer({ name: 'rerank', apiKey: env.RERANK_API_KEY, backoffMs: 50, ...options });
  }

  async rerank(query: string, documents: string[], topN: number, signal?: AbortSignal): Promise<Ranked[]> {
    if (documents.length === 0 || topN <= 0) return [];
    const wanted = Math.min(topN, documents.length);
    const body = { model: this.model, query, documents, top_n: wanted, return_documents: false };
    const bounds = { totalMs: this.env.RERANK_TIMEOUT_MS, attempts: 2, signal };
    return this.server.request(this.url, body, bounds, (answer) =>
      rankedFrom(answer, documents.length, wanted),
    );
  }

  async close(): Promise<void> {
    this.server.close();
  }
}

const invalid = (detail: string): Problem => new Problem('upstream_invalid', `The rerank model ${detail}.`);

/**
 * @throws upstream_invalid for too few results, places out of range or named twice, and scores that are not
 * numbers
 */
function rankedFrom(answer: unknown, documents: number, wanted: number): Ranked[] {
  const results = (answer as { results?: unknown } | null)?.results;
  if (!Array.isArray(results)) throw invalid('answered without results');
  const seen = new Set<number>();
  const ranked = (results as ({ index?: unknown; relevance_score?: unknown; score?: unknown } | null)[]).map(
    (result) => {
      const index = result?.index;
      const score = result?.relevance_score ?? result?.score;
      if (
        typeof index !== 'number' ||
        !Number.isInteger(index) ||
        index < 0 ||
        index >= documents ||
        seen.has(index)
      )
        throw invalid('gave a wrong place');
      if (typeof score !== 'number' || !Number.isFinite(score))
        throw invalid('gave a score that is not a number');
      seen.add(index);
      return { index, score };
    },
  );
  if (ranked.length < wanted) throw invalid(`gave ${ranked.length} results where ${wanted} were asked for`);
  return ranked.toSorted((a, b) => b.score - a.score).slice(0, wanted);
}
