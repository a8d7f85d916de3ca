import type { Redis } from 'ioredis';
import { MemoryRateStorage } from './memory.js';
import { RateStorage, type RateRecord } from './rate-storage.js';
import { openRedis } from '../redis-connection.js';

const commandTimeout = 200;
const pauseAfterFailureMs = 1000;

// one round trip: count, open the window with the first hit, block for some milliseconds above the limit
const script = `
local blocked = redis.call('PTTL', KEYS[2])
local hits = tonumber(redis.call('GET', KEYS[1]) or '0')
if blocked < 0 then
  hits = redis.call('INCR', KEYS[1])
  if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
  if hits > tonumber(ARGV[2]) then
    redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    blocked = tonumber(ARGV[3])
  end
end
return {hits, redis.call('PTTL', KEYS[1]), blocked}
`;

/** Redis with the script as a command: it is sent once, later calls name it by its hash. */
type Counting = Redis & {
  docentHit(
    hits: string,
    blocked: string,
    ttl: number,
    limit: number,
    block: number,
  ): Promise<[number, number, number]>;
};

const toSeconds = (milliseconds: number): number => Math.max(0, Math.ceil(milliseconds / 1000));

/**
 * Limits across all processes. While Redis is away, each process uses its own counts: the limit is then too
 * loose for a while, but requests do not fail.
 */
export class RedisRateStorage extends RateStorage {
  private readonly redis: Counting;
  private readonly own = new MemoryRateStorage();
  private awayUntil = 0;

  constructor(url: string) {
    super();
    this.redis = openRedis(url, {
      commandTimeout,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 3000),
      scripts: { docentHit: { lua: script, numberOfKeys: 2 } },
    }) as Counting;
    // without a listener, a refused connection would end the process
    this.redis.on('error', () => undefined);
  }

  async increment(key: string, ttl: number, limit: number, blockDuration: number): Promise<RateRecord> {
    // counted here as well, so that counts do not restart at zero when Redis goes away
    const own = await this.own.increment(key, ttl, limit, blockDuration);
    if (this.redis.status !== 'ready' || performance.now() < this.awayUntil) return own;
    try {
      // a changed limit has its own counter and no blocks of the old one
      const name = `docent:rate:{${key}}:${limit}:${ttl}`;
      const [totalHits, expires, blocked] = await this.redis.docentHit(
        name,
        `${name}:blocked`,
        ttl,
        limit,
        blockDuration,
      );
      return {
        totalHits,
        timeToExpire: toSeconds(expires),
        isBlocked: blocked > 0,
        timeToBlockExpire: toSeconds(blocked),
      };
    } catch {
      this.awayUntil = performance.now() + pauseAfterFailureMs;
      return own;
    }
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }
}
