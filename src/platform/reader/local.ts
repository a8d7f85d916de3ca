import type { LocalModels } from '../models/local-models.js';
import { Reader, type Reading, type ReadPassage } from './reader.js';

/** The reader in the model process of this machine. */
export class LocalReader extends Reader {
  constructor(private readonly models: LocalModels) {
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
