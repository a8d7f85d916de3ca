import { Problem } from '../../common/errors.js';
import { Reranker } from './reranker.js';

/** No rerank endpoint. Callers check `model` first. */
export class NoReranker extends Reranker {
  readonly model = null;

  async rerank(): Promise<never> {
    throw new Problem('upstream_rejected', 'No rerank model is configured.');
  }
  async close(): Promise<void> {}
}
