import { mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPostgres } from '../test/postgres.js';
import { ownRedis, redisIsInstalled } from '../test/redis-server.js';
import { cpuMs, memoryMb, programsBelow } from './process-cost.js';
import { median, type Report } from './report.js';
import { start } from '../scripts/shared/service.mjs';

/**
 * First answer beside the empty Nest application with the same plugins,
 * and until work can be taken on a new and on an old directory.
 */
export async function boot(report: Report, { rounds }: { rounds: number }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-start-'));
  const times: Record<'own' | 'empty' | 'ready' | 'ownCpu' | 'emptyCpu', number[]> = {
    own: [],
    empty: [],
    ready: [],
    ownCpu: [],
    emptyCpu: [],
  };
  const first = await start('dist/main.js', { DATA_DIR: folder });
  report.note('start', { 'ready on a new directory ms': await first.ready() });
  await first.stop();
  for (let round = 0; round < rounds; round++) {
    const empty = await start('bench/empty-app.mjs');
    times.empty.push(empty.firstAnswerMs);
    times.emptyCpu.push(cpuMs(empty.pid));
    await empty.stop();
    const own = await start('dist/main.js', { DATA_DIR: folder });
    times.own.push(own.firstAnswerMs);
    times.ownCpu.push(cpuMs(own.pid));
    times.ready.push(await own.ready());
    await own.stop();
  }
  rmSync(folder, { recursive: true, force: true });
  report.note('start', { 'ready on an existing directory ms': median(times.ready) });
  const rows = [
    ['first answer', 'ms', times.own, times.empty],
    ['first answer, CPU', 'CPU ms', times.ownCpu, times.emptyCpu],
  ] as const;
  for (const [name, unit, own, empty] of rows)
    report.add({
      scenario: 'start',
      name,
      unit,
      own: median(own),
      beside: 'empty Nest application',
      limit: median(empty),
      ratio: median(empty) / median(own),
      goal: 1 / 1.15,
    });
  commandLine(report, rounds);
}

function commandLine(report: Report, rounds: number): void {
  const took = (args: string[]): number => {
    const begun = performance.now();
    spawnSync(process.execPath, args, { stdio: 'ignore' });
    return performance.now() - begun;
  };
  const times: { own: number[]; bare: number[] } = { own: [], bare: [] };
  for (let round = 0; round < rounds; round++) {
    times.own.push(took(['bin/docent.mjs', '--help']));
    times.bare.push(took(['-e', '0']));
  }
  report.add({
    scenario: 'start',
    name: 'docent --help',
    unit: 'ms',
    own: median(times.own),
    beside: 'node -e 0',
    limit: median(times.bare),
    ratio: median(times.bare) / median(times.own),
  });
}

const restMs = 3000;

async function idle(
  report: Report,
  name: string,
  env: Record<string, string>,
  goalMb: number,
): Promise<void> {
  const own = await start('dist/main.js', env);
  await own.ready();
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const megabytes = memoryMb(own.pid);
  report.add({
    scenario: 'memory',
    name,
    unit: 'MB',
    own: megabytes,
    beside: 'goal',
    limit: goalMb,
    ratio: goalMb / megabytes,
    goal: 1,
  });
  report.note('memory', Object.fromEntries(programsBelow(own.pid).map(({ program, mb }) => [program, mb])));
  await own.stop();
}

/** Memory of all processes of a service at rest, three seconds after it is ready. */
export async function memory(report: Report): Promise<void> {
  await idle(report, 'embedded, idle', {}, 350);
  const postgres = await ownPostgres();
  const redis = postgres && redisIsInstalled ? await ownRedis() : undefined;
  if (postgres && redis)
    await idle(
      report,
      'MODE=api on Postgres, idle',
      { MODE: 'api', DATABASE_URL: postgres.url, REDIS_URL: redis.url },
      160,
    );
  await redis?.stop();
  await postgres?.stop();
}
