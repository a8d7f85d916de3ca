import type { LocalModels } from '../models/local-models.js';
import { Reader, type Reading, type ReadPassage } from './reader.js';

/** Texts of one job of the matcher: jobs share the cores. */
const textsOfRun = 8;

/** The reader in the model process of this machine. */
export class LocalReader extends Reader {
  /** @param languages those of the model that compares sentences; empty without such a model */
  constructor(
    private readonly models: LocalModels,
    private readonly languages: readonly string[] = [],
  ) {
    super();
  }

  get available(): boolean {
    return this.models.problem === null;
  }

  /** Reads nothing while the models cannot be started. @throws the reason of the signal */
  async read(question: string, passages: ReadPassage[], signal?: AbortSignal): Promise<(Reading | null)[]> {
    try {
      await this.models.awaken(signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      return passages.map(() => null);
    }
    return Promise.all(
      passages.map(({ heading, content }) => this.readOne(question, { heading, content }, signal)),
    );
  }

  knows(language: string | null): boolean {
    return this.languages.length > 0 && (language === null || this.languages.includes(language));
  }

  async match(question: string, texts: string[], signal?: AbortSignal): Promise<number[] | null> {
    if (this.languages.length === 0 || texts.length === 0) return null;
    try {
      await this.models.awaken(signal);
      return await this.matchAll(question, texts, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      return null;
    }
  }

  private async matchAll(
    question: string,
    texts: string[],
    signal: AbortSignal | undefined,
  ): Promise<number[]> {
    const runs = Array.from({ length: Math.ceil(texts.length / textsOfRun) }, (_, run) =>
      texts.slice(run * textsOfRun, (run + 1) * textsOfRun),
    );
    const cosines = await Promise.all(
      runs.map((run) => this.models.ask({ type: 'match', question, texts: run }, 'urgent', signal)),
    );
    return cosines.flat();
  }

  private async readOne(
    question: string,
    passage: ReadPassage,
    signal: AbortSignal | undefined,
  ): Promise<Reading | null> {
    try {
      return await this.models.ask({ type: 'read', question, passage }, 'urgent', signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      return null;
    }
  }
}
