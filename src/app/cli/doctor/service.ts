import type { Env } from '../../../config/env.js';
import { ApiClient } from '../client.js';
import { obstacleAt } from '../port.js';
import { makeAddress, lives, reachRunning, type ServiceOptions } from '../service.js';
import { fail, fine, warn, type Finding } from './finding.js';

interface Health {
  status: string;
  version?: string;
  details?: Record<string, { status: string; message?: string }>;
}

const todoFor: Record<string, string> = {
  database: 'Start the database; the service connects by itself.',
  queue: 'Start Redis; the service connects by itself.',
  disk: 'Free some space on the disk of DATA_DIR.',
  memory: 'Stop other programs, or lower PARSER_PROCESSES and WORKER_CONCURRENCY.',
};
const usualTodo = 'See docs/operations/troubleshooting.md.';

async function checkPort(host: string, port: number, setting: string): Promise<Finding> {
  const code = await obstacleAt(host, port);
  const place = `${port} of ${host}`;
  if (code === null) return fine('port', `${place} is free, no service runs there`);
  return code === 'EADDRINUSE'
    ? fail('port', `${place} is taken by another program`, `Stop it, or choose another ${setting}.`)
    : fail('port', `${place} cannot be listened on (${code})`, 'Choose another HOST or PORT.');
}

/** One line for the service, and one for each of its parts that is down. */
async function checkRunning(client: ApiClient): Promise<Finding[]> {
  const check = 'service';
  const { status, version, details } = await client.health<Health>();
  if (!details)
    return [
      status === 'ok'
        ? fine(check, `${client.url} is well; its parts are shown with a key`)
        : fail(check, `${client.url} is not well`, 'Name a key in DOCENT_TOKEN to see why.'),
    ];
  const down = Object.entries(details).filter(([, part]) => part.status !== 'up');
  const summary = `${client.url}, version ${version ?? 'unknown'}`;
  return [
    down.length === 0 ? fine(check, `${summary} is well`) : warn(check, summary, 'See its parts below.'),
    ...down.map(([name, { message = 'is down' }]) =>
      fail(`service: ${name}`, message, todoFor[name] ?? usualTodo),
    ),
  ];
}

async function checkNamed(options: ServiceOptions): Promise<Finding[]> {
  const client = await reachRunning(options);
  if (client && (await lives(client.url))) return checkRunning(client);
  return [
    fail(
      'service',
      `${client?.url ?? 'the service'} does not answer`,
      'Start the service there, or correct --url or DOCENT_URL.',
    ),
  ];
}

/** The service that is named, or the one of this machine; where none runs, whether its port is free. */
export async function checkService(env: Env, options: ServiceOptions): Promise<Finding[]> {
  if (options.url ?? process.env['DOCENT_URL']) return checkNamed(options);
  if (env.MODE === 'worker') return checkWorker(env);
  if (!(await lives(makeAddress(env, env.PORT)))) return [await checkPort(env.HOST, env.PORT, 'PORT')];
  const client = await reachRunning(options);
  return client ? checkRunning(client) : [];
}

async function checkWorker(env: Env): Promise<Finding[]> {
  const url = makeAddress(env, env.WORKER_HEALTH_PORT);
  if (await lives(url)) return checkRunning(new ApiClient(url));
  return [await checkPort(env.HOST, env.WORKER_HEALTH_PORT, 'WORKER_HEALTH_PORT')];
}
