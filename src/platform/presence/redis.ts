import { randomUUID } from 'node:crypto';
import type { ChainableCommander, Redis } from 'ioredis';
import { Problem } from '../../common/errors.js';
import { Presence, presenceLifeMs, type ConnectionsByTenant, type ConnectionView } from './presence.js';
import { openRedis } from '../redis-connection.js';

/**
 * Ids of processes, sorted by their last report. Only the expiry of its hash tells that a process is gone:
 * clocks of different machines are never compared.
 */
const processes = 'docent:presence';
const makeKey = (id: string): string => `${processes}:${id}`;
/** Ids are dropped after this time, which is far longer than clocks can differ. */
const forgottenMs = 86_400_000;
const commandTimeout = 2000;

/**
 * One hash per process: tenant → its connections as JSON. It expires with the process. A beat writes only the
 * tenants that changed and otherwise only extends the expiry, however many connections there are.
 */
export class RedisPresence extends Presence {
  private readonly id = randomUUID();
  private readonly redis: Redis;
  /** The last known content of this process's hash. */
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
    // Without a listener, a refused connection would end the process. The queue and the event bus already
    // report that Redis is away.
    this.redis.on('error', () => undefined);
  }

  override async tell(read: () => ConnectionsByTenant): Promise<void> {
    const now = new Map([...read()].map(([tenant, connections]) => [tenant, JSON.stringify(connections)]));
    if (now.size === 0 && this.told.size === 0) return;
    const changed = [...now].filter(([tenant, text]) => this.told.get(tenant) !== text);
    const gone = [...this.told.keys()].filter((tenant) => !now.has(tenant));
    const key = makeKey(this.id);
    const commands = this.redis.multi();
    if (changed.length > 0) commands.hset(key, ...changed.flat());
    if (gone.length > 0) commands.hdel(key, ...gone);
    const spoken = Date.now();
    commands.zadd(processes, spoken, this.id).zremrangebyscore(processes, '-inf', spoken - forgottenMs);
    commands.pexpire(key, presenceLifeMs).hlen(key);
    try {
      const kept = (await readResults(commands)).at(-1);
      for (const [tenant, text] of changed) this.told.set(tenant, text);
      for (const tenant of gone) this.told.delete(tenant);
      // Redis has lost entries by an expiry or a restart: the next beat writes all of them
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
      for (const id of ids) commands.hget(makeKey(id), tenant);
      const texts = (await readResults(commands)) as (string | null)[];
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
        .del(makeKey(this.id))
        .zrem(processes, this.id)
        .exec()
        // the rest expires
        .catch(() => undefined);
    this.redis.disconnect();
  }
}

/** @throws the error of the first failed command */
async function readResults(commands: ChainableCommander): Promise<unknown[]> {
  const results = (await commands.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
