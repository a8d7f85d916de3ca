import { Injectable } from '@nestjs/common';
import { Cache } from '../../platform/cache/cache.js';
import type { Work } from '../../platform/queue/work.js';
import type { SearchOutcome } from '../search/search.service.js';

/** Seconds that a chain may take from the search to the answer. Later, the answer searches again. */
const keptSeconds = 600;

/** Hands what a task has found to the task that waits for it, so that one question is searched for once. */
@Injectable()
export class FoundPassages {
  constructor(private readonly cache: Cache) {}

  async keep({ task }: Work, outcome: SearchOutcome): Promise<void> {
    await this.cache.set(makeKey(task.tenant, task.id), outcome, keptSeconds);
  }

  /** @returns undefined where another process found it, or where the cache has forgotten it */
  async take({ task }: Work): Promise<SearchOutcome | undefined> {
    if (task.waits_for === null) return undefined;
    const key = makeKey(task.tenant, task.waits_for);
    const outcome = await this.cache.get<SearchOutcome>(key);
    await this.cache.delete(key);
    return outcome;
  }
}

const makeKey = (tenant: string, task: string): string => `found:${tenant}:${task}`;
