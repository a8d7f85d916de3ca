import { ConfigurationError } from '../../config/configuration-error.js';
import type { Env } from '../../config/env.js';
import { ApiClient } from './client.js';
import { readSettings } from './read-settings.js';
import { CliError, exitCodes } from './exit.js';

export interface ServiceOptions {
  url?: string;
  token?: string;
}

export interface Reached {
  client: ApiClient;
  /** True when the service runs in this process. */
  embedded: boolean;
  close(): Promise<void>;
}

/** A missing service is noticed at once; this is the patience with a busy one. */
const probeMs = 3000;

/** Checks whether a service at `url` reports that it is alive. */
export async function lives(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(probeMs) });
    return ((await response.json()) as { status?: string }).status === 'ok';
  } catch {
    return false;
  }
}

/** Where a service with these settings is reached from this machine. */
export const makeAddress = ({ HOST }: Env, port: number): string => {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

/** The settings of a service that serves this process alone. */
export const embeddedSettings = (source: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...source,
  MODE: 'all',
  HOST: '127.0.0.1',
  PORT: '0',
  AUTH: 'none',
  ENVIRONMENT: 'command-line',
  API_PROCESSES: '1',
  WORKER_PROCESSES: '1',
  // a folder is watched by what stays
  WATCH_DIR: '',
  RATE_LIMIT_MAX_REQUESTS: '1000000',
  LOG_LEVEL: source['DOCENT_LOG_LEVEL'] ?? 'silent',
});

/** A service waits for a database that is away; somebody at a terminal wants to know at once. */
async function assertDatabase(settings: Env): Promise<void> {
  if (settings.DATABASE_DRIVER === 'pglite') return;
  const { checkDatabase } = await import('./doctor/database.js');
  for (const { state, message, todo } of await checkDatabase(settings))
    if (state === 'failed')
      throw new CliError(`the database: ${message}. ${todo ?? ''}`, exitCodes.unavailable);
}

async function embedded(source: NodeJS.ProcessEnv): Promise<{ url: string; close(): Promise<void> }> {
  const settings = await readSettings(embeddedSettings(source));
  await assertDatabase(settings);
  const { openEarly } = await import('../../platform/database/early-database.js');
  await openEarly(settings);
  const { bootService } = await import('../boot.js');
  try {
    return await bootService(settings);
  } catch (error) {
    // the settings were right a moment ago: somebody else has the data
    if (error instanceof ConfigurationError)
      throw new CliError(`${error.message} – or name its address with --url`, exitCodes.unavailable);
    throw error;
  }
}

/** Adds `http://` to `localhost:8000`. @throws CliError with code 2 for an invalid address */
function addressIn(text: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!/^https?:/i.test(address) || !URL.canParse(address))
    throw new CliError(`${text} is not an http or https address`, exitCodes.usage);
  return address;
}

/**
 * The named service, or the one that runs on this machine; undefined if none runs.
 * @throws CliError with code 2 for an invalid address; ConfigurationError
 */
export async function reachRunning(
  options: ServiceOptions,
  source: NodeJS.ProcessEnv = process.env,
): Promise<ApiClient | undefined> {
  // as everywhere, an empty variable counts as unset
  const named = options.url ?? (source['DOCENT_URL'] || undefined);
  const token = options.token ?? (source['DOCENT_TOKEN'] || undefined);
  if (named !== undefined) return new ApiClient(addressIn(named), token);
  const env = await readSettings(source);
  const local = makeAddress(env, env.PORT);
  return (await lives(local)) ? new ApiClient(local, token ?? env.API_KEYS[0]) : undefined;
}

/**
 * The service that was named, or the one that runs here,
 * or else one in this very process on the configured data.
 * @throws CliError with code 69 when the named one does not answer; ConfigurationError
 */
export async function reachService(
  options: ServiceOptions,
  source: NodeJS.ProcessEnv = process.env,
): Promise<Reached> {
  const client = await reachRunning(options, source);
  if (client) return { client, embedded: false, close: () => Promise.resolve() };
  const service = await embedded(source);
  return { client: new ApiClient(service.url), embedded: true, close: () => service.close() };
}
