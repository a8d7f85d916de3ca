import type Bull from 'bull';
import type pg from 'pg';
import type { OwnPostgres } from '../postgres.js';
import type { OwnRedis } from '../redis-server.js';
import type { ScriptedModel } from '../scripted-llm.js';
import type { Client } from './client.js';
import type { Fleet } from './fleet.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { TcpProxy } from './tcp-proxy.js';

/** Everything that a fault may spoil. */
export interface World {
  fleet: Fleet;
  client: Client;
  load: Load;
  random: Random;
  model: ScriptedModel;
  /** Past the proxy. */
  sql: pg.Pool;
  /** Undefined where the server is somebody else's: it is not restarted then. */
  postgres: OwnPostgres | undefined;
  postgresProxy: TcpProxy;
  redis: { server: OwnRedis; restart(): Promise<void> };
  redisProxy: TcpProxy;
  ingestion: Bull.Queue;
  probes: Probes;
  leaseSeconds: number;
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
    const [live, ready] = await Promise.all([this.client.request('GET', '/health/live'), this.client.request('GET', '/health/ready')]);
    if (live && live.status !== 200) this.client.violations.push(`I9 /health/live answered ${live.status} during ${this.client.during}`);
    this.ready = ready?.status ?? 0;
    if (ready?.status === 503) this.readyFailures += 1;
  }
}
