import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { errorCatalogue, Problem } from '../../common/errors.js';
import { availableMemory } from '../../common/memory.js';
import { Env } from '../../config/env.js';
import { BlobStore } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { JobQueue } from '../../platform/queue/job-queue.js';

const checkMs = 1500;
const rememberMs = 1000;
const megabyte = 1024 * 1024;
const leastDiskMb = 500;

/** Null when `check` ends in time; else what is wrong, in words for an operator. */
export async function withinTime(milliseconds: number, check: Promise<unknown>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${milliseconds} ms`), milliseconds);
  });
  const outcome = check.then(
    () => null,
    (error: unknown) => (error instanceof Problem ? error.detail : errorCatalogue.internal.title),
  );
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
}

/** Each part of the service as a health indicator: time-boxed, and asked at most once a second however many ask. */
@Injectable()
export class HealthParts {
  private readonly remembered = new Map<string, { at: number; outcome: Promise<HealthIndicatorResult> }>();

  constructor(
    private readonly env: Env,
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly queue: JobQueue,
    private readonly blobs: BlobStore,
    private readonly embedder: Embedder,
  ) {}

  all(): (() => Promise<HealthIndicatorResult>)[] {
    return [
      () => this.part('database', { driver: this.env.DATABASE_DRIVER }, () => this.database.ping()),
      () => this.part('queue', { driver: this.env.QUEUE_DRIVER }, () => this.queue.ping()),
      () => this.part('blob_store', { driver: this.env.BLOB_DRIVER }, () => this.blobs.ping()),
      () => this.part('embedding', { driver: this.env.EMBEDDING_DRIVER }, () => this.embedder.ping()),
      () => this.part('disk', {}, () => this.disk()),
      () =>
        this.part('memory', { available_mb: Math.round(availableMemory() / megabyte) }, () => this.memory()),
    ];
  }

  private part(
    name: string,
    facts: Record<string, unknown>,
    check: () => Promise<unknown>,
  ): Promise<HealthIndicatorResult> {
    const known = this.remembered.get(name);
    if (known && Date.now() - known.at < rememberMs) return known.outcome;
    const outcome = withinTime(checkMs, check()).then((wrong) => {
      const indicator = this.indicators.check(name);
      return wrong ? indicator.down({ ...facts, message: wrong }) : indicator.up(facts);
    });
    this.remembered.set(name, { at: Date.now(), outcome });
    return outcome;
  }

  private async disk(): Promise<void> {
    const { bavail, bsize } = await statfs(this.env.DATA_DIR).catch(() => statfs('.'));
    const free = Math.round((bavail * bsize) / megabyte);
    if (free < leastDiskMb) throw new Problem('storage_full', `${free} MB of disk are free`);
  }

  private async memory(): Promise<void> {
    const available = Math.round(availableMemory() / megabyte);
    if (available < this.env.MEMORY_FLOOR_MB)
      throw new Problem(
        'not_ready',
        `${available} MB of memory are available, the floor is ${this.env.MEMORY_FLOOR_MB} MB`,
      );
  }
}
