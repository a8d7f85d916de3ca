import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventBus } from '../../src/platform/events/event-bus.js';
import type { NewNotification, TenantNotification } from '../../src/platform/events/events.js';
import { compareEventIds } from '../../src/platform/events/event-id.js';
import { MemoryEventBus } from '../../src/platform/events/memory.js';
import { RedisEventBus } from '../../src/platform/events/redis.js';
import { eventually } from '../eventually.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';

interface Driver {
  name: string;
  open(): Promise<EventBus>;
}

let redis: OwnRedis | undefined;
beforeAll(async () => {
  Logger.overrideLogger(false);
  if (redisIsInstalled) redis = await ownRedis();
});
afterAll(async () => {
  await redis?.stop();
});

const drivers: Driver[] = [{ name: 'memory', open: () => Promise.resolve(new MemoryEventBus()) }];
if (redisIsInstalled)
  drivers.push({ name: 'redis', open: () => Promise.resolve(new RedisEventBus(redis?.url ?? '')) });

const about = (filename: string): NewNotification => ({
  type: 'ingest_complete',
  task_id: '0190a0b0-0000-7000-8000-000000000001',
  document_id: null,
  filename,
  document_set: 'default',
  status: 'completed',
  stage: null,
  progress: 1,
  result: { chunks: 3 },
  error: null,
  request_id: null,
});

