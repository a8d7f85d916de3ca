import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { MemoryPresence } from '../../src/platform/presence/memory.js';
import { presenceLifeMs, type ConnectionView, type Presence } from '../../src/platform/presence/presence.js';
import { RedisPresence } from '../../src/platform/presence/redis.js';
import { eventually } from '../eventually.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';

let redis: OwnRedis | undefined;
beforeAll(async () => {
  if (redisIsInstalled) redis = await ownRedis();
});
afterAll(async () => {
  await redis?.stop();
});

const drivers: { name: string; open(): Presence }[] = [{ name: 'memory', open: () => new MemoryPresence() }];
if (redisIsInstalled) drivers.push({ name: 'redis', open: () => new RedisPresence(redis?.url ?? '') });

const connection = (id: string, changes: Partial<ConnectionView> = {}): ConnectionView => ({
  id,
  kind: 'socket',
  subject: 'anna',
  address: '127.0.0.1',
  process: 'api-1:42',
  connected_at: '2026-03-02T09:00:00.000Z',
  last_seen: '2026-03-02T09:00:00.000Z',
  rooms: ['tenant:acme'],
  ...changes,
});
const of = (tenants: Record<string, ConnectionView[]>) => () => new Map(Object.entries(tenants));
const open: Presence[] = [];
const opened = <T extends Presence>(presence: T): T => {
  open.push(presence);
  return presence;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((presence) => presence.close()));
});

describe.each(drivers)('the presence on $name', ({ open: openOne }) => {
  it('does not list its own process among the others, and accepts updates at any time', async () => {
    const presence = opened(openOne());
    await presence.tell(of({}));
    await presence.tell(of({ acme: [connection('a')] }));
    expect(await presence.others('acme')).toEqual([]);
    await presence.tell(of({}));
  });
});

(redisIsInstalled ? describe : describe.skip)('the presence of several processes on Redis', () => {
  const process = (url: string) => opened(new RedisPresence(url));
  const listIds = async (presence: Presence, tenant: string) =>
    (await presence.others(tenant)).map(({ id }) => id).sort();

  it('shows each process the connections of the others by tenant, as last reported', async () => {
    const own = await ownRedis();
    const [first, second, third] = [process(own.url), process(own.url), process(own.url)];
    await first.tell(of({ acme: [connection('a')], other: [connection('x')] }));
    await second.tell(of({ acme: [connection('b'), connection('c', { kind: 'stream' })] }));
    expect(await listIds(first, 'acme')).toEqual(['b', 'c']);
    expect(await third.others('acme')).toEqual(
      expect.arrayContaining([connection('a'), connection('c', { kind: 'stream' })]),
    );
    expect([await listIds(third, 'other'), await listIds(second, 'nobody')]).toEqual([['x'], []]);
    await second.tell(of({ acme: [connection('c'), connection('d')] }));
    await first.tell(of({ acme: [connection('a')] }));
    expect([await listIds(third, 'acme'), await listIds(third, 'other')]).toEqual([['a', 'c', 'd'], []]);
    await first.close();
    expect(await listIds(third, 'acme')).toEqual(['c', 'd']);
    await own.stop();
  });

  it('forgets a process that has gone silent', async () => {
    const own = await ownRedis();
    const [silent, reader] = [process(own.url), process(own.url)];
    await silent.tell(of({ acme: [connection('a')] }));
    expect(await listIds(reader, 'acme')).toEqual(['a']);
    await eventually(async () => expect(await listIds(reader, 'acme')).toEqual([]), presenceLifeMs + 2000);
    await silent.tell(of({ acme: [connection('a')] }));
    await silent.tell(of({ acme: [connection('a')] }));
    expect(await listIds(reader, 'acme')).toEqual(['a']);
    await own.stop();
  }, 30_000);

  it('sends a thousand connections once, and after that a few bytes a beat', async () => {
    const own = await ownRedis();
    const presence = process(own.url);
    const client = new Redis(own.url);
    const received = async () => Number(/total_net_input_bytes:(\d+)/.exec(await client.info('stats'))?.[1]);
    const thousand = of({ acme: Array.from({ length: 1000 }, (_, count) => connection(String(count))) });
    const before = await received();
    await presence.tell(thousand);
    const told = await received();
    for (let beat = 0; beat < 10; beat++) await presence.tell(thousand);
    expect(told - before).toBeGreaterThan(100_000);
    expect((await received()) - told).toBeLessThan(10 * 500);
    client.disconnect();
    await own.stop();
  });

  it('reports everything again to an emptied Redis, and tells when Redis is away', async () => {
    const own = await ownRedis();
    const [holder, reader] = [process(own.url), process(own.url)];
    await holder.tell(of({ acme: [connection('a')] }));
    await own.stop();
    await holder.tell(of({ acme: [connection('a')] }));
    await expect(reader.others('acme')).rejects.toMatchObject({ code: 'queue_unavailable' });
    const again = await ownRedis({ port: Number(new URL(own.url).port) });
    await eventually(async () => {
      await holder.tell(of({ acme: [connection('a')] }));
      expect(await listIds(reader, 'acme')).toEqual(['a']);
    }, 20_000);
    await again.stop();
  }, 60_000);
});
