import { Injectable } from '@nestjs/common';
import type { SpaceIdentity } from '../../platform/embedding/embedder.js';
import { SearchStore } from './search.store.js';

/** Searches notice a change of the active space within this time. */
const rememberedMs = 2000;

/** Knows which embedding space answers searches. */
@Injectable()
export class ActiveSpace {
  private known: { space: ({ id: number } & SpaceIdentity) | null; at: number } | null = null;

  constructor(private readonly store: SearchStore) {}

  /**
   * The active space, by whose model queries are embedded: not always the configured one, while the corpus
   * moves to another. Null without a space of that provider.
   */
  async activeSpaceFor(
    identity: SpaceIdentity | null,
    signal?: AbortSignal,
  ): Promise<({ id: number } & SpaceIdentity) | null> {
    if (identity === null) return null;
    if (!this.known || performance.now() - this.known.at > rememberedMs) {
      const spaces = await this.store.spaces(signal);
      this.known = { space: spaces.find(({ state }) => state === 'active') ?? null, at: performance.now() };
    }
    const { space } = this.known;
    return space?.provider === identity.provider ? space : null;
  }
}
