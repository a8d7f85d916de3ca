import { once } from 'node:events';
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Global, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { Env, loadEnv } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import { Cache } from '../../platform/cache/cache.js';
import { MemoryCache } from '../../platform/cache/memory.js';
import { EventBus } from '../../platform/events/event-bus.js';
import type { NewNotification, Notification } from '../../platform/events/events.js';
import { MemoryEventBus } from '../../platform/events/memory.js';
import { createSocketAdapter } from '../../platform/events/socket-adapter.js';
import { MemoryRateStorage } from '../../platform/limits/memory.js';
import { RateStorage } from '../../platform/limits/rate-storage.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { MemoryPresence } from '../../platform/presence/memory.js';
import { Presence } from '../../platform/presence/presence.js';
import { TokenMeter } from '../../platform/usage/token-meter.js';
import { AuthGuard } from '../auth/auth.guard.js';
import { AuthModule } from '../auth/auth.module.js';
import { RealtimeModule } from './realtime.module.js';

const batch = '0190a0b0-0000-7000-8000-0000000000b0';
const child = '0190a0b0-0000-7000-8000-0000000000c0';
const key = 'a-bootstrap-key-of-enough-characters-000';
const about = (filename: string, changes: Partial<NewNotification> = {}): NewNotification => ({
  type: 'ingest_complete',
  task_id: child,
  document_id: null,
  filename,
  document_set: 'policies',
  status: 'completed',
  stage: null,
  progress: 1,
  result: null,
  error: null,
  request_id: null,
  ...changes,
});

/**
 * The data as far as sockets ask for it: one batch with one
 * child, and a key that ends in `keyLives` milliseconds.
 */
const databaseWith = (keyLives: number) => ({
  call: (name: string, args: { task?: string }) => {
    if (name === 'get_task' && args.task === batch)
      return Promise.resolve({
        id: batch,
        document_set: null,
        children: [{ id: child, document_set: 'policies' }],
      });
    if (name !== 'find_api_key') return Promise.resolve(null);
    const expires_at = new Date(Date.now() + keyLives).toISOString();
    return Promise.resolve({
      id: 'k',
      tenant: 'default',
      subject: 'limited',
      scopes: ['read'],
      document_sets: ['policies'],
      expires_at,
      revoked_at: null,
      suspended: false,
    });
  },
});

interface Service {
  url: string;
  bus: MemoryEventBus;
  /** Resolves when so many sockets are open, as the service knows. */
  hasSockets(count: number): Promise<void>;
  close(): Promise<void>;
}
const services: Service[] = [];
const sockets: Socket[] = [];

async function boot(settings: Record<string, string> = {}, keyLives = 60_000): Promise<Service> {
  const env = loadEnv({ LOG_LEVEL: 'silent', ...settings });
  const bus = new MemoryEventBus();
  const metrics = new Metrics();
  const provided = [
    { provide: Env, useValue: env },
    { provide: EventBus, useValue: bus },
    { provide: Cache, useValue: new MemoryCache(1_000_000) },
    { provide: Metrics, useValue: metrics },
    { provide: Presence, useValue: new MemoryPresence() },
    { provide: RateStorage, useValue: new MemoryRateStorage() },
    { provide: Database, useValue: databaseWith(keyLives) },
    TokenMeter,
  ];
  @Global()
  @Module({ providers: provided, exports: provided })
  class Platform {}
  @Module({
    imports: [Platform, AuthModule, RealtimeModule],
    providers: [{ provide: APP_GUARD, useClass: AuthGuard }],
  })
  class Root {}
  const app = await NestFactory.create<NestFastifyApplication>(Root, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.useWebSocketAdapter(createSocketAdapter(app, env));
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  await app.listen(0, '127.0.0.1');
  const hasSockets = async (count: number): Promise<void> => {
    while ((await metrics.sockets.get()).values[0]?.value !== count) await pause(5);
  };
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const service = { url, bus, hasSockets, close: () => app.close() };
  services.push(service);
  return service;
}

interface Client {
  socket: Socket;
  heard: Notification[];
  errors: string[];
}
function connect(url: string, auth: object = {}, headers: Record<string, string> = {}): Promise<Client> {
  const socket = io(url, {
    path: '/ws',
    transports: ['websocket'],
    auth,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  });
  sockets.push(socket);
  const client: Client = { socket, heard: [], errors: [] };
  socket.on('notification', (notification: Notification) => client.heard.push(notification));
  socket.on('error', (error: { code: string }) => client.errors.push(error.code));
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(client));
    socket.once('connect_error', (error) => reject(error));
  });
}
const refused = async (attempt: Promise<Client>): Promise<unknown> =>
  attempt.then(
    () => 'let in',
    (error: { data?: { code?: string } }) => error.data?.code,
  );
