import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';

const pollMs = 5000;
const maxAtOnce = 20;

/**
 * Makes a task of every source whose time has come. Several processes may look: each source is taken once.
 */
@Injectable()
export class SourceSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('sources');
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly tasks: TaskProducer,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.round = this.startDue().finally(() => this.schedule());
    }, pollMs).unref();
  }

  private async startDue(): Promise<void> {
    try {
      for (const { id, document_set, ...owner } of await this.database.call('take_due_sources', {
        limit: maxAtOnce,
      }))
        await this.tasks.create('run_source', { source_id: id }, owner, { document_set });
    } catch (error) {
      this.logger.debug({ err: error, msg: 'due sources could not be read' });
    }
  }
}
