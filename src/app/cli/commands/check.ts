import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { ConfigurationError } from '../../../config/configuration-error.js';
import type { Env } from '../../../config/env.js';
import { exitCodes } from '../exit.js';
import { Output } from '../output.js';
import { readSettings } from '../read-settings.js';
import { reachRunning } from '../service.js';

interface Part {
  name: string;
  state: 'up' | 'down';
  message: string;
}
interface Health {
  details?: Record<string, { status: string; driver?: string; message?: string }>;
}
interface GlobalOptions {
  url?: string;
  token?: string;
  json?: boolean;
}

const connectSeconds = 4;
const require = createRequire(import.meta.url);

const readVersion = (dependency: string): string => {
  const path = require.resolve(dependency);
  const at = path.lastIndexOf(`${dependency}/`) + dependency.length;
  return (require(`${path.slice(0, at)}/package.json`) as { version: string }).version;
};

/**
 * Asks each server that the configuration names for its version, and changes
 * nothing there. @throws ConfigurationError for what waiting does not mend
 */
async function askServers(env: Env): Promise<{ versions: Record<string, string>; parts: Part[] }> {
  const versions: Record<string, string> = { docent: env.APP_VERSION, node: process.versions.node };
  const parts: Part[] = [];
  const ask = async (name: string, run: () => Promise<Record<string, string>>): Promise<void> => {
    try {
      const told = await run();
      Object.assign(versions, told);
      parts.push({ name, state: 'up', message: '' });
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      parts.push({ name, state: 'down', message: 'cannot be reached' });
    }
  };
  if (env.DATABASE_DRIVER === 'pglite') versions['pglite'] = readVersion('@electric-sql/pglite');
  if (env.DATABASE_URL) {
    const { versionsAt } = await import('../../../platform/database/pg-migration.js');
    await ask('database', () => versionsAt(env.DATABASE_URL ?? '', connectSeconds));
  }
  if (env.REDIS_URL) {
    const { redisVersion } = await import('../../../platform/queue/redis-version.js');
    await ask('redis', async () => ({ redis: await redisVersion(env.REDIS_URL ?? '', connectSeconds) }));
  }
  return { versions, parts };
}

/** The parts of a service that runs already, as it sees them. */
async function askService(options: GlobalOptions): Promise<{ url: string; parts: Part[] } | undefined> {
  const client = await reachRunning(options);
  if (!client) return undefined;
  const { details = {} } = await client.health<Health>();
  const parts = Object.entries(details).map(([name, { status, message = '' }]): Part => ({
    name,
    state: status === 'up' ? 'up' : 'down',
    message,
  }));
  return { url: client.url, parts };
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('check the configuration and show the resulting drivers, versions and limits')
    .addHelpText(
      'after',
      `
Boots nothing and changes nothing: it reads the settings, asks the servers they name for their versions, and a
service that runs already for its parts. Ends with 78 and one line per mistake when the configuration is wrong,
with 1 when a server or a part is down.

Example:
  $ docent check && docent serve`,
    )
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const output = new Output(options.json ?? false);
      const env = await readSettings();
      const [{ bootWarnings }, { listDrivers, listLimits }] = await Promise.all([
        import('../../../config/boot-warnings.js'),
        import('../../../config/report.js'),
      ]);
      const service = await askService(options);
      const { versions, parts: servers } = await askServers(env);
      const report = {
        drivers: listDrivers(env),
        versions,
        limits: listLimits(env),
        warnings: bootWarnings(env),
        servers,
        service: service ?? null,
      };
      output.result(report, () => {
        const section = (title: string, rows: [string, string | number][]) => {
          output.line(title);
          output.table(rows.map(([name, value]) => [`  ${name}`, value]));
        };
        section('drivers', Object.entries(report.drivers));
        section('versions', Object.entries(versions));
        section('limits', Object.entries(report.limits));
        const shown = ({ name, state, message }: Part): [string, string] => [
          name,
          message ? `${state}: ${message}` : state,
        ];
        if (servers.length > 0) section('servers', servers.map(shown));
        if (service) section(`the service at ${service.url}`, service.parts.map(shown));
        for (const warning of report.warnings) output.line(`warning: ${warning}`);
      });
      const down = [...servers, ...(service?.parts ?? [])].some(({ state }) => state === 'down');
      process.exitCode = down ? exitCodes.failed : exitCodes.ok;
    });
}
