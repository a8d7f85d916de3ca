import type { Env } from '../../config/env.js';

/**
 * The checked settings. Their table is loaded only by the commands that need it: `--help` and commands with
 * `--url` start faster without.
 * @throws ConfigurationError
 */
export async function readSettings(source: NodeJS.ProcessEnv = process.env): Promise<Env> {
  const { loadEnv } = await import('../../config/env.js');
  return loadEnv(source);
}
