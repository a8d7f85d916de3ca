import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { uuidv7 } from '../../src/common/ids.js';
import type { Ring } from '../../src/platform/database/functions.js';
import { EmbeddedQueue } from '../../src/platform/queue/embedded.js';
import type { JobQueue } from '../../src/platform/queue/job-queue.js';
import type { QueueName } from '../../src/platform/queue/jobs.js';
import { eventually } from '../eventually.js';
import { type OpenedQueue, redisQueues } from '../redis-queues.js';
import { type OwnRedis, ownRedis, redisIsInstalled } from '../redis-server.js';

const openEmbedded = async (): Promise<OpenedQueue> => {
  const queue = new EmbeddedQueue();
  return { queue, close: () => queue.close() };
};

const namesOnRedis = ['bull', 'bullmq'] as const;
type OnRedis = (typeof namesOnRedis)[number];

/** Open when each queue can be reached. */
async function openOnRedis(name: OnRedis, url: string): Promise<OpenedQueue> {
  const opened = await redisQueues[name](url);
  await eventually(() => opened.queue.ping());
  return opened;
}

async function empty(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushall();
  await redis.quit();
}

async function openOnEmptyRedis(name: OnRedis): Promise<OpenedQueue> {
  await empty(redisUrl());
  return openOnRedis(name, redisUrl());
}

let redis: OwnRedis | undefined;
const redisUrl = (): string => redis?.url ?? '';
beforeAll(async () => {
  if (redisIsInstalled) redis = await ownRedis();
});
afterAll(() => redis?.stop());

const drivers: Record<string, () => Promise<OpenedQueue>> = {
  embedded: openEmbedded,
  ...(redisIsInstalled &&
    Object.fromEntries(namesOnRedis.map((name) => [name, () => openOnEmptyRedis(name)]))),
};

const makeRing = (queue: QueueName = 'default', priority = 0): Ring => ({
  task: uuidv7(),
  token: 0,
  queue,
  priority,
});

/** Answers that stay under way until they are let go. */
class Held {
  readonly taken: string[] = [];
  mostAtOnce = 0;
  private readonly waiting: (() => void)[] = [];

  readonly answer = (task: string): Promise<void> => {
    this.taken.push(task);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.waiting.length + 1);
    return new Promise((resolve) => this.waiting.push(resolve));
  };
  release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

