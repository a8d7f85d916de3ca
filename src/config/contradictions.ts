import { totalmem } from 'node:os';
import { relative, resolve } from 'node:path';
import { isLoopback, type Resolved } from './drivers.js';

const megabyte = 1024 * 1024;

/**
 * A mistake, and the line that reports it: the setting's name, then a sentence that never contains the value.
 */
type Rule = [isBroken: boolean, line: string];

/** One line for each rule that the settings break together. */
export const findContradictions = (env: Resolved): string[] =>
  [...accessRules(env), ...issuerRules(env), ...processRules(env), ...workRules(env)].flatMap(
    ([isBroken, line]) => (isBroken ? [line] : []),
  );

function accessRules(env: Resolved): Rule[] {
  const open = env.AUTH === 'none' && !env.ALLOW_INSECURE_NO_AUTH && env.MODE !== 'worker';
  return [
    [
      open && !isLoopback(env.HOST),
      'HOST: an address that others can reach needs AUTH=required (or ALLOW_INSECURE_NO_AUTH=true)',
    ],
    [
      open && env.ENVIRONMENT === 'production',
      'AUTH: production needs AUTH=required (or ALLOW_INSECURE_NO_AUTH=true)',
    ],
    [
      env.API_KEYS.some(isWeakSecret),
      'API_KEYS: every key needs 32 characters or more and must not be a placeholder',
    ],
    [
      env.METRICS_TOKEN !== undefined && isWeakSecret(env.METRICS_TOKEN),
      'METRICS_TOKEN: needs 32 characters or more and must not be a placeholder',
    ],
    ...(['SUPABASE_KEY', 'OPENAI_API_KEY', 'RERANK_API_KEY'] as const).map((name): Rule => [
      isPlaceholder(env[name] ?? ''),
      `${name}: must not be a placeholder`,
    ]),
    [
      isPublicSupabaseKey(env.SUPABASE_KEY ?? ''),
      'SUPABASE_KEY: is the public key of the project; its service key is needed',
    ],
    [
      (env.S3_ACCESS_KEY_ID === undefined) !== (env.S3_SECRET_ACCESS_KEY === undefined),
      'S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: set both or neither',
    ],
    [
      env.DATABASE_READ_URL !== undefined && env.DATABASE_DRIVER !== 'pg',
      'DATABASE_READ_URL: works with DATABASE_DRIVER=pg alone',
    ],
    [env.ALLOWED_ORIGINS.includes('*'), 'ALLOWED_ORIGINS: `*` is not allowed; name the origins'],
  ];
}

function issuerRules(env: Resolved): Rule[] {
  const issuers = env.JWT_ISSUERS.map(({ issuer }) => issuer);
  return [
    [new Set(issuers).size < issuers.length, 'JWT_ISSUERS: an issuer is listed twice'],
    [
      env.OIDC_CLIENT_ID !== undefined && issuers.length === 0,
      'OIDC_CLIENT_ID: needs JWT_ISSUERS, or the tokens of the provider would be refused',
    ],
    [
      env.OIDC_ISSUER !== undefined && !issuers.includes(env.OIDC_ISSUER),
      'OIDC_ISSUER: must be one of JWT_ISSUERS, or its tokens would be refused',
    ],
  ];
}

function processRules(env: Resolved): Rule[] {
  const embedded = env.DATABASE_DRIVER === 'pglite' || env.QUEUE_DRIVER === 'embedded';
  return [
    [
      embedded && env.MODE !== 'all',
      'MODE: api and worker as separate processes need a DATABASE_URL and a REDIS_URL; with the embedded drivers use MODE=all',
    ],
    [
      embedded && env.API_PROCESSES + env.WORKER_PROCESSES > 2,
      'API_PROCESSES, WORKER_PROCESSES: more than one process needs a DATABASE_URL and a REDIS_URL',
    ],
    [env.PARSER_MEMORY_MB * megabyte > totalmem(), 'PARSER_MEMORY_MB: more than this machine has'],
  ];
}

const queues = new Set(['ingestion', 'summary', 'default', 'embedding']);

function workRules(env: Resolved): Rule[] {
  return [
    [env.TASK_SOFT_TIME_LIMIT >= env.TASK_TIME_LIMIT, 'TASK_SOFT_TIME_LIMIT: must be below TASK_TIME_LIMIT'],
    [
      env.EMBEDDING_BATCH_MIN > env.EMBEDDING_BATCH_MAX,
      'EMBEDDING_BATCH_MIN: must not be above EMBEDDING_BATCH_MAX',
    ],
    [env.CHUNK_OVERLAP * 2 > env.CHUNK_SIZE, 'CHUNK_OVERLAP: must be at most half of CHUNK_SIZE'],
    [
      env.WORKER_QUEUES.length === 0 || env.WORKER_QUEUES.some((queue) => !queues.has(queue)),
      'WORKER_QUEUES: names out of ingestion, summary, default, embedding',
    ],
    [
      env.WATCH_DIR !== undefined &&
        (isWithin(env.DATA_DIR, env.WATCH_DIR) || isWithin(env.WATCH_DIR, env.DATA_DIR)),
      'WATCH_DIR: must be neither inside nor around DATA_DIR',
    ],
  ];
}

/** Detects example values that were never replaced by a secret. */
const isPlaceholder = (value: string): boolean =>
  /^(<.*>|\$\{.*\}|(change|replace)[-_ ]?me|your[-_])/i.test(value);
/** Only for our own secrets: a model server in the same network may well use `secret`. */
const isWeakSecret = (value: string): boolean =>
  value.length < 32 || isPlaceholder(value) || /^(secret|password|example|xxx)/i.test(value);

/** Detects a Supabase key for browsers: row level security would hide all rows from it. */
function isPublicSupabaseKey(key: string): boolean {
  if (key === 'anon' || key.startsWith('sb_publishable_')) return true;
  try {
    const claims: unknown = JSON.parse(Buffer.from(key.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null && 'role' in claims && claims.role === 'anon';
  } catch {
    return false;
  }
}

const isWithin = (folder: string, other: string): boolean =>
  !/^\.\.(?:[\\/]|$)|^(?:[A-Za-z]:)?[\\/]/.test(relative(resolve(other), resolve(folder)));
