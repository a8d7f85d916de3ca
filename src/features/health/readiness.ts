import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { JobQueue } from '../../platform/queue/job-queue.js';
import { withinTime } from './health-parts.js';

const checkMs = 1500;

/** Whether this process can take work now, and if not, why. */
@Injectable()
export class Readiness {
  private starting = true;
  private draining = false;
  /** What waiting will not mend, e.g. a pgvector that is too old. */
  private fault: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly queue: JobQueue,
  ) {}

  started(): void {
    this.starting = false;
  }

  failed(reason: string): void {
    this.fault = reason;
  }

  /** From here on the process answers what it has and takes nothing new. */
  drain(): void {
    this.draining = true;
  }

  /** Empty when ready; else one sentence for each thing that is missing. */
  async missing(): Promise<string[]> {
    if (this.draining) return ['the process is shutting down'];
    if (this.fault) return [this.fault];
    if (this.starting) return ['the database is being opened and brought up to date'];
    const [database, queue] = await Promise.all([withinTime(checkMs, this.database.ping()), withinTime(checkMs, this.queue.ping())]);
    return [...(database ? [`database: ${database}`] : []), ...(queue ? [`queue: ${queue}`] : [])];
  }
}