describe.each(Object.entries(drivers))('job queue: %s', (_name, openDriver) => {
  let opened: OpenedQueue;
  let queue: JobQueue;
  beforeEach(async () => {
    opened = await openDriver();
    queue = opened.queue;
  });
  afterEach(() => opened.close());

  it('handles each ring, also those from before the consumer started', async () => {
    const [early, late, other] = [makeRing(), makeRing(), makeRing('summary')];
    const answered: string[] = [];
    expect(await queue.ring([early])).toBe(true);
    await queue.consume('default', 2, async (task) => void answered.push(task));
    await queue.ring([late, other]);
    await eventually(() => expect(answered).toEqual([early.task, late.task]));
  });

  it('handles at most as many at once as configured', async () => {
    const held = new Held();
    await queue.consume('ingestion', 3, held.answer);
    await queue.ring(Array.from({ length: 7 }, () => makeRing('ingestion')));
    await eventually(() => expect(held.taken).toHaveLength(3));
    held.release();
    await eventually(() => expect(held.taken).toHaveLength(6));
    held.release();
    await eventually(() => expect(held.taken).toHaveLength(7));
    held.release();
    expect(held.mostAtOnce).toBe(3);
  });

  it('lists the consumers of each queue, also without work', async () => {
    expect(await queue.workers()).toEqual([]);
    const answer = () => Promise.resolve();
    await queue.consume('summary', 1, answer, 'höst 1:42:ab');
    await queue.consume('ingestion', 1, answer, 'höst 1:42:ab');
    await eventually(async () =>
      expect(await queue.workers()).toEqual([{ owner: 'höst 1:42:ab', queues: ['ingestion', 'summary'] }]),
    );
  });

  it('keeps the queues apart', async () => {
    const held = new Held();
    const answered: string[] = [];
    await queue.consume('ingestion', 1, held.answer);
    await queue.consume('default', 1, async (task) => void answered.push(task));
    const quick = makeRing('default');
    await queue.ring([makeRing('ingestion'), makeRing('ingestion'), quick]);
    await eventually(() => expect(answered).toEqual([quick.task]));
    held.release();
  });

  it('delivers urgent rings first', async () => {
    const answered: string[] = [];
    const [low, high, middle] = [makeRing('default', 0), makeRing('default', 10), makeRing('default', 5)];
    await queue.ring([low]);
    await queue.ring([high]);
    await queue.ring([middle]);
    await queue.consume('default', 1, async (task) => void answered.push(task));
    await eventually(() => expect(answered).toEqual([high.task, middle.task, low.task]));
  });

  it('delivers no ring while it is paused, and lets running work go on', async () => {
    const held = new Held();
    await queue.consume('default', 1, held.answer);
    const [first, second] = [makeRing(), makeRing()];
    await queue.ring([first]);
    await eventually(() => expect(held.taken).toEqual([first.task]));
    await queue.pause();
    await queue.ring([second]);
    held.release();
    await eventually(async () => expect((await queue.depth()).default).toBe(1));
    expect(held.taken).toEqual([first.task]);
  });

  it('delivers no ring that arrives after it was paused while idle', async () => {
    const answered: string[] = [];
    const [before, after] = [makeRing(), makeRing()];
    await queue.consume('default', 2, async (task) => void answered.push(task));
    await queue.ring([before]);
    await eventually(() => expect(answered).toEqual([before.task]));
    await queue.pause();
    await queue.ring([after]);
    await eventually(async () => expect((await queue.depth()).default).toBe(1));
    // A second ring goes through the same connections after the first one.
    await queue.ring([makeRing()]);
    await eventually(async () => expect((await queue.depth()).default).toBe(2));
    expect(answered).toEqual([before.task]);
  });

  it('counts waiting rings by queue', async () => {
    const rings = [makeRing('summary'), makeRing('ingestion'), makeRing('ingestion')];
    // each queue has a connection of its own, which may still be
    // opening; a ring that is there already is not there twice
    await eventually(async () => expect(await queue.ring(rings)).toBe(true));
    await eventually(async () =>
      expect(await queue.depth()).toEqual({ ingestion: 2, summary: 1, default: 0, embedding: 0 }),
    );
  });

  it('answers a ping', async () => {
    await expect(queue.ping()).resolves.toBeUndefined();
  });
});

describe('embedded queue', () => {
  it('keeps one ring of a task while it waits, and takes a new one while it is answered', async () => {
    const queue = new EmbeddedQueue();
    const held = new Held();
    const ring = makeRing();
    await queue.ring([ring, ring]);
    await queue.ring([ring]);
    expect((await queue.depth()).default).toBe(1);
    await queue.consume('default', 1, held.answer);
    await eventually(() => expect(held.taken).toHaveLength(1));
    await queue.ring([ring]);
    held.release();
    await eventually(() => expect(held.taken).toHaveLength(2));
    held.release();
    await queue.close();
  });

  it('takes no more rings than it can hold, and none after it was closed', async () => {
    const queue = new EmbeddedQueue();
    await queue.ring(Array.from({ length: 10_100 }, () => makeRing()));
    expect((await queue.depth()).default).toBe(10_000);
    await queue.close();
    expect(await queue.ring([makeRing()])).toBe(false);
    expect((await queue.depth()).default).toBe(0);
  });
});

