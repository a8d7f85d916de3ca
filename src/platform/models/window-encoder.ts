import { Deadline } from '../upstream/deadline.js';
import type { LocalModels } from './local-models.js';

/** Small batches: a question waits for at most one. */
const maxBatchTexts = 16;
const questionMs = 3000;

export interface WindowModel {
  models: LocalModels;
  /** Names the model and its files: vectors of different ones cannot be compared. */
  name: string;
  /** ISO 639-1 codes. */
  languages: readonly string[];
}

/**
 * Makes the vectors of short windows of text with the matcher. They stand beside those of the embedder and
 * exist only in the languages that the matcher knows.
 */
export class WindowEncoder {
  /** @param model null without a matcher or without a local embedder, whose work includes the windows */
  constructor(private readonly model: WindowModel | null) {}

  /** What the stored windows were made with; null when none can be made. */
  get identity(): string | null {
    if (!this.model || this.model.models.isUnusable) return null;
    return `${this.model.name}:${[...this.model.languages].sort().join()}`;
  }

  /** Null is an unknown language. */
  knows(language: string | null): boolean {
    return this.model !== null && (language === null || this.model.languages.includes(language));
  }

  /** @returns unit vectors in order @throws upstream_unavailable, and the reason of the signal */
  async encodeWindows(texts: string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const { model } = this;
    if (!model) return [];
    const batches = Array.from({ length: Math.ceil(texts.length / maxBatchTexts) }, (_, at) =>
      texts.slice(at * maxBatchTexts, (at + 1) * maxBatchTexts),
    );
    const vectors = await Promise.all(
      batches.map((batch) =>
        model.models.ask({ type: 'encode', texts: batch, role: 'passage' }, 'bulk', signal),
      ),
    );
    return vectors.flat();
  }

  /** The unit vector of a question; null when the model cannot be asked. @throws the reason of the signal */
  async encodeQuestion(text: string, signal?: AbortSignal): Promise<Float32Array | null> {
    if (!this.model) return null;
    const deadline = new Deadline(questionMs, signal);
    try {
      await this.model.models.awaken(deadline.signal);
      const job = { type: 'encode' as const, texts: [text], role: 'query' as const };
      const [vector] = await this.model.models.ask(job, 'urgent', deadline.signal);
      return vector ?? null;
    } catch (error) {
      if (signal?.aborted) throw error;
      return null;
    } finally {
      deadline.clear();
    }
  }
}
