import { loadEnv, type Env } from '../../config/env.js';
import type { DocentModuleOptions } from './docent-options.js';

/** Stands for the address of a pool that was passed in; nothing connects to it. */
const poolAddress = 'postgres://pool';

/** @throws ConfigurationError with one line per mistake */
export function embeddedEnv({ settings = {}, pool, worker = true, mountAt }: DocentModuleOptions): Env {
  const given = Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  const isMounted = mountAt !== undefined;
  const env = loadEnv({
    HOST: '127.0.0.1',
    AUTH: isMounted ? 'required' : 'none',
    ENVIRONMENT: 'embedded',
    LOG_LEVEL: 'silent',
    FEATURES_CONSOLE: 'false',
    ...(pool && { DATABASE_DRIVER: 'pg', DATABASE_URL: poolAddress }),
    ...given,
    MODE: worker ? 'all' : 'api',
    API_PROCESSES: '1',
    WORKER_PROCESSES: '1',
  });
  return env.DATABASE_URL === poolAddress ? Object.assign({}, env, { DATABASE_URL: undefined }) : env;
}