(redisIsInstalled ? describe : describe.skip).each(namesOnRedis)('%s queue', (name) => {
  const opened: OpenedQueue[] = [];
  const open = async (url: string): Promise<JobQueue> => {
    const one = await openOnRedis(name, url);
    opened.push(one);
    return one.queue;
  };
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  it('keeps one ring of a waiting task, whichever process rings', async () => {
    const [one, two] = [await open(redisUrl()), await open(redisUrl())];
    const ring = makeRing('summary');
    await one.ring([ring]);
    await two.ring([ring, ring]);
    expect((await one.depth()).summary).toBe(1);
    const answered: string[] = [];
    await two.consume('summary', 1, async (task) => void answered.push(task));
    await eventually(() => expect(answered).toEqual([ring.task]));
    await eventually(async () => expect((await one.depth()).summary).toBe(0));
    await one.ring([ring]);
    await eventually(() => expect(answered).toEqual([ring.task, ring.task]));
  });

  it('delivers the task of a lost worker again, although that worker still holds the first ring', async () => {
    const [dead, alive] = [await open(redisUrl()), await open(redisUrl())];
    const [lost, held] = [makeRing('summary'), new Held()];
    await dead.consume('summary', 1, held.answer);
    await dead.ring([lost]);
    await eventually(() => expect(held.taken).toEqual([lost.task]));
    const answered: string[] = [];
    await alive.consume('summary', 1, async (task) => void answered.push(task));
    await alive.ring([{ ...lost, token: 1 }]);
    await eventually(() => expect(answered).toEqual([lost.task]));
    held.release();
  });

  it('takes the next ring within seconds when Redis lost the one just handled', async () => {
    const [queue, held] = [await open(redisUrl()), new Held()];
    await queue.consume('summary', 1, held.answer);
    const [forgotten, next] = [makeRing('summary'), makeRing('summary')];
    await queue.ring([forgotten]);
    await eventually(() => expect(held.taken).toEqual([forgotten.task]));
    await empty(redisUrl());
    await queue.ring([next]);
    held.release();
    await eventually(() => expect(held.taken).toEqual([forgotten.task, next.task]), 3000);
    held.release();
  });

  it('gives each ring to one of the processes that listen', async () => {
    const [one, two] = [await open(redisUrl()), await open(redisUrl())];
    const answered: string[] = [];
    for (const queue of [one, two])
      await queue.consume('summary', 2, async (task) => void answered.push(task));
    const rings = Array.from({ length: 50 }, () => makeRing('summary'));
    await one.ring(rings);
    await eventually(() => expect(answered.toSorted()).toEqual(rings.map(({ task }) => task).toSorted()));
  });

  it('gives up a ring within seconds while Redis is away, and rings again once it is back', async () => {
    const own = await ownRedis();
    const queue = await open(own.url);
    const answered: string[] = [];
    await queue.consume('default', 1, async (task) => void answered.push(task));
    const first = makeRing();
    await queue.ring([first]);
    await eventually(() => expect(answered).toEqual([first.task]));
    await own.stop();
    const asked = performance.now();
    expect(await queue.ring([makeRing()])).toBe(false);
    expect(performance.now() - asked).toBeLessThan(3000);
    await expect(queue.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
    const again = await ownRedis({ port: Number(new URL(own.url).port) });
    const later = makeRing();
    await eventually(async () => expect(await queue.ring([later])).toBe(true));
    await eventually(() => expect(answered).toContain(later.task), 20_000);
    await opened.pop()?.close();
    await again.stop();
  });

  it('gives up a ring within seconds when Redis is there and does not answer', async () => {
    const own = await ownRedis();
    const queue = await open(own.url);
    own.freeze();
    const asked = performance.now();
    expect(await queue.ring([makeRing()])).toBe(false);
    expect(performance.now() - asked).toBeLessThan(6000);
    own.thaw();
    await eventually(async () => expect(await queue.ring([makeRing()])).toBe(true), 20_000);
    await opened.pop()?.close();
    await own.stop();
  });

  it('opens and closes without a Redis', async () => {
    const { queue, close } = await redisQueues[name]('redis://127.0.0.1:1');
    await queue.consume('default', 1, async () => undefined);
    expect(await queue.ring([makeRing()])).toBe(false);
    await queue.pause();
    await close();
  });
});
