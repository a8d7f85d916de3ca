import { Injectable, Logger } from '@nestjs/common';
import { Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { WindowEncoder } from '../../platform/models/window-encoder.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import { defaultTenant } from '../../common/principal.js';

const lookMs = 60_000;
const owner = { tenant: defaultTenant, subject: 'docent' };

/**
 * Starts the embedding of published chunks when the embedder is slower than the rest of ingestion. Looks for
 * chunks without a vector once a minute: a request may have been lost, and older documents may lack vectors
 * of a new model.
 */
@Injectable()
export class LaterVectors {
  private readonly logger = new Logger(LaterVectors.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  /** Chunks lack their windows only when they were embedded without the matcher: one look is enough. */
  private hasLookedForWindows = false;
  /** The request that is being made, and the one after it. */
  private requesting: Promise<void> = Promise.resolve();
  private following: Promise<void> | undefined;

  constructor(
    private readonly env: Env,
    private readonly database: Database,
    private readonly embedder: Embedder,
    private readonly encoder: WindowEncoder,
    private readonly producer: TaskProducer,
    private readonly metrics: Metrics,
  ) {}

  start(): void {
    if (!this.embedder.embedsLater || !this.env.WORKER_QUEUES.includes('embedding')) return;
    const look = (): void => void (this.looking = this.look());
    look();
    this.timer = setInterval(look, lookMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /**
   * Requests vectors for chunks that were just published. Requests that come while one is being made share
   * the next one. Never fails: the next look repeats it.
   */
  request(): Promise<void> {
    if (!this.embedder.embedsLater) return Promise.resolve();
    this.following ??= this.requesting.then(() => {
      this.following = undefined;
      return (this.requesting = this.make());
    });
    return this.following;
  }

  private async make(): Promise<void> {
    try {
      const space = await this.space();
      if (space !== null) await this.producer.create('embed_chunks', { space }, owner);
    } catch (error) {
      this.logger.warn({
        msg: 'embedding could not be requested; the next check will try again',
        err: error,
      });
    }
  }

  private async look(): Promise<void> {
    try {
      const space = await this.space();
      if (space === null) return;
      const windows_by = this.hasLookedForWindows ? null : this.encoder.identity;
      const { missing, unwindowed } = await this.database.call('missing_vectors', { space, windows_by });
      this.hasLookedForWindows = true;
      this.metrics.chunksWithoutVector.set(missing);
      if (missing > 0 || unwindowed) await this.producer.create('embed_chunks', { space }, owner);
    } catch (error) {
      this.logger.warn({ msg: 'chunks without vectors could not be counted', err: error });
    }
  }

  /** The space of the configured model, made when it is new; null when the model cannot be used. */
  private async space(): Promise<number | null> {
    const { identity } = this.embedder;
    if (!identity) return null;
    const { id } = await this.database.call('ensure_space', { ...identity });
    return id;
  }
}
