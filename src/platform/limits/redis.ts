import type { Redis } from 'ioredis';
import { MemoryRateStorage } from './memory.js';
import { RateStorage, type RateRecord } from './rate-storage.js';
import { openRedis } from '../redis-connection.js';

const commandTimeout = 200;
const pauseAfterFailureMs = 1000;

// For each hit: count, open the window with the first hit, block for some milliseconds above the limit. The
// keys are pairs of a counter and its block, with three arguments each.
const script = `
local answers = {}
for hit = 1, #KEYS / 2 do
  local counter, block = KEYS[hit * 2 - 1], KEYS[hit * 2]
  local ttl, limit, pause = ARGV[hit * 3 - 2], tonumber(ARGV[hit * 3 - 1]), ARGV[hit * 3]
  local blocked = redis.call('PTTL', block)
  local hits = tonumber(redis.call('GET', counter) or '0')
  if blocked < 0 then
    hits = redis.call('INCR', counter)
    if hits == 1 then redis.call('PEXPIRE', counter, ttl) end
    if hits > limit then
      redis.call('SET', block, '1', 'PX', pause)
      redis.call('PEXPIRE', counter, pause)
      blocked = tonumber(pause)
    end
  end
  answers[hit * 3 - 2], answers[hit * 3 - 1], answers[hit * 3] = hits, redis.call('PTTL', counter), blocked
end
return answers
`;

/** Redis with the script as a command: it is sent once, later calls name it by its hash. */
type Counting = Redis & {
  docentHits(keys: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
};

/** One request that waits for its count. */
interface Hit {
  name: string;
  limits: [ttl: number, limit: number, block: number];
  settle: (counts: [hits: number, expires: number, blocked: number] | null) => void;
}

/** A Redis in cluster mode refuses one call with the keys of several clients. */
const isSpread = (error: unknown): boolean => error instanceof Error && error.message.startsWith('CROSSSLOT');

const toSeconds = (milliseconds: number): number => Math.max(0, Math.ceil(milliseconds / 1000));

/**
 * Limits across all processes. While Redis is away, each process uses its own counts: the limit is then too
 * loose for a while, but requests do not fail.
 */
export class RedisRateStorage extends RateStorage {
  private readonly redis: Counting;
  private readonly own = new MemoryRateStorage();
  private awayUntil = 0;
  private waiting: Hit[] = [];
  private maxHits = 100;

  constructor(url: string) {
    super();
    this.redis = openRedis(url, {
      commandTimeout,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 3000),
      scripts: { docentHits: { lua: script } },
    }) as Counting;
    // without a listener, a refused connection would end the process
    this.redis.on('error', () => undefined);
  }

  async increment(key: string, ttl: number, limit: number, blockDuration: number): Promise<RateRecord> {
    // counted here as well, so that counts do not restart at zero when Redis goes away
    const own = await this.own.increment(key, ttl, limit, blockDuration);
    if (this.redis.status !== 'ready' || performance.now() < this.awayUntil) return own;
    const counts = await this.countInRedis(key, [ttl, limit, blockDuration]);
    if (!counts) return own;
    const [totalHits, expires, blocked] = counts;
    return {
      totalHits,
      timeToExpire: toSeconds(expires),
      isBlocked: blocked > 0,
      timeToBlockExpire: toSeconds(blocked),
    };
  }

  /**
   * The requests of one turn of the event loop are counted in one round trip: each write to the socket and
   * each answer costs more than the counting.
   */
  private countInRedis(key: string, limits: Hit['limits']): Promise<Parameters<Hit['settle']>[0]> {
    return new Promise((settle) => {
      // a changed limit has its own counter and no blocks of the old one
      const name = `docent:rate:{${key}}:${limits[1]}:${limits[0]}`;
      this.waiting.push({ name, limits, settle });
      if (this.waiting.length === 1) setImmediate(() => this.sendWaiting());
    });
  }

  private sendWaiting(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let at = 0; at < all.length; at += this.maxHits) void this.send(all.slice(at, at + this.maxHits));
  }

  private async send(hits: readonly Hit[]): Promise<void> {
    try {
      const counts = await this.redis.docentHits(
        hits.length * 2,
        ...hits.flatMap(({ name }) => [name, `${name}:blocked`]),
        ...hits.flatMap(({ limits }) => limits),
      );
      for (const [at, { settle }] of hits.entries())
        settle([counts[at * 3] ?? 0, counts[at * 3 + 1] ?? 0, counts[at * 3 + 2] ?? 0]);
    } catch (error) {
      if (hits.length > 1 && isSpread(error)) {
        this.maxHits = 1;
        for (const hit of hits) void this.send([hit]);
        return;
      }
      this.awayUntil = performance.now() + pauseAfterFailureMs;
      for (const { settle } of hits) settle(null);
    }
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }
}
