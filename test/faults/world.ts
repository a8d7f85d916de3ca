import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { OwnPostgres } from '../postgres.js';
import type { OwnRedis } from '../redis-server.js';
import type { ScriptedModel } from '../scripted-llm.js';
import type { Client } from './client.js';
import type { Fleet } from './fleet.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { Rings } from './rings.js';
import type { TcpProxy } from './tcp-proxy.js';

/** Does its harm and takes it back; resolves with a note when nothing is spoiled any more. */
export type Fault = (world: World) => Promise<string>;

/** Everything that a fault may spoil. */
export interface World {
  fleet: Fleet;
  client: Client;
  load: Load;
  random: Random;
  model: ScriptedModel;
  /** Past the proxy. */
  sql: pg.Pool;
  /** Undefined where the stand-in takes its place. */
  postgres: OwnPostgres | undefined;
  postgresProxy: TcpProxy;
  redis: { server: OwnRedis; restart(options?: { appendOnly: boolean }): Promise<void> };
  redisProxy: TcpProxy;
  rings: Rings;
  probes: Probes;
  switches: Switches;
  /** A small file system under the blobs; undefined where none could be mounted. */
  disk: string | undefined;
  leaseSeconds: number;
}

/** Moments at which `saboteur.mjs` ends the API process that comes first. */
export class Switches {
  constructor(readonly folder: string) {}

  set(moment: string): void {
    writeFileSync(join(this.folder, moment), '');
  }

  taken(moment: string): boolean {
    return !existsSync(join(this.folder, moment));
  }
}

/** Asks liveness and readiness twice a second, as an orchestrator does. */
export class Probes {
  ready = 0;
  readyFailures = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly client: Client) {}

  start(): void {
    this.timer = setInterval(() => void this.probe(), 500);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async probe(): Promise<void> {
    const [live, ready] = await Promise.all([
      this.client.request('GET', '/health/live'),
      this.client.request('GET', '/health/ready'),
    ]);
    if (live && live.status !== 200)
      this.client.violations.push(`I9 /health/live answered ${live.status} during ${this.client.during}`);
    this.ready = ready?.status ?? 0;
    if (ready?.status === 503) this.readyFailures += 1;
  }
}
