import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { JobQueue } from '../../platform/queue/job-queue.js';
import { withinTime } from './health-parts.js';

const checkMs = 1500;
const rememberMs = 1000;

/** Whether this process can take work now, and if not, why. */
@Injectable()
export class Readiness {
  private starting = true;
  private draining = false;
  /** What waiting will not mend, e.g. a pgvector that is too old. */
  private fault: string | null = null;
  private remembered: { at: number; missing: Promise<string[]> } | undefined;

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

  /** Empty when ready; else one sentence for each thing that is missing. What is outside the process is asked once a second at most. */
  async missing(): Promise<string[]> {
    const known = this.inside();
    if (known) return [known];
    const now = performance.now();
    if (!this.remembered || now - this.remembered.at >= rememberMs)
      this.remembered = { at: now, missing: this.outside() };
    const missing = await this.remembered.missing;
    // a drain may have begun meanwhile
    const since = this.inside();
    return since ? [since] : missing;
  }

  private inside(): string | null {
    if (this.draining) return 'the process is shutting down';
    if (this.fault) return this.fault;
    return this.starting ? 'the database is being opened and brought up to date' : null;
  }

  private async outside(): Promise<string[]> {
    const [database, queue] = await Promise.all([
      withinTime(checkMs, this.database.ping()),
      withinTime(checkMs, this.queue.ping()),
    ]);
    return [...(database ? [`database: ${database}`] : []), ...(queue ? [`queue: ${queue}`] : [])];
  }
}
