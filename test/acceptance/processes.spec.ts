import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { presenceLifeMs } from '../../src/platform/presence/presence.js';
import { eventually } from '../eventually.js';
import { startPostgres, type TestPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';
import { startServer, type RunningServer } from './server.js';

interface Listed {
  process: string;
}
interface Heard {
  id: string;
  type: string;
  filename: string;
}

(redisIsInstalled ? describe : describe.skip)('two API processes and a worker', () => {
  let postgres: TestPostgres;
  let redis: OwnRedis;
  let folder: string;
  const servers: RunningServer[] = [];
  const sockets: Socket[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    redis = await ownRedis();
    folder = await mkdtemp(join(tmpdir(), 'docent-processes-'));
    const shared = {
      DATA_DIR: folder,
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      PARSER_PROCESSES: '1',
    };
    for (const mode of ['api', 'api', 'worker'])
      servers.push(await startServer({ ...shared, MODE: mode, WORKER_HEALTH_PORT: '0' }));
  }, 180_000);
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await redis.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }, 180_000);

  /** A socket on one of the API processes, and what it hears. */
  async function listening(place: number): Promise<{ socket: Socket; heard: Heard[] }> {
    const socket = io(servers[place]?.url ?? '', {
      path: '/ws',
      transports: ['websocket'],
      reconnection: false,
    });
    sockets.push(socket);
    const heard: Heard[] = [];
    socket.on('notification', (event: Heard) => heard.push(event));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    return { socket, heard };
  }

  async function upload(place: number, filename: string): Promise<void> {
    const form = new FormData();
    form.append('files', new Blob([`What ${filename} says.`]), filename);
    const response = await fetch(`${servers[place]?.url}/agent/upload`, { method: 'POST', body: form });
    expect(response.status).toBe(202);
  }

  const completed = (heard: readonly Heard[], filename: string): Heard[] =>
    heard.filter((event) => event.type === 'ingest_complete' && event.filename === filename);
  const ids = (heard: readonly Heard[]): string[] => heard.map(({ id }) => id);

  it('send the events of the worker to the sockets of both, once each', async () => {
    const [first, second] = [await listening(0), await listening(1)];
    await upload(1, 'shared.md');
    await eventually(() => {
      for (const { heard } of [first, second]) expect(completed(heard, 'shared.md')).toHaveLength(1);
      expect(ids(first.heard)).toEqual(ids(second.heard));
    }, 20_000);
    expect(new Set(ids(first.heard)).size).toBe(first.heard.length);
  });

  it('give a socket on one what it missed since it left the other', async () => {
    const [leaving, staying] = [await listening(0), await listening(1)];
    await upload(0, 'seen.md');
    await eventually(() => {
      for (const { heard } of [leaving, staying]) expect(completed(heard, 'seen.md')).toHaveLength(1);
    }, 20_000);
    const since = leaving.heard.at(-1)?.id ?? '';
    leaving.socket.disconnect();
    await upload(0, 'missed.md');
    await eventually(() => expect(completed(staying.heard, 'missed.md')).toHaveLength(1), 20_000);
    const back = await listening(1);
    expect(await back.socket.emitWithAck('subscribe', { since })).toEqual({ ok: true });
    const missed = staying.heard.slice(ids(staying.heard).indexOf(since) + 1);
    await eventually(() => expect(completed(back.heard, 'missed.md')).toHaveLength(1));
    expect(ids(back.heard)).toEqual(ids(missed));
  });

  it('list the sockets of both on either, without those of a killed process', async () => {
    const listed = async (place: number) => {
      const response = await fetch(`${servers[place]?.url}/agent/sockets`);
      expect(response.status).toBe(200);
      return ((await response.json()) as { sockets: Listed[] }).sockets;
    };
    await Promise.all([listening(0), listening(1), listening(1)]);
    const holders = [0, 1, 1].map((place) => Number(servers[place]?.process?.pid)).sort((a, b) => a - b);
    const readPids = (sockets: Listed[]) =>
      sockets.map((socket) => Number(socket.process.split(':').at(-1))).sort((a, b) => a - b);
    for (const place of [0, 1])
      await eventually(async () => expect(readPids(await listed(place))).toEqual(holders), 20_000);
    await eventually(async () => expect(await listed(0)).toEqual(await listed(1)), 20_000);

    await servers[1]?.stop('SIGKILL');
    const killed = performance.now();
    await eventually(
      async () => expect(readPids(await listed(0))).toEqual([servers[0]?.process?.pid]),
      20_000,
    );
    expect(performance.now() - killed).toBeLessThan(presenceLifeMs + 1000);
  }, 60_000);
});