describe.each(drivers)('the event bus on $name', ({ open }) => {
  const opened: EventBus[] = [];
  const start = async () => {
    const bus = await open();
    opened.push(bus);
    return bus;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((bus) => bus.close()));
  });

  /** Publishes under `names` and resolves with what one listener heard of them, in order. */
  const published = async (bus: EventBus, tenant: string, names: string[]): Promise<TenantNotification[]> => {
    const heard: TenantNotification[] = [];
    await new Promise<void>((resolve) => {
      const stop = bus.subscribe((event) => {
        heard.push(event);
        if (heard.length < names.length) return;
        stop();
        resolve();
      });
      void (async () => {
        for (const name of names) await bus.publish(tenant, about(name));
      })();
    });
    return heard;
  };

  it('brings each event once, whole and in order, to a listener', async () => {
    const heard = await published(await start(), 'acme', ['a', 'b', 'c']);
    expect(heard.map((event) => event.notification.filename)).toEqual(['a', 'b', 'c']);
    expect(heard[0]).toEqual({
      tenant: 'acme',
      notification: {
        ...about('a'),
        id: expect.stringMatching(/^\d+-\d+$/),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
  });

  it('gives rising ids', async () => {
    const ids = (await published(await start(), 'acme', ['a', 'b', 'c', 'd'])).map(
      (event) => event.notification.id,
    );
    expect([...ids].sort(compareEventIds)).toEqual(ids);
    expect(new Set(ids).size).toBe(4);
  });

  it('gives a tenant the events after an id, and none of another tenant', async () => {
    const bus = await start();
    const [first] = await published(bus, 'acme', ['a']);
    await published(bus, 'other', ['secret']);
    await published(bus, 'acme', ['b', 'c']);
    const missed = await bus.since('acme', first?.notification.id ?? '');
    expect(missed.map((event) => event.notification.filename)).toEqual(['b', 'c']);
    expect(missed.every((event) => event.tenant === 'acme')).toBe(true);
  });

  it('gives nothing for an invalid id', async () => {
    const bus = await start();
    await published(bus, 'acme', ['a']);
    for (const junk of ['', 'x', '-', '1-2-3', '(', '$', '99999999999999999999-0'])
      expect(await bus.since('acme', junk)).toEqual([]);
  });

  it('stops telling a listener that has left, and goes on telling the others when one throws', async () => {
    const bus = await start();
    const left: string[] = [];
    bus.subscribe((event) => left.push(String(event.notification.filename)))();
    bus.subscribe(() => {
      throw new Error('a broken listener');
    });
    await published(bus, 'acme', ['a']);
    expect(left).toEqual([]);
  });

  it('answers a ping', async () => {
    await expect((await start()).ping()).resolves.toBeUndefined();
  });
});

describe('the memory of the event bus in one process', () => {
  it('forgets after two minutes, and its ids rise even if the clock is set back', async () => {
    let now = 1_000_000;
    const bus = new MemoryEventBus(() => now);
    await bus.publish('acme', about('old'));
    now += 119_000;
    expect(await bus.since('acme', '0-0')).toHaveLength(1);
    now += 2000;
    expect(await bus.since('acme', '0-0')).toHaveLength(0);
    await bus.publish('acme', about('new'));
    now -= 60_000;
    await bus.publish('acme', about('newer'));
    const ids = (await bus.since('acme', '0-0')).map((event) => event.notification.id);
    expect(ids).toEqual(['1121000-0', '1121000-1']);
  });

  it('holds a bounded number of events of a tenant', async () => {
    const bus = new MemoryEventBus();
    for (let count = 0; count < 7000; count++) await bus.publish('acme', about(String(count)));
    const kept = await bus.since('acme', '0-0');
    expect(kept.length).toBeLessThanOrEqual(6000);
    expect(kept.at(-1)?.notification.filename).toBe('6999');
  });
});

const onRedis = redisIsInstalled ? describe : describe.skip;

onRedis('the event bus between processes', () => {
  const buses: RedisEventBus[] = [];
  const open = (url: string): RedisEventBus => {
    const bus = new RedisEventBus(url);
    buses.push(bus);
    return bus;
  };
  const listening = async (bus: RedisEventBus): Promise<string[]> => {
    const heard: string[] = [];
    bus.subscribe((event) => heard.push(String(event.notification.filename)));
    await bus.ping();
    return heard;
  };
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  it('delivers an event of one process to every other once', async () => {
    const own = await ownRedis();
    const [worker, readers] = [open(own.url), [open(own.url), open(own.url)]];
    const heard = await Promise.all(readers.map(listening));
    for (let count = 0; count < 50; count++) await worker.publish('acme', about(String(count)));
    await eventually(() => expect(heard.map((names) => names.length)).toEqual([50, 50]));
    expect(heard).toEqual([0, 1].map(() => Array.from({ length: 50 }, (_, count) => String(count))));
    await own.stop();
  });

  it('gives a process that started later the events before its start', async () => {
    const own = await ownRedis();
    const early = open(own.url);
    await listening(early);
    await early.publish('acme', about('a'));
    await early.publish('other', about('foreign'));
    await early.publish('acme', about('b'));
    const late = open(own.url);
    await listening(late);
    expect((await late.since('acme', '0-0')).map((event) => event.notification.filename)).toEqual(['a', 'b']);
    await own.stop();
  });

  it('waits one timeout for a batch of events while Redis is frozen, and works afterwards', async () => {
    const own = await ownRedis();
    const [worker, reader] = [open(own.url), open(own.url)];
    const heard = await listening(reader);
    await worker.publish('acme', about('before'));
    await eventually(() => expect(heard).toHaveLength(1));
    own.freeze();
    const begun = performance.now();
    for (let count = 0; count < 20; count++) await worker.publish('acme', about(`lost ${count}`));
    expect(performance.now() - begun).toBeLessThan(3000);
    own.thaw();
    await eventually(async () => {
      await worker.publish('acme', about('after'));
      expect(heard).toContain('after');
    });
    await own.stop();
  }, 180_000);

  it('works again after Redis was killed, and publishing meanwhile neither throws nor hangs', async () => {
    const own = await ownRedis();
    const [worker, reader] = [open(own.url), open(own.url)];
    const heard = await listening(reader);
    await worker.publish('acme', about('before'));
    await eventually(() => expect(heard).toHaveLength(1));
    await own.stop();
    const begun = performance.now();
    await worker.publish('acme', about('lost'));
    expect(performance.now() - begun).toBeLessThan(3000);
    await expect(reader.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
    const again = await ownRedis({ port: Number(new URL(own.url).port) });
    await eventually(async () => {
      await worker.publish('acme', about('after'));
      expect(heard).toContain('after');
    });
    expect(heard[0]).toBe('before');
    expect(heard).not.toContain('lost');
    await again.stop();
  }, 180_000);
});
