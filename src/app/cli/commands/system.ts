import type { Command } from 'commander';
import { quietFramework, withService } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import { countThings, megabytes, Output } from '../output.js';
import { readSettings } from '../read-settings.js';
import { obstacleAt } from '../port.js';
import { printTaskStatus } from './tasks.js';

interface Health {
  status: string;
  version?: string;
  details?: Record<string, { status: string; message?: string }>;
}

/** Before anything is opened: a port that is taken is the commonest mistake. */
async function assertFree(host: string, port: number): Promise<void> {
  const code = await obstacleAt(host, port);
  if (code === null) return;
  throw new CliError(
    code === 'EADDRINUSE'
      ? `port ${port} of ${host} is taken: choose another with --port`
      : `${host}:${port}: ${code}`,
  );
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service in the foreground')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <number>', 'port to listen on')
    .option('-d, --data <folder>', 'folder of the embedded database and the original files')
    .option('--first-key', "make an administrator's key when no credential exists, and show it once")
    .addHelpText(
      'after',
      `
All settings are environment variables, see docs/configuration.md. Without any the service is reachable from
this machine only, keeps its data in ./data, and needs no database and no model server.

Examples:
  $ docent serve
  $ docent serve --port 9000 --data /srv/docent
  $ OPENAI_API_KEY=… docent serve
  $ AUTH=required docent serve --host 0.0.0.0 --first-key`,
    )
    .action(async (options: { host?: string; port?: string; data?: string; firstKey?: true }) => {
      const given = {
        HOST: options.host,
        PORT: options.port,
        DATA_DIR: options.data,
        FIRST_KEY: options.firstKey && 'true',
      };
      for (const [name, value] of Object.entries(given)) if (value !== undefined) process.env[name] = value;
      const { HOST, PORT, MODE } = await readSettings();
      if (MODE !== 'worker') await assertFree(HOST, PORT);
      const { runProcess } = await import('../../run-process.js');
      await runProcess();
    });
}

function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('update the database schema; one process does it at a time')
    .addHelpText(
      'after',
      '\nNeeds a direct DATABASE_URL (or the embedded database); Supabase by rpc alone cannot be migrated.\n\nExample:\n  $ DATABASE_URL=postgres://… docent migrate',
    )
    .action(async (_: object, command: Command) => {
      const output = new Output(command.optsWithGlobals<{ json?: boolean }>().json ?? false);
      const env = await readSettings();
      await quietFramework();
      const [{ openDatabase }, { Metrics }] = await Promise.all([
        import('../../../platform/database/database.module.js'),
        import('../../../platform/metrics/metrics.js'),
      ]);
      const database = await openDatabase(env, new Metrics());
      try {
        const { applied } = await database.migrate();
        output.result({ applied }, () =>
          output.line(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the schema is up to date'),
        );
      } finally {
        await database.close();
      }
    });
}

interface Stats {
  documents: Record<'total' | 'queued' | 'processing' | 'ready' | 'failed' | 'bytes', number>;
  chunks: number;
  document_sets: number;
  queues: { queue: string; waiting: number; running: number; failed: number; oldest_seconds: number }[];
  last_hour: Record<string, { succeeded: number; failed: number; run_ms_p50: number | null }>;
  cache: { hits: number; misses: number };
}

/** The numbers of the service in a few lines; `--json` has all of them. */
function* statsLines({
  documents,
  chunks,
  document_sets,
  queues,
  last_hour,
  cache,
}: Stats): Generator<string> {
  const states = (['ready', 'processing', 'queued', 'failed'] as const).flatMap((state) =>
    documents[state] > 0 ? [`${documents[state]} ${state}`] : [],
  );
  yield `documents   ${states.join(', ') || 'none'} (${megabytes(documents.bytes)}, ${countThings(document_sets, 'set')}, ${countThings(chunks, 'chunk')})`;
  for (const { queue, waiting, running, failed, oldest_seconds } of queues)
    yield `queue       ${queue}: ${waiting} waiting${waiting > 0 ? ` for up to ${Math.round(oldest_seconds)} s` : ''}, ${running} running, ${failed} failed`;
  for (const [type, { succeeded, failed, run_ms_p50 }] of Object.entries(last_hour))
    yield `last hour   ${type}: ${succeeded} succeeded, ${failed} failed${run_ms_p50 === null ? '' : `, half within ${Math.round(run_ms_p50)} ms`}`;
  const looked = cache.hits + cache.misses;
  if (looked > 0) yield `cache       ${cache.hits} of ${looked} answers`;
}

async function printHealth(command: Command): Promise<void> {
  await withService(command, async ({ client, output, embedded }) => {
    const health = await client.health<Health>();
    const stats = await client.json<Stats>('GET', '/agent/stats');
    output.result({ url: client.url, embedded, ...health, stats }, () => {
      output.line(
        `${embedded ? 'in this process' : client.url}: ${health.status}${health.version ? `, version ${health.version}` : ''}`,
      );
      output.table(
        Object.entries(health.details ?? {}).map(([part, { status, message }]) => [
          `  ${part}`,
          status,
          message ?? '',
        ]),
      );
      for (const line of statsLines(stats)) output.line(line);
    });
    return health.status === 'ok' ? exitCodes.ok : exitCodes.failed;
  });
}

export function addSystem(program: Command): void {
  addServe(program);
  program
    .command('status')
    .description('show the state of the service, or of one task')
    .argument('[task_id]')
    .option('--wait', 'wait until the task has ended')
    .addHelpText('after', '\nExamples:\n  $ docent status\n  $ docent status 0190a0b0-… --wait')
    .action((id: string | undefined, options: { wait?: boolean }, command: Command) =>
      id ? printTaskStatus(command, id, options.wait ?? false) : printHealth(command),
    );
  addMigrate(program);
}
