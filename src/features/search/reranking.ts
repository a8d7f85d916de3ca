import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { indexedText } from '../../common/text/analyzer.js';
import { Reranker } from '../../platform/rerank/reranker.js';

/** How many of the best hits the model reads. */
const reread = 50;

interface Passage {
  filename: string;
  title: string | null;
  heading: string | null;
  content: string;
}

/** Lets a rerank model order the best of a ranking. Without one, or when it fails, the ranking is kept. */
@Injectable()
export class Reranking {
  private readonly logger = new Logger(Reranking.name);

  constructor(private readonly reranker: Reranker) {}

  get isActive(): boolean {
    return this.reranker.model !== null;
  }

  async order<T extends Passage>(query: string, ranking: T[], signal?: AbortSignal): Promise<T[]> {
    if (!this.isActive || ranking.length < 2) return ranking;
    const best = ranking.slice(0, reread);
    try {
      const ranked = await this.reranker.rerank(query, best.map(indexedText), best.length, signal);
      const first = ranked.map(({ index }) => best[index]).filter((hit) => hit !== undefined);
      const named = new Set(first);
      return [...first, ...ranking.filter((hit) => !named.has(hit))];
    } catch (error) {
      if (!(error instanceof Problem) || !error.code.startsWith('upstream_') || signal?.aborted) throw error;
      this.logger.warn({ msg: 'rerank model failed; keeping the fused order', code: error.code });
      return ranking;
    }
  }
}
