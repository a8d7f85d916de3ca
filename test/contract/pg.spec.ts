import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { ConfigurationError, loadEnv } from '../../src/config/env.js';
import { PgDatabase } from '../../src/platform/database/pg.js';
import { eventually } from '../eventually.js';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { hasPostgres, startPostgres, type TestPostgres } from '../postgres.js';
import { createTask, newTask } from '../rows.js';

/** A port in front of Postgres that can be opened late, and that can swallow what it is sent. */
class Door {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  accepted = 0;
  private swallowing = false;

  constructor(target: URL) {
    this.server = createServer((near) => {
      this.accepted += 1;
      this.keep(near);
      if (this.swallowing) return;
      const far = connect(Number(target.port), target.hostname);
      this.keep(far);
      near.pipe(far).pipe(near);
    });
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  swallow(): void {
    this.swallowing = true;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }
}

/** Effects of other sessions: the stand-in has a single one. */
const onSessions = hasPostgres() ? it : it.skip;

describe('postgres', () => {
  let server: TestPostgres;
  let url: string;
  let admin: pg.Pool;
  let closers: (() => Promise<unknown>)[] = [];

  const opened = (settings: Record<string, string> = {}): PgDatabase => {
    const database = new PgDatabase(loadEnv({ DATABASE_URL: url, ...settings }));
    closers.unshift(() => database.close());
    return database;
  };
  const behind = (port: number): string => Object.assign(new URL(url), { port: String(port) }).href;
  const door = (): Door => {
    const made = new Door(new URL(url));
    closers.push(() => made.close());
    return made;
  };
  /** Holds a table so that whoever touches it waits. */
  const lock = async (table: string): Promise<() => Promise<void>> => {
    const client = await admin.connect();
    await client.query(`begin; lock table docent.${table} in access exclusive mode`);
    let held = true;
    const release = async (): Promise<void> => {
      if (held) await client.query('rollback');
      if (held) client.release();
      held = false;
    };
    closers.unshift(release);
    return release;
  };
  const backends = async (where: string): Promise<number> => {
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where application_name = 'docent' and datname = current_database() and ${where}`,
    );
    return rows[0]?.n ?? 0;
  };
  const terminate = (where: string) =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'docent' and datname = current_database() and ${where}`,
    );
  const blocked = (n = 1) =>
    eventually(async () => expect(await backends(`wait_event_type = 'Lock'`)).toBe(n));

  beforeAll(async () => {
    server = await startPostgres();
  }, 180_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    admin = new pg.Pool({ connectionString: url, max: 5 });
    admin.on('error', () => undefined);
  });
  afterEach(async () => {
    for (const close of closers) await close();
    closers = [];
    await admin.end();
  });

  it('is waited for when it is unavailable: calls answer 503 within five seconds, and succeed once it is back', async () => {
    const front = door();
    const port = await front.listen();
    await front.close();
    const database = opened({ DATABASE_URL: behind(port) });
    const start = performance.now();
    await expect(database.call('versions', {})).rejects.toMatchObject({
      code: 'database_unavailable',
      status: 503,
      retryAfter: 2,
    });
    expect(performance.now() - start).toBeLessThan(5_000);
    const later = door();
    await later.listen(port);
    await database.ready();
    await expect(database.call('versions', {})).resolves.toMatchObject({ migrations: expect.any(Number) });
  });

  onSessions('is migrated by one of two processes that start at once on an empty database', async () => {
    const [first, second] = [opened(), opened()];
    await Promise.all([first.ready(), second.ready()]);
    const { rows } = await admin.query(
      'select name, count(*)::int as n from docent.migrations group by name having count(*) > 1',
    );
    expect(rows).toEqual([]);
    await expect(second.call('versions', {})).resolves.toMatchObject({ pgvector: expect.any(String) });
  });

  onSessions('is refused in one line where waiting helps nothing', async () => {
    const database = opened({ DATABASE_URL: url.replace(/docent_test_\w+/, 'docent_missing') });
    await expect(database.ready()).rejects.toEqual(
      new ConfigurationError(['DATABASE_URL: there is no such database']),
    );
  });

  onSessions('may lose idle connections: the next call takes a new one', async () => {
    const database = opened();
    await database.ready();
    await Promise.all(Array.from({ length: 4 }, () => database.ping()));
    await terminate(`state = 'idle'`);
    await eventually(async () => expect(await backends('true')).toBe(0));
    await expect(database.ping()).resolves.toBeUndefined();
    await expect(createTask(database, 't')).resolves.toBeTruthy();
  });

  onSessions(
    'is asked again for what may be repeated when the connection breaks under it, and not for the rest',
    async () => {
      const database = opened();
      await database.ready();
      const release = await lock('tasks');
      const read = database.call('list_tasks', { tenant: 't', limit: 1 });
      await blocked();
      await terminate(`wait_event_type = 'Lock'`);
      await blocked();
      const write = createTask(database, 't');
      const refused = expect(write).rejects.toMatchObject({ code: 'database_unavailable' });
      await blocked(2);
      await terminate(`wait_event_type = 'Lock' and query like '%create_tasks%'`);
      await refused;
      await release();
      await expect(read).resolves.toEqual([]);
    },
  );

  onSessions('stops a statement at DATABASE_STATEMENT_TIMEOUT_SECONDS, on the server too', async () => {
    const database = opened({ DATABASE_STATEMENT_TIMEOUT_SECONDS: '1' });
    await database.ready();
    const release = await lock('tasks');
    const start = performance.now();
    await expect(createTask(database, 't')).rejects.toMatchObject({
      code: 'database_unavailable',
      cause: { code: '57014' },
    });
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(await backends(`wait_event_type = 'Lock'`)).toBe(0);
    await release();
  });

  onSessions(
    'opens DATABASE_POOL_SIZE connections and no more; who finds none in time is told so',
    async () => {
      const database = opened({ DATABASE_POOL_SIZE: '2', DATABASE_CONNECT_TIMEOUT_SECONDS: '1' });
      await database.ready();
      const release = await lock('tasks');
      const calls = Array.from({ length: 4 }, () => createTask(database, 't'));
      const settled = Promise.allSettled(calls);
      await blocked(2);
      expect(await backends('true')).toBe(2);
      await Promise.race(calls).catch(() => undefined);
      await release();
      expect((await settled).map(({ status }) => status).sort()).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
      ]);
    },
  );

  it('is given up after DATABASE_CONNECT_TIMEOUT_SECONDS when it accepts but stays silent, and tried again', async () => {
    const front = door();
    front.swallow();
    const database = opened({
      DATABASE_URL: behind(await front.listen()),
      DATABASE_CONNECT_TIMEOUT_SECONDS: '1',
    });
    const refused = database.ready().catch(() => undefined);
    await eventually(() => expect(front.accepted).toBeGreaterThan(1));
    await database.close();
    front.cut();
    await refused;
  });

  onSessions(
    'answers 503 when a caller with a time limit meets a connection that has gone silent, and recovers',
    async () => {
      const database = opened();
      await database.ready();
      const release = await lock('documents');
      const start = performance.now();
      const call = database.call(
        'list_documents',
        { tenant: 't', limit: 1 },
        { signal: AbortSignal.timeout(300) },
      );
      await expect(call).rejects.toMatchObject({ code: 'database_unavailable' });
      expect(performance.now() - start).toBeLessThan(3_000);
      await release();
      await expect(database.call('list_documents', { tenant: 't', limit: 1 })).resolves.toEqual([]);
    },
  );

  onSessions(
    'gives up a connection on which nothing comes back any more within five seconds, and takes a new one',
    async () => {
      const proxy = await TcpProxy.before(Number(new URL(url).port));
      closers.push(() => proxy.close());
      const database = opened({ DATABASE_URL: behind(proxy.address.port) });
      await database.ready();
      proxy.swallow();
      const start = performance.now();
      await expect(createTask(database, 't')).rejects.toMatchObject({ code: 'database_unavailable' });
      expect(performance.now() - start).toBeLessThan(5000);
      proxy.pass();
      await expect(createTask(database, 't')).resolves.toBeTruthy();
    },
  );

  onSessions(
    'gives up a statement that the server has never seen, though the server can be reached',
    async () => {
      const proxy = await TcpProxy.before(Number(new URL(url).port));
      closers.push(() => proxy.close());
      const database = opened({ DATABASE_URL: behind(proxy.address.port) });
      await database.ready();
      proxy.swallow();
      proxy.pass();
      const start = performance.now();
      await expect(createTask(database, 't')).rejects.toMatchObject({ code: 'database_unavailable' });
      expect(performance.now() - start).toBeLessThan(5000);
    },
  );

  onSessions('counts the writers of one tenant against its quota one after the other', async () => {
    const database = opened();
    await database.ready();
    const first = await admin.connect();
    closers.unshift(async () => first.release(true));
    await first.query('begin');
    await first.query(`select docent_api.create_tasks('quota', 's', null, null, $1, '{"tasks": 1}')`, [
      JSON.stringify([newTask()]),
    ]);
    const second = database.call('create_tasks', {
      tenant: 'quota',
      subject: 's',
      tasks: [newTask()],
      quota: { tasks: 1 },
    });
    const isRefused = expect(second).rejects.toMatchObject({ code: 'quota_exceeded' });
    // it cannot see yet what the first has written, and would go over the quota together with it
    await blocked();
    await first.query('commit');
    await isRefused;
  });

  onSessions('leaves alone a statement that only takes long', async () => {
    const database = opened();
    await database.ready();
    const release = await lock('tasks');
    const call = createTask(database, 't');
    await eventually(async () => {
      const { rows } = await admin.query(
        `select 1 from pg_stat_activity where datname = current_database() and state = 'active' and wait_event_type = 'Lock' and query_start < now() - interval '3 seconds'`,
      );
      expect(rows).toHaveLength(1);
    });
    await release();
    await expect(call).resolves.toBeTruthy();
  });

  onSessions('lets calls end before it closes', async () => {
    const database = opened();
    await database.ready();
    const release = await lock('tasks');
    const call = createTask(database, 't');
    await blocked();
    const closed = database.close();
    await release();
    await expect(call).resolves.toBeTruthy();
    await closed;
    await expect(database.ping()).rejects.toMatchObject({ code: 'database_unavailable' });
  });
});
