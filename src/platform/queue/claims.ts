import { uuidv7 } from '../../common/ids.js';
import { Together } from '../../common/together.js';
import { blobKey } from '../blob/blob-store.js';
import type { ClaimedTask } from '../database/functions.js';
import type { TaskStore } from './task-store.js';

export interface ClaimSettings {
  /** Names this process in leases. */
  owner: string;
  leaseSeconds: number;
  /** How long the blob of a parse result stays announced. */
  blobSeconds: number;
}

const maxAtOnce = 32;

/** Claims the tasks that are asked for at the same time with one call. */
export class Claims {
  private readonly together = new Together<string, ClaimedTask | null | undefined>(
    (tasks) => this.claimAll(tasks),
    maxAtOnce,
  );

  constructor(
    private readonly tasks: TaskStore,
    private readonly settings: ClaimSettings,
  ) {}

  /** Null when the task is not due, not there, or somebody else's. */
  async claim(task: string): Promise<ClaimedTask | null> {
    const claimed = await this.together.add(task);
    if (claimed !== undefined) return claimed;
    const [alone] = await this.claimAll([task]);
    return alone ?? null;
  }

  /** Undefined for a task whose row somebody else holds at the moment. */
  private async claimAll(tasks: string[]): Promise<(ClaimedTask | null | undefined)[]> {
    const { owner, leaseSeconds, blobSeconds } = this.settings;
    const keys = tasks.map(() => blobKey('parsed', uuidv7()));
    const { claimed, busy } = await this.tasks.claim({
      tasks,
      owner,
      lease_seconds: leaseSeconds,
      parsed_keys: keys,
      blob_seconds: blobSeconds,
    });
    const rows = new Map(claimed.map((row) => [row.id, row]));
    const held = new Set(busy);
    return tasks.map((task, place) => {
      const row = rows.get(task);
      // a task that was asked for twice is claimed once
      rows.delete(task);
      if (row) return { ...row, announced: keys[place] ?? '' };
      return held.has(task) ? undefined : null;
    });
  }
}
