import { randomUUID } from 'node:crypto';
import type { ChainableCommander, Redis } from 'ioredis';
import { Problem } from '../../common/errors.js';
import { Presence, presenceLifeMs, type ConnectionsByTenant, type ConnectionView } from './presence.js';
import { openRedis } from '../redis-connection.js';

/** Ids of processes by when they last spoke. What has expired is known by its hash alone: no clock is compared with another machine's. */
const processes = 'docent:presence';
const keyOf = (id: string): string => `${processes}:${id}`;
/** After this an id is dropped, far beyond any difference between clocks. */
const forgottenMs = 86_400_000;
const commandTimeout = 2000;

/**
 * One hash a process: tenant → its connections as JSON, gone with the process. A beat writes the tenants where something has changed, and
 * otherwise only puts the expiry off, however many connections there are.
 */
export class RedisPresence extends Presence {
  private readonly id = randomUUID();
  private readonly redis: Redis;
  /** What Redis has of this process, as far as is known. */
  private readonly told = new Map<string, string>();

  constructor(url: string) {
    super();
    this.redis = openRedis(url, {
      // a worker holds no sockets and needs no connection
      lazyConnect: true,
      commandTimeout,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 3000),
    });
    // without a listener a refused connection would end the process; that Redis is away the queue and the event bus say
    this.redis.on('error', () => undefined);
  }

  override async tell(read: () => ConnectionsByTenant): Promise<void> {
    const now = new Map([...read()].map(([tenant, connections]) => [tenant, JSON.stringify(connections)]));
    if (now.size === 0 && this.told.size === 0) return;
    const changed = [...now].filter(([tenant, text]) => this.told.get(tenant) !== text);
    const gone = [...this.told.keys()].filter((tenant) => !now.has(tenant));
    const key = keyOf(this.id);
    const commands = this.redis.multi();
    if (changed.length > 0) commands.hset(key, ...changed.flat());
    if (gone.length > 0) commands.hdel(key, ...gone);
    const spoken = Date.now();
    commands.zadd(processes, spoken, this.id).zremrangebyscore(processes, '-inf', spoken - forgottenMs);
    commands.pexpire(key, presenceLifeMs).hlen(key);
    try {
      const kept = (await resultsOf(commands)).at(-1);
      for (const [tenant, text] of changed) this.told.set(tenant, text);
      for (const tenant of gone) this.told.delete(tenant);
      // Redis has lost something, by an expiry or a restart: the next beat says everything again
      if (kept !== now.size) this.told.clear();
    } catch {
      this.told.clear();
    }
  }

  override async others(tenant: string): Promise<ConnectionView[]> {
    try {
      const ids = (await this.redis.zrange(processes, 0, -1)).filter((id) => id !== this.id);
      if (ids.length === 0) return [];
      const commands = this.redis.pipeline();
      for (const id of ids) commands.hget(keyOf(id), tenant);
      const texts = (await resultsOf(commands)) as (string | null)[];
      return texts.flatMap((text) => (text === null ? [] : (JSON.parse(text) as ConnectionView[])));
    } catch (error) {
      throw new Problem('queue_unavailable', 'Connections of other processes are temporarily unavailable.', {
        cause: error,
      });
    }
  }

  override async close(): Promise<void> {
    if (this.told.size > 0)
      await this.redis
        .multi()
        .del(keyOf(this.id))
        .zrem(processes, this.id)
        .exec()
        // what is left expires
        .catch(() => undefined);
    this.redis.disconnect();
  }
}

/** @throws what the first failed command failed with */
async function resultsOf(commands: ChainableCommander): Promise<unknown[]> {
  const results = (await commands.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
