import { Injectable, Logger } from '@nestjs/common';
import { analyzerVersion } from '../../common/text/analyzer-version.js';
import { Env } from '../../config/env.js';
import { asBlobKey, type BlobKey, BlobStore } from '../blob/blob-store.js';
import { Database } from '../database/database.js';
import type { SweepReport } from '../database/functions.js';
import { Announcer } from './announcer.js';
import { TaskProducer } from './task-producer.js';
import { TaskStore } from './task-store.js';

/**
 * Leases that may run out before a task is given up: far more than
 * bad luck, so that no innocent document fails for its worker's sake.
 */
const maxLosses = 20;
const garbageLimit = 500;
const ringLimit = 1000;
const orphanBatch = 500;
const firstOrphanLookMs = 60_000;
const outdatedLookMs = 60_000;
const daySeconds = 86_400;
/**
 * Words from which on the sweep goes on soon: after a bulk load, every search reads those that wait. The
 * pause is twice as long as the sweep, since the embedded database does one thing at a time.
 */
const manyUnfolded = 50_000;
const pauseShare = 2;

/**
 * Repairs the effects of crashes, lost rings and lost connections: rings for due tasks, takes back expired
 * leases, purges expired rows, removes blobs without a row. Runs in every process; the database lets one in
 * at a time.
 */
@Injectable()
export class Sweeper {
  private readonly logger = new Logger(Sweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private stopped = true;
  private toldOfIndexes = false;
  private nextOutdatedLook = 0;
  private nextOrphanLook = performance.now() + firstOrphanLookMs;

  constructor(
    private readonly env: Env,
    private readonly database: Database,
    private readonly tasks: TaskStore,
    private readonly blobs: BlobStore,
    private readonly announcer: Announcer,
    private readonly producer: TaskProducer,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Resolves when a sweep under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** One sweep; rejects when the database or the blob store is down. */
  async sweep(): Promise<SweepReport> {
    const report = await this.tasks.sweep({
      max_losses: maxLosses,
      retention_seconds: this.env.TASK_RETENTION_SECONDS,
      audit_seconds: this.env.AUDIT_RETENTION_DAYS === 0 ? null : this.env.AUDIT_RETENTION_DAYS * daySeconds,
      garbage_limit: garbageLimit,
      ring_limit: ringLimit,
    });
    await this.announcer.ring(report.rings);
    await this.announcer.announce(report.ended);
    await this.remove(report.garbage.map(asBlobKey));
    await this.index(report.unindexed);
    if (report.swept) await this.reindex();
    return report;
  }

  /**
   * Starts the indexing of spaces that have become large. Where that would stop all other work, it only logs
   * a hint, once.
   */
  private async index(spaces: number[]): Promise<void> {
    if (spaces.length === 0) return;
    if (this.database.indexes.besideWriters) {
      const tasks = spaces.map((space) => this.producer.plan('index_space', { space }));
      await this.producer.createAll({ tenant: 'default', subject: 'docent' }, tasks);
    } else if (!this.toldOfIndexes) {
      this.toldOfIndexes = true;
      this.logger.warn(
        { spaces },
        'searches by vector compare every chunk, since these spaces have no index: see `docent space`',
      );
    }
  }

  /** Has keyword rows made again that an older analysis made, as after an update. */
  private async reindex(): Promise<void> {
    if (performance.now() < this.nextOutdatedLook) return;
    this.nextOutdatedLook = performance.now() + outdatedLookMs;
    const outdated = await this.database.call('outdated_documents', { analyzer: analyzerVersion, limit: 1 });
    if (outdated.length === 0) return;
    const owner = { tenant: 'default', subject: 'docent' };
    await this.producer.create('reindex', { analyzer: analyzerVersion }, owner);
  }

  /**
   * Removes blobs that no row and no intent names: remains of a lost database or a restored backup.
   * @returns how many
   */
  async removeOrphans(): Promise<number> {
    let removed = 0;
    let batch: BlobKey[] = [];
    for await (const key of this.blobs.list()) {
      if (isYoung(key, this.env.UPLOAD_INTENT_SECONDS)) continue;
      batch.push(key);
      if (batch.length < orphanBatch) continue;
      removed += await this.removeUnclaimed(batch);
      batch = [];
      if (this.stopped) break;
    }
    removed += await this.removeUnclaimed(batch);
    if (removed > 0) this.logger.warn({ removed }, 'blobs without a row were removed');
    return removed;
  }

  private schedule(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.turn().then((next) => this.schedule(next));
    }, ms).unref();
  }

  /** @returns milliseconds until the next sweep */
  private async turn(): Promise<number> {
    const interval = this.env.SWEEP_INTERVAL_SECONDS * 1000;
    const start = performance.now();
    try {
      const report = await this.sweep();
      await this.lookForOrphans(report);
      const pause = pauseShare * (performance.now() - start);
      return report.unfolded_words >= manyUnfolded ? Math.min(interval, pause) : interval;
    } catch (error) {
      this.logger.warn({ err: error }, 'the sweep failed and will be tried again');
      return interval;
    }
  }

  private async lookForOrphans({ swept, purged, ended, garbage }: SweepReport): Promise<void> {
    if (ended.length + garbage.length + purged.tasks + purged.intents > 0) {
      this.logger.debug({ ended: ended.length, garbage: garbage.length, purged }, 'swept');
    }
    if (!swept || performance.now() < this.nextOrphanLook) return;
    this.nextOrphanLook = performance.now() + this.env.UPLOAD_INTENT_SECONDS * 1000;
    await this.removeOrphans();
  }

  private async removeUnclaimed(keys: BlobKey[]): Promise<number> {
    if (keys.length === 0) return 0;
    const unclaimed = await this.database.call('unclaimed_blobs', { keys });
    return this.blobs.delete(unclaimed.map(asBlobKey));
  }

  private async remove(keys: BlobKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.blobs.delete(keys);
    await this.database.call('blobs_removed', { keys });
  }
}

/** True when the key's UUIDv7 is younger than `seconds`: its row may not be written yet. */
function isYoung(key: BlobKey, seconds: number): boolean {
  const id = key.slice(key.lastIndexOf('/') + 1);
  const madeAt = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  return id[14] === '7' && Date.now() - madeAt < seconds * 1000;
}
