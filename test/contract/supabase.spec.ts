import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { ConfigurationError, loadEnv } from '../../src/config/env.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';
import { SupabaseDatabase } from '../../src/platform/database/supabase.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { eventually } from '../eventually.js';
import { startPostgrest, type Postgrest } from '../postgrest.js';
import { createTask } from '../rows.js';

const key = 'the-service-role-key';

describe('supabase', () => {
  let engine: PgliteDatabase;
  let server: Postgrest;
  let metrics: Metrics;
  let closers: (() => Promise<unknown>)[] = [];
  let asked: string[];

  const opened = (settings: Record<string, string> = {}): SupabaseDatabase => {
    const env = loadEnv({
      DATABASE_DRIVER: 'supabase',
      SUPABASE_URL: server.url,
      SUPABASE_KEY: key,
      ...settings,
    });
    const database = new SupabaseDatabase(env, metrics);
    closers.unshift(() => database.close());
    return database;
  };
  const ready = async (settings: Record<string, string> = {}): Promise<SupabaseDatabase> => {
    const database = opened(settings);
    await database.ready();
    asked = [];
    return database;
  };
  /** Lets `handler` answer instead; true means that it has. */
  const intercept = (
    handler: (name: string, response: ServerResponse, request: IncomingMessage) => boolean,
  ): void =>
    server.intercept((request, response) => {
      const name = (request.url ?? '').split('/').at(-1) ?? '';
      asked.push(name);
      return handler(name, response, request);
    });
  const reply = (response: ServerResponse, status: number, code = ''): boolean => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ code, message: 'no', details: null, hint: null }));
    return true;
  };

  beforeAll(async () => {
    engine = new PgliteDatabase();
    await engine.ready();
  }, 180_000);
  afterAll(() => engine.close());
  beforeEach(async () => {
    asked = [];
    metrics = new Metrics();
    server = await startPostgrest((text, values) => engine.session().run(text, values), {
      key,
      schemas: ['docent_api'],
    });
    intercept(() => false);
  });
  afterEach(async () => {
    for (const close of closers) await close();
    closers = [];
    await server.close();
  });

  it('refuses a project whose schema is not that of this version, in one line', async () => {
    await engine.session().run(`update docent.function_library set hash = 'other'`);
    const database = opened();
    await expect(database.ready()).rejects.toThrow(ConfigurationError);
    await expect(database.ready()).rejects.toThrow(/^SUPABASE_URL: .*`docent migrate` with DATABASE_URL/);
    await engine.migrate();
    await ready();
  });

  it('refuses a project that does not expose the schema, and one that refuses the key', async () => {
    intercept((_name, response) => reply(response, 406, 'PGRST106'));
    await expect(opened().ready()).rejects.toThrow(/^SUPABASE_URL: .*expose the schema docent_api/);
    intercept(() => false);
    await expect(opened({ SUPABASE_KEY: 'wrong' }).ready()).rejects.toThrow(
      'SUPABASE_KEY: the project refuses it',
    );
  });

  it('waits for a project that is away', async () => {
    let away = true;
    intercept((_name, response) => away && reply(response, 503, 'PGRST002'));
    const database = opened();
    await eventually(() => expect(asked.length).toBeGreaterThan(2));
    away = false;
    await database.ready();
  });

  it('repeats requests that may be repeated, and no others', async () => {
    const database = await ready();
    let failures = 0;
    intercept((name, response) => {
      failures += 1;
      if (failures > 1) return false;
      if (name === 'stats') response.destroy();
      else reply(response, 502);
      return true;
    });
    await expect(database.call('stats', { tenant: 't' })).resolves.toMatchObject({ chunks: 0 });
    expect(asked).toEqual(['stats', 'stats']);
    failures = 0;
    await expect(createTask(database, 't')).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(asked).toEqual(['stats', 'stats', 'create_tasks']);
  });

  it('repeats even a write if the database rolled it back or never received it', async () => {
    const database = await ready();
    const answers: [number, string][] = [
      [500, '40P01'],
      [503, 'PGRST000'],
    ];
    intercept((_name, response) => {
      const answer = answers.shift();
      return answer !== undefined && reply(response, ...answer);
    });
    await expect(createTask(database, 't')).resolves.toBeTruthy();
    expect(asked).toHaveLength(3);
  });

  it('stops asking a project that fails again and again, says so in the metrics, and tries later', async () => {
    const database = await ready();
    let away = true;
    intercept((_name, response) => away && reply(response, 503));
    const state = async (): Promise<number | undefined> =>
      (await metrics.breakerState.get()).values.at(-1)?.value;
    for (let n = 0; n < 5; n += 1)
      await expect(createTask(database, 't')).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await state()).toBe(2);
    away = false;
    await expect(createTask(database, 't')).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(asked).toHaveLength(5);
    await eventually(() => createTask(database, 't'), 15_000);
    expect(await state()).toBe(0);
  });

  it('does not open the breaker for an error of our own', async () => {
    const database = await ready();
    for (let n = 0; n < 8; n += 1)
      await expect(database.call('get_document', { tenant: 't', id: 'x' })).rejects.toMatchObject({
        code: '22P02',
      });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('gives up an answer after SUPABASE_READ_TIMEOUT', async () => {
    const database = await ready({ SUPABASE_READ_TIMEOUT: '0.3' });
    intercept(() => true);
    const start = performance.now();
    await expect(database.call('stats', { tenant: 't' })).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    expect(performance.now() - start).toBeGreaterThan(250);
    expect(performance.now() - start).toBeLessThan(4_000);
  });

  it('gives up sending after SUPABASE_WRITE_TIMEOUT where nobody reads', async () => {
    const database = await ready({ SUPABASE_WRITE_TIMEOUT: '0.5', SUPABASE_READ_TIMEOUT: '60' });
    intercept((_name, _response, request) => {
      request.socket.pause();
      return true;
    });
    const chunks = Array.from({ length: 400 }, (_, n) => ({ n, text: 'x'.repeat(100_000) }));
    const start = performance.now();
    const call = database.call('append_audit', {
      tenant: 't',
      subject: 's',
      action: 'big',
      detail: { chunks },
    });
    await expect(call).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('gives up connecting after SUPABASE_CONNECT_TIMEOUT', async () => {
    let connections = 0;
    // it takes connections and never begins TLS
    const silent = createServer((socket) => {
      connections += 1;
      socket.on('error', () => socket.destroy()).resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const database = opened({
      SUPABASE_URL: `https://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      SUPABASE_CONNECT_TIMEOUT: '0.3',
    });
    const refused = database.ready().catch(() => undefined);
    await eventually(() => expect(connections).toBeGreaterThan(1));
    await database.close();
    await refused;
    await new Promise((resolve) => silent.close(resolve));
  });

  it('opens SUPABASE_MAX_CONNECTIONS at most; a request without one after SUPABASE_POOL_TIMEOUT fails', async () => {
    const database = await ready({ SUPABASE_MAX_CONNECTIONS: '2', SUPABASE_POOL_TIMEOUT: '0.3' });
    const held: (() => void)[] = [];
    intercept((_name, response) => {
      held.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end('[]'));
      return true;
    });
    const calls = Array.from({ length: 4 }, () => database.call('list_tasks', { tenant: 't', limit: 1 }));
    const settled = Promise.allSettled(calls);
    const refused: unknown[] = [];
    for (const call of calls) call.catch((error: unknown) => refused.push(error));
    // Each waits on a timer of its own: a connection that is free again before the last of them would serve it.
    await eventually(() => expect(refused).toHaveLength(2));
    for (const error of refused) expect(error).toMatchObject({ code: 'database_unavailable' });
    expect(held).toHaveLength(2);
    intercept(() => false);
    for (const release of held) release();
    expect((await settled).map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('keeps SUPABASE_MAX_KEEPALIVE connections and closes the others after their request', async () => {
    const database = await ready({ SUPABASE_MAX_KEEPALIVE: '2' });
    const before = server.connections;
    for (let n = 0; n < 5; n += 1) await database.ping();
    expect(server.connections - before).toBeLessThanOrEqual(1);
    await Promise.all(Array.from({ length: 8 }, () => database.ping()));
    expect(server.connections - before).toBeGreaterThan(4);
    await eventually(async () => expect(await server.open()).toBeLessThanOrEqual(2));
  });

  it('aborts the request of a caller that goes away', async () => {
    const database = await ready();
    let gone = false;
    intercept((_name, response) => {
      response.on('close', () => (gone = true));
      return true;
    });
    const stop = new AbortController();
    const call = database.call('stats', { tenant: 't' }, { signal: stop.signal });
    const refused = expect(call).rejects.toThrow('no longer wanted');
    await eventually(() => expect(asked).toHaveLength(1));
    stop.abort(new Error('no longer wanted'));
    await refused;
    await eventually(() => expect(gone).toBe(true));
    expect(asked).toHaveLength(1);
  });
});
