import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Env } from '../../config/env.js';
import { BlobStore } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { JobQueue } from '../../platform/queue/job-queue.js';
import { PartHealth } from './part-health.js';

/** A port of the platform; its driver is shown with the state. */
abstract class PortHealth extends PartHealth {
  constructor(
    indicators: HealthIndicatorService,
    private readonly driver: string,
    private readonly port: { ping(): Promise<void> },
  ) {
    super(indicators);
  }

  protected override facts() {
    return { driver: this.driver };
  }

  protected override probe(): Promise<void> {
    return this.port.ping();
  }
}

@Injectable()
export class DatabaseHealth extends PortHealth {
  override readonly name = 'database';

  constructor(
    indicators: HealthIndicatorService,
    env: Env,
    private readonly database: Database,
  ) {
    super(indicators, env.DATABASE_DRIVER, database);
  }

  protected override facts() {
    const { readReplica } = this.database;
    return { ...super.facts(), ...(readReplica && { read_replica: readReplica }) };
  }
}

@Injectable()
export class QueueHealth extends PortHealth {
  override readonly name = 'queue';

  constructor(indicators: HealthIndicatorService, env: Env, port: JobQueue) {
    super(indicators, env.QUEUE_DRIVER, port);
  }
}

@Injectable()
export class BlobStoreHealth extends PortHealth {
  override readonly name = 'blob_store';

  constructor(indicators: HealthIndicatorService, env: Env, port: BlobStore) {
    super(indicators, env.BLOB_DRIVER, port);
  }
}

@Injectable()
export class EmbedderHealth extends PortHealth {
  override readonly name = 'embedding';

  constructor(indicators: HealthIndicatorService, env: Env, port: Embedder) {
    super(indicators, env.EMBEDDING_DRIVER, port);
  }
}
