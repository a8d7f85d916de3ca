import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type { Principal } from '../../common/principal.js';

/** Checks which tasks a principal may get events of. */
@Injectable()
export class TaskLookup {
  constructor(private readonly database: Database) {}

  /**
   * The ids of the children if `task` is a batch.
   * @throws not_found for a task that the principal may not see, or of another set than `set`
   */
  async listChildren(principal: Principal, task: string, set: string | null): Promise<string[]> {
    const found = await this.database.call('get_task', {
      tenant: principal.tenant,
      sets: principal.document_sets,
      task,
    });
    const sets = found && [found, ...(found.children ?? [])].map((row) => row.document_set);
    if (!found || (set !== null && !sets?.includes(set))) throw new Problem('not_found', 'Task not found.');
    return (found.children ?? []).map((child) => child.id);
  }
}
