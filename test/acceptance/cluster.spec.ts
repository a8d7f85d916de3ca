import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { eventually } from '../eventually.js';
import { startPostgres, type TestPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { startServer, type RunningServer } from './server.js';

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

interface Heard {
  id: string;
  type: string;
  filename: string;
}

(redisIsInstalled ? describe : describe.skip)('a cluster of two API processes and two workers', () => {
  let postgres: TestPostgres;
  let redis: OwnRedis;
  let models: ScriptedModel;
  let folder: string;
  let server: RunningServer;
  let url: string;
  let socket: Socket | undefined;
  beforeAll(async () => {
    postgres = await startPostgres();
    redis = await ownRedis();
    models = await scriptedModel();
    folder = await mkdtemp(join(tmpdir(), 'docent-cluster-'));
    const port = await freePort();
    // which of them says first where it listens is chance
    url = `http://127.0.0.1:${port}`;
    server = await startServer({
      DATA_DIR: folder,
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      OPENAI_API_BASE: models.url,
      OPENAI_EMBEDDING_DIMENSIONS: '64',
      LLM_DRIVER: 'offline',
      PARSER_PROCESSES: '1',
      API_PROCESSES: '2',
      WORKER_PROCESSES: '2',
      PORT: port,
      WORKER_HEALTH_PORT: await freePort(),
      SHUTDOWN_GRACE_SECONDS: '20',
    });
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 60_000);
    await ready(2);
  }, 300_000);
  afterAll(async () => {
    socket?.disconnect();
    await server.stop('SIGKILL');
    await models.close();
    await redis.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }, 180_000);

  /** Processes of the primary, by role. */
  const children = (mode: 'api' | 'worker'): number[] => {
    const primary = server.process?.pid ?? 0;
    const all = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return all.filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`MODE=${mode}`);
      } catch {
        return false;
      }
    });
  };
  const ingest = async (filename: string, content: string) => {
    const response = await fetch(`${url}/agent/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ files: [{ filename, content }] }),
    });
    expect(response.status).toBe(202);
    const { documents } = (await response.json()) as { documents: [{ task_id: string }] };
    return documents[0].task_id;
  };
  const findStatus = async (task: string) =>
    (await (await fetch(`${url}/agent/status/${task}`)).json()) as {
      status: string;
      stage: string | null;
      attempts: number;
    };
  /** Resolves when a process of another id serves in the place of each that ended. */
  const replaced = (gone: number) =>
    eventually(() => {
      const now = children('api');
      expect(now).toHaveLength(2);
      expect(now).not.toContain(gone);
    }, 120_000);
  /** How often an API process has become ready so far. */
  const starts = (): number => server.log().match(/ready: mode api/g)?.length ?? 0;
  const ready = (times: number) => eventually(() => expect(starts()).toBeGreaterThanOrEqual(times), 120_000);

  it('is four processes', () => {
    expect([children('api').length, children('worker').length]).toEqual([2, 2]);
  });

  it('adds up the counters of all processes', async () => {
    const count = async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const [, value = '0'] =
        /^http_requests_total\{[^}]*endpoint="\/agent\/documentsets"[^}]*\} (\d+)$/m.exec(text) ?? [];
      return Number(value);
    };
    const before = await count();
    // a connection of its own each, so that both processes get some
    for (let times = 0; times < 20; times++)
      await fetch(`${url}/agent/documentsets`, { headers: { connection: 'close' } });
    expect(await count()).toBe(before + 20);
    expect(await count()).toBe(before + 20);
  });

  it('lists the sockets of all its processes, whichever of them is asked', async () => {
    const opened = Array.from({ length: 6 }, () =>
      io(url, { path: '/ws', transports: ['websocket'], forceNew: true }),
    );
    try {
      await Promise.all(
        opened.map((one) => new Promise<void>((resolve) => one.once('connect', () => resolve()))),
      );
      await eventually(async () => {
        for (let times = 0; times < 6; times++) {
          const response = await fetch(`${url}/agent/sockets`, { headers: { connection: 'close' } });
          expect(((await response.json()) as { sockets: unknown[] }).sockets).toHaveLength(opened.length);
        }
      }, 20_000);
    } finally {
      for (const one of opened) one.disconnect();
    }
  }, 60_000);

  it('restarts an API process that was killed, while the other one answers', async () => {
    const [victim = 0] = children('api');
    const started = starts();
    process.kill(victim, 'SIGKILL');
    await eventually(() =>
      expect(server.log()).toMatch(/a api process ended \(SIGKILL\)[^\n]*the next one starts in \d+ ms/),
    );
    for (let times = 0; times < 5; times++) expect((await fetch(`${url}/agent/documents`)).status).toBe(200);
    await replaced(victim);
    await ready(started + 1);
  }, 180_000);

  it('stops work that was cancelled within two seconds, whichever process has it', async () => {
    models.fault('embeddings', { kind: 'hang', times: Infinity });
    try {
      const task = await ingest('endless.md', 'A document whose embedding never comes.');
      await eventually(
        async () => expect(await findStatus(task)).toMatchObject({ status: 'STARTED', stage: 'embed' }),
        60_000,
      );
      const asked = performance.now();
      expect((await fetch(`${url}/agent/tasks/${task}/cancel`, { method: 'POST' })).status).toBe(202);
      await eventually(async () => expect(await findStatus(task)).toMatchObject({ status: 'REVOKED' }));
      expect(performance.now() - asked).toBeLessThan(2000);
    } finally {
      models.clearFaults();
    }
  }, 180_000);

  it('drops no request and no event while its API processes are replaced one after the other', async () => {
    const heard: Heard[] = [];
    let disconnections = 0;
    socket = io(url, {
      path: '/ws',
      transports: ['websocket'],
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    });
    socket.on('notification', (event: Heard) => heard.push(event));
    socket.on('disconnect', (reason) => {
      disconnections += 1;
      // the server has said goodbye: the client library comes back by itself only from a broken connection
      if (reason === 'io server disconnect') socket?.connect();
    });
    socket.on('connect', () => {
      const since = heard.at(-1)?.id;
      if (since) socket?.emit('subscribe', { since });
    });
    await new Promise<void>((resolve) => socket?.once('connect', () => resolve()));
    const first = await ingest('before.md', 'What is there before anything is replaced.');
    await eventually(async () => expect((await findStatus(first)).status).toBe('SUCCESS'), 60_000);
    await eventually(() => expect(heard.some(({ type }) => type === 'ingest_complete')).toBe(true), 60_000);

    const over = new AbortController();
    const outcomes: string[] = [];
    const client = async () => {
      while (!over.signal.aborted) {
        outcomes.push(
          await fetch(`${url}/agent/documents?limit=1`).then(
            async (response) => (await response.arrayBuffer(), String(response.status)),
            (error: Error) => (error.cause instanceof Error ? error.cause : error).message,
          ),
        );
        await pause(20);
      }
    };
    const clients = [client(), client(), client()];
    const names: string[] = [];
    try {
      for (const victim of children('api')) {
        const started = starts();
        process.kill(victim, 'SIGTERM');
        for (let times = 0; times < 5; times++) {
          const name = `during-${names.length}.md`;
          names.push(name);
          await ingest(name, `What ${name} says while a process is replaced.`);
        }
        await replaced(victim);
        await ready(started + 1);
      }
    } finally {
      over.abort();
      await Promise.all(clients);
    }
    expect(outcomes.filter((outcome) => outcome !== '200')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(50);
    expect(disconnections).toBeGreaterThan(0);
    const completed = () =>
      heard.filter(({ type, filename }) => type === 'ingest_complete' && names.includes(filename));
    await eventually(
      () =>
        expect(
          completed()
            .map(({ filename }) => filename)
            .sort(),
        ).toEqual([...names].sort()),
      60_000,
    );
    socket.disconnect();
  }, 300_000);

  it('ends all processes gracefully when the primary gets SIGTERM', async () => {
    const pids = [...children('api'), ...children('worker')];
    expect(await server.stop('SIGTERM')).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  }, 180_000);
});
