import { Problem } from '../../common/errors.js';
import { Embedder } from './embedder.js';

/** No embedding model: search is keyword search. */
export class NoEmbedder extends Embedder {
  readonly identity = null;

  async embed(): Promise<never> {
    throw new Problem('embedding_unavailable');
  }
  async embedQuery(): Promise<never> {
    throw new Problem('embedding_unavailable');
  }
  async ping(): Promise<void> {}
  async close(): Promise<void> {}
}