const asked = (client: Client, event: string, payload?: unknown): Promise<unknown> =>
  client.socket.timeout(3000).emitWithAck(event, ...(payload === undefined ? [] : [payload]));
const names = (client: Client) => client.heard.map((notification) => notification.filename);

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 8000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true');
    await pause(10);
  }
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await Promise.all(services.splice(0).map((service) => service.close()));
});

describe('sockets at /ws', () => {
  it('receive every event of their tenant once', async () => {
    const { url, bus } = await boot();
    const clients = [await connect(url), await connect(url)];
    await bus.publish('other', about('foreign'));
    await bus.publish('default', about('a'));
    await bus.publish('default', about('b', { document_set: null, task_id: null }));
    await until(() => clients.every((client) => client.heard.length === 2));
    expect(clients.map(names)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('can be narrowed to a set, a task or a batch, and widened again', async () => {
    const { url, bus } = await boot();
    const client = await connect(url);
    expect(await asked(client, 'subscribe', { document_set: 'Policies' })).toEqual({ ok: true });
    await bus.publish('default', about('other set', { document_set: 'finance' }));
    await bus.publish('default', about('set'));
    await until(() => client.heard.length === 1);
    expect(await asked(client, 'unsubscribe', { document_set: 'policies' })).toEqual({ ok: true });
    expect(await asked(client, 'subscribe', { task_id: batch })).toEqual({ ok: true });
    await bus.publish('default', about('other task', { task_id: batch.replace('b0', 'ff') }));
    await bus.publish('default', about('child'));
    await until(() => client.heard.length === 2);
    expect(await asked(client, 'unsubscribe')).toEqual({ ok: true });
    await bus.publish('default', about('everything', { document_set: 'finance', task_id: null }));
    await until(() => client.heard.length === 3);
    expect(names(client)).toEqual(['set', 'child', 'everything']);
  });

  it('receive events missed since an id once, and then the following ones', async () => {
    const { url, bus } = await boot();
    const first = await connect(url);
    await bus.publish('default', about('seen'));
    await until(() => first.heard.length === 1);
    first.socket.disconnect();
    await bus.publish('default', about('missed'));
    await bus.publish('other', about('foreign'));
    const second = await connect(url);
    await bus.publish('default', about('live'));
    expect(await asked(second, 'subscribe', { since: first.heard[0]?.id })).toEqual({ ok: true });
    await bus.publish('default', about('later'));
    await until(() => second.heard.length >= 3);
    expect(new Set(names(second))).toEqual(new Set(['later', 'live', 'missed']));
    expect(second.heard).toHaveLength(3);
  });

  it('hear what they missed when they reconnect, under their subscriptions', async () => {
    const { url, bus, hasSockets } = await boot();
    const { socket, heard } = await connect(url);
    const client = { socket, heard, errors: [] };
    await asked(client, 'subscribe', { document_set: 'policies' });
    await bus.publish('default', about('before'));
    await until(() => heard.length === 1);
    for (const leave of [() => socket.disconnect(), () => socket.io.engine.close()]) {
      heard.length = 0;
      leave();
      await hasSockets(0);
      await bus.publish('default', about('missed'));
      await bus.publish('default', about('of another set', { document_set: 'finance' }));
      await bus.publish('other', about('foreign'));
      socket.connect();
      await until(() => heard.length > 0);
      await bus.publish('default', about('of another set', { document_set: 'finance' }));
      await bus.publish('default', about('live'));
      await until(() => heard.length > 1);
      expect(names(client)).toEqual(['missed', 'live']);
    }
  });

  it('take up no session of somebody else', async () => {
    const { url, bus, hasSockets } = await boot({ AUTH: 'required', API_KEYS: key });
    const first = await connect(url, { token: key });
    const { _pid: pid } = first.socket as unknown as { _pid: string };
    await asked(first, 'subscribe', { document_set: 'finance' });
    first.socket.disconnect();
    await hasSockets(0);
    const other = await connect(url, { token: 'dk_of-a-subject-limited-to-policies', pid });
    await bus.publish('default', about('of another set', { document_set: 'finance' }));
    await bus.publish('default', about('live'));
    await until(() => other.heard.length > 0);
    expect(names(other)).toEqual(['live']);
  });

  it.each([
    ['an id that is none', { task_id: { a: 1 } }, 'validation_failed'],
    ['an unknown field', { room: 'tenant:other' }, 'validation_failed'],
    ['many ids', Array.from({ length: 200 }, () => child), 'validation_failed'],
    ['an unknown task', { task_id: child }, 'not_found'],
    ['a since that is none', { since: '$' }, 'validation_failed'],
    ['a set without a letter', { document_set: '!!' }, 'validation_failed'],
  ])('answer %s with its code', async (_, payload, code) => {
    const { url } = await boot();
    const client = await connect(url);
    expect(await asked(client, 'subscribe', payload)).toMatchObject({ ok: false, code });
  });

  it('ignore unknown events and malformed packets, and forward nothing', async () => {
    const { url, bus } = await boot();
    const [client, other] = [await connect(url), await connect(url)];
    expect(await asked(client, 'join', 'tenant:other')).toMatchObject({ ok: false, code: 'unknown_event' });
    client.socket.emit('notification', about('forged'));
    client.socket.emit('subscribe');
    client.socket.emit('subscribe', null, 1, [[[]]], Buffer.from('x'));
    for (const raw of [
      '42["disconnect"]',
      `42${'['.repeat(9000)}`,
      '40{"token":',
      '451-["x",{"_placeholder":true,"num":9}]',
      '49',
      'zzz',
    ])
      await junk(url, raw);
    await bus.publish('default', about('after'));
    await until(() => other.heard.length === 1);
    expect(names(other)).toEqual(['after']);
  });

  it('are refused from a foreign page and with a token that is no text', async () => {
    const { url } = await boot();
    expect(await refused(connect(url, {}, { origin: 'https://evil.example' }))).toBe('origin_not_allowed');
    expect(await refused(connect(url, { token: 7 }))).toBe('validation_failed');
  });

  it('count wrong credentials by address, and refuse the guesses of an address that sent too many', async () => {
    const { url } = await boot({ AUTH: 'required', API_KEYS: key, RATE_LIMIT_MAX_REQUESTS: '3' }, -1000);
    const told: unknown[] = [];
    for (let round = 0; round < 5; round++) told.push(await refused(connect(url, { token: 'dk_expired' })));
    expect(told).toEqual([...Array<string>(4).fill('unauthenticated'), 'rate_limited']);
    expect((await connect(url, { token: key })).socket.connected).toBe(true);
  });

  it('are refused over the limit, and accepted when a place is free again', async () => {
    const { url } = await boot({ WEBSOCKET_MAX_CONNECTIONS: '2' });
    const first = await connect(url);
    await connect(url);
    expect(await refused(connect(url))).toBe('too_many_connections');
    first.socket.disconnect();
    await until(() => first.socket.disconnected);
    for (let tries = 0; tries < 100 && (await refused(connect(url))) !== 'let in'; tries++) await pause(10);
    expect(await refused(connect(url))).toBe('too_many_connections');
  });

  it('are closed when they flood, are too old or their key expires', async () => {
    const { url } = await boot({ WEBSOCKET_CONNECTION_TIMEOUT: '2' });
    const flood = await connect(url);
    for (let count = 0; count < 500; count++) flood.socket.emit('subscribe', {});
    await until(() => flood.socket.disconnected);
    expect(flood.errors).toEqual(['rate_limited']);
    const old = await connect(url);
    await until(() => old.socket.disconnected);
    expect(old.errors).toEqual(['connection_expired']);
    const guarded = await boot({ AUTH: 'required', API_KEYS: key }, 2000);
    const expiring = await connect(guarded.url, { token: 'dk_limited' });
    await until(() => expiring.socket.disconnected);
    expect(expiring.errors).toEqual(['token_expired']);
  });

  it('need a credential where authentication is on, and receive events of its sets only', async () => {
    const { url, bus } = await boot({ AUTH: 'required', API_KEYS: key });
    expect(await refused(connect(url))).toBe('unauthenticated');
    const everything = await connect(url, { token: key });
    const byHeader = await connect(url, {}, { 'x-api-key': key });
    const limited = await connect(url, { token: 'dk_limited' });
    expect(await asked(limited, 'subscribe', { document_set: 'finance' })).toMatchObject({
      ok: false,
      code: 'forbidden',
    });
    await bus.publish('default', about('secret', { document_set: 'finance' }));
    await bus.publish('default', about('without a set', { document_set: null }));
    await bus.publish('default', about('shared'));
    await until(
      () => everything.heard.length === 3 && byHeader.heard.length === 3 && limited.heard.length === 1,
    );
    expect(names(limited)).toEqual(['shared']);
  });

  it('are closed when they do not read, while the others keep receiving', async () => {
    const { url, bus } = await boot();
    const reader = await connect(url);
    const deaf = await connectDeaf(url);
    const long = 'x'.repeat(64_000);
    let sent = 0;
    await until(() => {
      for (let count = 0; count < 5 && !deaf.destroyed; count++, sent++)
        void bus.publish('default', about(long));
      return deaf.closed || deaf.destroyed;
    });
    await until(() => reader.heard.length === sent);
    expect(reader.socket.connected).toBe(true);
  }, 20_000);

  it('may begin with polling, as clients do by themselves, in a process that is alone', async () => {
    const { url, bus } = await boot();
    const socket = io(url, { path: '/ws', forceNew: true });
    sockets.push(socket);
    const heard: string[] = [];
    socket.on('notification', ({ filename }: Notification) => heard.push(filename ?? ''));
    await new Promise<void>((resolve) => socket.io.engine.once('upgrade', () => resolve()));
    await bus.publish('default', about('polled'));
    await until(() => heard.length > 0);
    expect(heard).toEqual(['polled']);
    const ask = async (query: string, headers = {}) =>
      (await fetch(`${url}/ws/?EIO=4&transport=polling${query}`, { headers })).status;
    // a page of another site could read the answer as a script
    expect([await ask(''), await ask('&j=0'), await ask('&%6a=0')]).toEqual([200, 400, 400]);
    expect(await ask('', { 'sec-fetch-site': 'cross-site' })).toBe(400);
    const script = io(url, {
      path: '/ws',
      transports: ['websocket'],
      query: { j: '0' },
      reconnection: false,
    });
    await new Promise<void>((resolve) => script.once('connect_error', () => resolve()));
  });

  it('may poll from pages of the allowed origins', async () => {
    const { url } = await boot({ ALLOWED_ORIGINS: 'https://app.example' });
    const allowed = async (origin: string) =>
      (await fetch(`${url}/ws/?EIO=4&transport=polling`, { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      );
    expect(await allowed('https://app.example')).toBe('https://app.example');
    expect(await allowed('https://evil.example')).toBeNull();
  });

  it('tell a client that begins with polling at one process of several to use websocket, once', async () => {
    const several = { DATABASE_URL: 'postgres://localhost/x', REDIS_URL: 'redis://localhost' };
    const { url } = await boot(several);
    expect((await fetch(`${url}/ws/?EIO=4&transport=polling&j=0`)).status).toBe(400);
    const socket = io(url, { path: '/ws', forceNew: true, reconnectionDelay: 1, reconnectionDelayMax: 1 });
    sockets.push(socket);
    const refusals: unknown[] = [];
    socket.on('connect_error', (error) => refusals.push((error as unknown as { data: unknown }).data));
    await until(() => refusals.length > 0);
    // a client that tries again would have tried many times by the time a further one is served
    await connect(url);
    expect(refusals).toEqual([
      { code: 'websocket_required', detail: expect.stringContaining("transports: ['websocket']") },
    ]);
    expect(socket.active).toBe(false);
  });
});

/** A client that joins and then reads nothing any more. */
async function connectDeaf(url: string): Promise<TcpSocket> {
  const { hostname, port } = new URL(url);
  const tcp = connectTcp(Number(port), hostname);
  tcp.on('error', () => undefined);
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  tcp.write(
    `GET /ws/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await once(tcp, 'data');
  // one masked text frame: the packet that asks for the namespace
  tcp.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('40')]));
  await once(tcp, 'data');
  tcp.pause();
  // a paused socket sees neither data nor end: what still tells is a write to a connection that was cut
  setInterval(() => tcp.writable && tcp.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0])), 200).unref();
  return tcp;
}

/**
 * Speaks to the socket by hand: connects, sends `raw`,
 * resolves when the server has closed or has stayed silent.
 */
function junk(url: string, raw: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/?EIO=4&transport=websocket`);
    socket.addEventListener('open', () => {
      socket.send('40{}');
      socket.send(raw);
      setTimeout(() => socket.close(), 50);
    });
    socket.addEventListener('close', () => resolve());
    socket.addEventListener('error', () => resolve());
  });
}

describe('GET /agent/events', () => {
  /** Reads the stream until it holds `count` events. */
  async function stream(
    url: string,
    count: number,
    headers: Record<string, string> = {},
    during: () => Promise<void> = () => Promise.resolve(),
  ): Promise<string> {
    const stop = new AbortController();
    const response = await fetch(url, { headers, signal: stop.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    let begun = false;
    for await (const bytes of response.body ?? []) {
      text += Buffer.from(bytes as Uint8Array).toString();
      if (!begun) await during();
      begun = true;
      if (text.split('\nevent: notification').length > count) break;
    }
    stop.abort();
    return text;
  }

  it('streams the events of a set as they come', async () => {
    const { url, bus } = await boot();
    const text = await stream(`${url}/agent/events?document_set=policies`, 1, {}, async () => {
      await bus.publish('default', about('other', { document_set: 'finance' }));
      await bus.publish('default', about('wanted'));
    });
    expect(text).toContain('"filename":"wanted"');
    expect(text).not.toContain('"filename":"other"');
  });

  it('goes on after Last-Event-ID', async () => {
    const { url, bus } = await boot();
    const client = await connect(url);
    await bus.publish('default', about('one'));
    await bus.publish('default', about('two'));
    await until(() => client.heard.length === 2);
    const text = await stream(`${url}/agent/events`, 1, { 'last-event-id': client.heard[0]?.id ?? '' });
    expect(text).not.toContain('"filename":"one"');
    expect(text).toContain(`id: ${client.heard[1]?.id}\nevent: notification\n`);
  });

  it('ends with the service and does not delay its shutdown', async () => {
    const service = await boot();
    const response = await fetch(`${service.url}/agent/events`);
    const text = response.text();
    await service.close();
    expect(await text).toContain('"code":"not_ready"');
  });

  it('lists its listeners', async () => {
    const { url } = await boot();
    await connect(url);
    const { sockets: listed } = (await (await fetch(`${url}/agent/sockets`)).json()) as { sockets: object[] };
    expect(listed).toEqual([
      expect.objectContaining({
        kind: 'socket',
        subject: 'anonymous',
        address: expect.stringContaining('127.0.0.1'),
        rooms: ['tenant:default'],
      }),
    ]);
  });
});
