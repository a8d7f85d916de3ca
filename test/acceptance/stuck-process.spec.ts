import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { startPostgres, type TestPostgres } from '../postgres.js';
import { ownRedis, redisIsInstalled, type OwnRedis } from '../redis-server.js';
import { startProcess, type RunningServer } from './server.js';

const stuckSeconds = 10;
const preload = `--import=${pathToFileURL(resolve('test/spin-on-signal.mjs')).href}`;

let postgres: TestPostgres;
let redis: OwnRedis;
let folder: string;
let server: RunningServer | undefined;
beforeEach(async () => {
  postgres = await startPostgres();
  redis = await ownRedis();
  folder = await mkdtemp(join(tmpdir(), 'docent-stuck-'));
}, 180_000);
afterEach(async () => {
  await server?.stop('SIGKILL');
  await redis.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}, 180_000);

const children = (): number[] => {
  const pid = server?.process?.pid ?? 0;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
};
const ready = (times: number) =>
  eventually(
    () => expect(server?.log().match(/ready: mode worker/g)?.length ?? 0).toBeGreaterThanOrEqual(times),
    120_000,
  );

(redisIsInstalled ? it : it.skip)(
  'a process of a cluster that is stuck is killed and started again, one with an inspector open is not, and the end waits for neither',
  async () => {
    server = await startProcess({
      MODE: 'worker',
      WORKER_PROCESSES: '3',
      WORKER_HEALTH_PORT: '0',
      DATA_DIR: folder,
      DATABASE_URL: await postgres.createDatabase(),
      REDIS_URL: redis.url,
      PARSER_PROCESSES: '1',
      PROCESS_STUCK_SECONDS: String(stuckSeconds),
      SHUTDOWN_GRACE_SECONDS: '5',
      NODE_OPTIONS: preload,
    });
    await ready(3);
    const [stuck = 0, inspected = 0, fine = 0] = children();
    process.kill(inspected, 'SIGUSR1');
    await eventually(() => expect(server?.log()).toContain('Debugger listening on'), 20_000);
    const startedAt = performance.now();
    process.kill(stuck, 'SIGUSR2');
    await eventually(
      () =>
        expect(server?.log()).toContain(
          `process ${stuck} has shown no sign of life for ${stuckSeconds} s: it is killed`,
        ),
      60_000,
    );
    expect(performance.now() - startedAt).toBeGreaterThan((stuckSeconds - 2) * 1000);
    // by now every beat has said that an inspector is open
    process.kill(inspected, 'SIGUSR2');
    await ready(4);
    expect(server.log()).toMatch(
      /a worker process ended \(SIGKILL\) after \d+ s; the next one starts in \d+ ms/,
    );
    const now = children();
    expect(now).toHaveLength(3);
    expect(now).toEqual(expect.arrayContaining([inspected, fine]));
    expect(now).not.toContain(stuck);

    // longer than it takes to be found stuck: the replacement is made to spin after it, and found
    const replacement = now.find((pid) => pid !== inspected && pid !== fine) ?? 0;
    process.kill(replacement, 'SIGUSR2');
    await eventually(
      () => expect(server?.log()).toContain(`process ${replacement} has shown no sign of life`),
      60_000,
    );
    expect(server.log()).not.toContain(`process ${inspected} has shown`);
    expect(children()).toContain(inspected);
    await ready(5);

    // the inspected one still spins: it does not hold the end up
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(() => process.kill(inspected, 0)).toThrow();
  },
  300_000,
);
