import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { VectorIndexes } from '../../platform/database/vector-indexes.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Work } from '../../platform/queue/work.js';
import { SpaceStore } from './space.store.js';

const lookMs = 1000;

/**
 * Makes the graph over the vectors of a space. The server builds it while this process waits. When a worker
 * is lost or the time limit ends the wait, the build goes on, and the next attempt finds it running or done.
 * Only cancelling the task stops it.
 */
@Handles('index_space')
@Injectable()
export class IndexSpaceHandler implements Handler<'index_space'> {
  readonly resumes = true;

  constructor(
    private readonly store: SpaceStore,
    private readonly database: Database,
    private readonly indexes: VectorIndexes,
  ) {}

  async run({ space: id }: Payload<'index_space'>, work: Work): Promise<JobResult<'index_space'>> {
    const space = await this.store.get(id);
    const looking = setInterval(() => void this.tell(id, work), lookMs);
    try {
      await work.stage('index', () => this.indexes.build(space, work.signal));
    } catch (error) {
      if (work.signal.aborted && (await this.isCancelled(work))) await this.indexes.stop(space);
      throw error;
    } finally {
      clearInterval(looking);
    }
    const { bytes } = await this.store.index(id);
    return { space: id, bytes };
  }

  private async tell(id: number, work: Work): Promise<void> {
    const index = await this.store.index(id).catch(() => null);
    if (index?.progress) work.progress(index.progress);
  }

  private async isCancelled({ task: { tenant, id } }: Work): Promise<boolean> {
    return (
      (await this.database.call('get_task', { tenant, sets: null, task: id }))?.cancel_requested === true
    );
  }
}
