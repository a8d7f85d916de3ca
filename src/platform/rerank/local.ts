import type { Env } from '../../config/env.js';
import type { LocalModels } from '../models/local-models.js';
import { openModelFolder } from '../models/model-folder.js';
import { Deadline } from '../upstream/deadline.js';
import { type Ranked, Reranker } from './reranker.js';

const documentsAtOnce = 4;

/** A cross-encoder in the model process of this machine. */
export class LocalReranker extends Reranker {
  readonly model: string;

  constructor(
    directory: string,
    private readonly env: Pick<Env, 'RERANK_TIMEOUT_MS'>,
    private readonly models: LocalModels,
  ) {
    super();
    const { name, fingerprint } = openModelFolder(directory);
    this.model = `${name}@${fingerprint}`;
  }

  async rerank(query: string, documents: string[], topN: number, signal?: AbortSignal): Promise<Ranked[]> {
    await this.models.awaken(signal);
    const deadline = new Deadline(this.env.RERANK_TIMEOUT_MS, signal);
    const groups = Array.from({ length: Math.ceil(documents.length / documentsAtOnce) }, (_unused, at) =>
      documents.slice(at * documentsAtOnce, (at + 1) * documentsAtOnce),
    );
    try {
      const scores = await Promise.all(
        groups.map((group) =>
          this.models.ask({ type: 'rank', query, documents: group }, 'urgent', deadline.signal),
        ),
      );
      const ranked = scores.flat().map((score, index): Ranked => ({ index, score }));
      return ranked.sort((a, b) => b.score - a.score).slice(0, topN);
    } finally {
      deadline.clear();
    }
  }

  async close(): Promise<void> {}
}
