import { Injectable } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { Handles, type Handler, type Work } from '../../platform/queue/work.js';
import { SourceDrivers } from './source-drivers.js';
import { SourceSync } from './source-sync.js';

@Injectable()
@Handles('run_source')
export class RunSourceHandler implements Handler<'run_source'> {
  constructor(
    private readonly database: Database,
    private readonly drivers: SourceDrivers,
    private readonly sync: SourceSync,
  ) {}

  async run({ source_id: id }: Payload<'run_source'>, work: Work): Promise<JobResult<'run_source'>> {
    const row = await this.database.call('get_source', { tenant: work.task.tenant, sets: null, id });
    if (!row) throw new Problem('not_found', 'The source was deleted.');
    const source = this.drivers.open(row.driver, row.settings);
    try {
      const { counts, checkpoint, error } = await work.stage('download', () =>
        this.sync.run(row, source, work.signal, (done) => work.progress(done)),
      );
      await this.database.call('finish_source_run', { source: id, counts, error, checkpoint });
      return counts;
    } catch (cause) {
      const { code, detail } = toFailure(cause);
      const error = { code, detail };
      if (!work.signal.aborted)
        await this.database.call('finish_source_run', { source: id, counts: null, error, checkpoint: null });
      throw cause;
    } finally {
      await source.close();
    }
  }
}
