import { totalmem } from 'node:os';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { formerSettings } from './former-settings.js';
import { settings } from './settings.js';

const megabyte = 1024 * 1024;
const schema = z.object(settings);
type Parsed = z.infer<typeof schema>;

/** The checked configuration, with drivers resolved. The merged class makes it its own injection token. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export abstract class Env {}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Env extends Parsed {
  AUTH: 'none' | 'required';
  DATABASE_DRIVER: 'pglite' | 'pg' | 'supabase';
  QUEUE_DRIVER: 'embedded' | 'bull';
  BLOB_DRIVER: 'local' | 'azure' | 's3';
  EMBEDDING_DRIVER: 'none' | 'local' | 'openai';
  READER_DRIVER: 'none' | 'local';
  RERANK_DRIVER: 'none' | 'http' | 'local';
  OCR_DRIVER: 'none' | 'local' | 'vision';
  LLM_DRIVER: 'offline' | 'openai';
  LOG_FORMAT: 'json' | 'text';
  /** Requests per window of a client without a principal. */
  ANONYMOUS_RATE_LIMIT: number;
  WEBSOCKET_MAX_PER_SUBJECT: number;
}

/**
 * Wrong configuration: `lines` has one sentence per mistake, without any value. The process ends with exit
 * code 78.
 */
export class ConfigurationError extends Error {
  constructor(readonly lines: string[]) {
    super(lines.join('\n'));
  }
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);

/**
 * Requests per window of the owner of a loopback service without authentication: more than a person or one of
 * our tools makes.
 */
const ownerRequests = 10_000;

const knownDrivers = (
  parsed: Parsed,
): Pick<
  Env,
  | 'AUTH'
  | 'DATABASE_DRIVER'
  | 'QUEUE_DRIVER'
  | 'BLOB_DRIVER'
  | 'EMBEDDING_DRIVER'
  | 'READER_DRIVER'
  | 'RERANK_DRIVER'
  | 'OCR_DRIVER'
  | 'LLM_DRIVER'
  | 'LOG_FORMAT'
  | 'WEBSOCKET_MAX_PER_SUBJECT'
> => {
  const openai = parsed.OPENAI_API_KEY !== undefined || parsed.OPENAI_API_BASE !== undefined;
  const isPrivate = isLoopback(parsed.HOST) && parsed.ENVIRONMENT !== 'production';
  const AUTH = parsed.AUTH ?? (isPrivate ? 'none' : 'required');
  return {
    AUTH,
    DATABASE_DRIVER:
      parsed.DATABASE_DRIVER ?? (parsed.DATABASE_URL ? 'pg' : parsed.SUPABASE_URL ? 'supabase' : 'pglite'),
    QUEUE_DRIVER: parsed.QUEUE_DRIVER ?? (parsed.REDIS_URL ? 'bull' : 'embedded'),
    BLOB_DRIVER:
      parsed.BLOB_DRIVER ??
      (parsed.AZURE_STORAGE_CONNECTION_STRING ? 'azure' : parsed.S3_BUCKET ? 's3' : 'local'),
    ...knownModels(parsed, openai),
    LOG_FORMAT: parsed.LOG_FORMAT === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : parsed.LOG_FORMAT,
    LLM_DRIVER: parsed.LLM_DRIVER ?? (openai ? 'openai' : 'offline'),
    WEBSOCKET_MAX_PER_SUBJECT: parsed.WEBSOCKET_MAX_PER_SUBJECT ?? parsed.WEBSOCKET_MAX_CONNECTIONS,
  };
};

const hasModel = (directory: string): boolean => existsSync(join(directory, 'config.json'));

function knownModels(
  parsed: Parsed,
  openai: boolean,
): Pick<Env, 'EMBEDDING_DRIVER' | 'READER_DRIVER' | 'RERANK_DRIVER' | 'OCR_DRIVER'> {
  const { EMBEDDING_DRIVER, READER_DRIVER, RERANK_DRIVER, OCR_DRIVER } = parsed;
  const embedder = openai ? 'openai' : hasModel(parsed.EMBEDDING_MODEL_DIR) ? 'local' : 'none';
  const reranker = parsed.RERANK_URL ? 'http' : parsed.RERANK_MODEL_DIR ? 'local' : 'none';
  return {
    EMBEDDING_DRIVER: EMBEDDING_DRIVER === 'auto' ? embedder : EMBEDDING_DRIVER,
    READER_DRIVER:
      READER_DRIVER === 'auto' ? (hasModel(parsed.READER_MODEL_DIR) ? 'local' : 'none') : READER_DRIVER,
    OCR_DRIVER:
      OCR_DRIVER === 'auto' ? (openai && parsed.OPENAI_VISION_MODEL ? 'vision' : 'local') : OCR_DRIVER,
    RERANK_DRIVER: RERANK_DRIVER === 'auto' ? reranker : RERANK_DRIVER,
  };
}

/** Finds local drivers whose folder holds no model. */
function missingModels(env: Env): string[] {
  const folders = [
    ['EMBEDDING_MODEL_DIR', env.EMBEDDING_DRIVER, env.EMBEDDING_MODEL_DIR],
    ['READER_MODEL_DIR', env.READER_DRIVER, env.READER_MODEL_DIR],
    ['RERANK_MODEL_DIR', env.RERANK_DRIVER, env.RERANK_MODEL_DIR ?? ''],
  ] as const;
  return folders
    .filter(([, driver, directory]) => driver === 'local' && !hasModel(directory))
    .map(([name]) => `${name}: the folder has no config.json of a model`);
}

/** Detects example values that were never replaced by a secret. */
const isPlaceholder = (value: string): boolean =>
  /^(<.*>|\$\{.*\}|(change|replace)[-_ ]?me|your[-_])/i.test(value);
/** Only for our own secrets: a model server in the same network may well use `secret`. */
const weakSecret = (value: string): boolean =>
  value.length < 32 || isPlaceholder(value) || /^(secret|password|example|xxx)/i.test(value);

/**
 * Settings of other systems for things that docent does differently: who sets them believes that they work.
 */
const foreign: Record<string, string> = {
  JWT_SECRET: 'there is no shared secret; tokens are verified with the keys of JWT_ISSUERS',
  CORS_ORIGINS: 'name the origins in ALLOWED_ORIGINS',
};

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

/** Finds settings that contradict each other. */
function contradictions(env: Env): string[] {
  const lines: string[] = [];
  const refuse = (condition: boolean, line: string) => condition && lines.push(line);
  const open = env.AUTH === 'none' && !env.ALLOW_INSECURE_NO_AUTH && env.MODE !== 'worker';
  refuse(
    open && !isLoopback(env.HOST),
    'HOST: an address that others can reach needs AUTH=required (or ALLOW_INSECURE_NO_AUTH=true)',
  );
  refuse(
    open && env.ENVIRONMENT === 'production',
    'AUTH: production needs AUTH=required (or ALLOW_INSECURE_NO_AUTH=true)',
  );
  refuse(
    env.API_KEYS.some(weakSecret),
    'API_KEYS: every key needs 32 characters or more and must not be a placeholder',
  );
  refuse(
    env.METRICS_TOKEN !== undefined && weakSecret(env.METRICS_TOKEN),
    'METRICS_TOKEN: needs 32 characters or more and must not be a placeholder',
  );
  for (const name of ['SUPABASE_KEY', 'OPENAI_API_KEY', 'RERANK_API_KEY'] as const)
    refuse(isPlaceholder(env[name] ?? ''), `${name}: must not be a placeholder`);
  const issuers = env.JWT_ISSUERS.map(({ issuer }) => issuer);
  refuse(new Set(issuers).size < issuers.length, 'JWT_ISSUERS: an issuer is listed twice');
  refuse(
    env.OIDC_CLIENT_ID !== undefined && issuers.length === 0,
    'OIDC_CLIENT_ID: needs JWT_ISSUERS, or the tokens of the provider would be refused',
  );
  refuse(
    env.OIDC_ISSUER !== undefined && !issuers.includes(env.OIDC_ISSUER),
    'OIDC_ISSUER: must be one of JWT_ISSUERS, or its tokens would be refused',
  );
  refuse(env.ALLOWED_ORIGINS.includes('*'), 'ALLOWED_ORIGINS: `*` is not allowed; name the origins');
  refuse(env.DATABASE_DRIVER === 'pg' && !env.DATABASE_URL, 'DATABASE_URL: needed by DATABASE_DRIVER=pg');
  refuse(
    env.DATABASE_DRIVER === 'supabase' && !(env.SUPABASE_URL && env.SUPABASE_KEY),
    'SUPABASE_URL, SUPABASE_KEY: both needed by DATABASE_DRIVER=supabase',
  );
  refuse(
    isPublicSupabaseKey(env.SUPABASE_KEY ?? ''),
    'SUPABASE_KEY: is the public key of the project; its service key is needed',
  );
  refuse(env.QUEUE_DRIVER === 'bull' && !env.REDIS_URL, 'REDIS_URL: needed by QUEUE_DRIVER=bull');
  refuse(
    env.BLOB_DRIVER === 'azure' && !env.AZURE_STORAGE_CONNECTION_STRING,
    'AZURE_STORAGE_CONNECTION_STRING: needed by BLOB_DRIVER=azure',
  );
  refuse(env.BLOB_DRIVER === 's3' && !env.S3_BUCKET, 'S3_BUCKET: needed by BLOB_DRIVER=s3');
  refuse(
    (env.S3_ACCESS_KEY_ID === undefined) !== (env.S3_SECRET_ACCESS_KEY === undefined),
    'S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: set both or neither',
  );
  const embedded = env.DATABASE_DRIVER === 'pglite' || env.QUEUE_DRIVER === 'embedded';
  refuse(
    embedded && env.MODE !== 'all',
    'MODE: api and worker as separate processes need a DATABASE_URL and a REDIS_URL; with the embedded drivers use MODE=all',
  );
  refuse(
    embedded && env.API_PROCESSES + env.WORKER_PROCESSES > 2,
    'API_PROCESSES, WORKER_PROCESSES: more than one process needs a DATABASE_URL and a REDIS_URL',
  );
  refuse(
    env.TASK_SOFT_TIME_LIMIT >= env.TASK_TIME_LIMIT,
    'TASK_SOFT_TIME_LIMIT: must be below TASK_TIME_LIMIT',
  );
  refuse(
    env.EMBEDDING_BATCH_MIN > env.EMBEDDING_BATCH_MAX,
    'EMBEDDING_BATCH_MIN: must not be above EMBEDDING_BATCH_MAX',
  );
  refuse(env.CHUNK_OVERLAP * 2 > env.CHUNK_SIZE, 'CHUNK_OVERLAP: must be at most half of CHUNK_SIZE');
  const queues = new Set(['ingestion', 'summary', 'default', 'embedding']);
  refuse(
    env.WORKER_QUEUES.length === 0 || env.WORKER_QUEUES.some((queue) => !queues.has(queue)),
    'WORKER_QUEUES: names out of ingestion, summary, default, embedding',
  );
  refuse(
    env.WATCH_DIR !== undefined &&
      (isWithin(env.DATA_DIR, env.WATCH_DIR) || isWithin(env.WATCH_DIR, env.DATA_DIR)),
    'WATCH_DIR: must be neither inside nor around DATA_DIR',
  );
  refuse(env.RERANK_DRIVER === 'http' && !env.RERANK_URL, 'RERANK_URL: needed by RERANK_DRIVER=http');
  lines.push(...missingModels(env));
  refuse(env.PARSER_MEMORY_MB * megabyte > totalmem(), 'PARSER_MEMORY_MB: more than this machine has');
  return lines;
}

/** Reads secret settings from `NAME_FILE`. An empty file counts as unset. */
function withSecretFiles(source: NodeJS.ProcessEnv, lines: string[]): NodeJS.ProcessEnv {
  const merged = { ...source };
  for (const [name, type] of Object.entries(settings)) {
    const path = source[`${name}_FILE`];
    if (!type.meta()?.['secret'] || !path) continue;
    try {
      merged[name] = readFileSync(path, 'utf8').trim() || source[name];
    } catch {
      lines.push(`${name}_FILE: the file cannot be read`);
    }
  }
  return merged;
}

/**
 * Reads the configuration. An empty value counts as unset.
 * @throws ConfigurationError with one line per mistake and without values
 */
export function loadEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const lines: string[] = [];
  const merged = withSecretFiles(source, lines);
  for (const [name, meant] of Object.entries(foreign))
    if (merged[name]?.trim()) lines.push(`${name}: ${meant}`);
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => (merged[name]?.trim() ? [[name, merged[name].trim()]] : [])),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    lines.push(
      ...result.error.issues.map(
        (issue) => `${issue.path.join('.')}: ${issue.message.replace(/, received .*$/, '')}`,
      ),
    );
    throw new ConfigurationError(lines);
  }
  const drivers = knownDrivers(result.data);
  const isOwner =
    drivers.AUTH === 'none' && isLoopback(result.data.HOST) && !given['RATE_LIMIT_MAX_REQUESTS'];
  const ANONYMOUS_RATE_LIMIT = isOwner ? ownerRequests : result.data.RATE_LIMIT_MAX_REQUESTS;
  const env = { ...result.data, ...drivers, ANONYMOUS_RATE_LIMIT } as Env;
  lines.push(...contradictions(env));
  if (lines.length > 0) throw new ConfigurationError(lines);
  return env;
}

/** The command line reads these itself. */
const clientNames = new Set(['DOCENT_URL', 'DOCENT_TOKEN']);

/** Names that look like ours but are unknown, most likely typing errors; boot warns about each. */
export function unknownSettings(source: NodeJS.ProcessEnv = process.env): string[] {
  const looksLikeOurs =
    /^(DOCENT_|TASK_|PARSER_|WEBSOCKET_|EMBEDDING_|READER_|OCR_|RERANK_|MODELS_|RATE_LIMIT_|QUOTA_|JWT_|OIDC_|WORKER_|LLM_|ALLOWED_|AUDIT_)/;
  return Object.keys(source).filter(
    (name) => looksLikeOurs.test(name) && !clientNames.has(name) && !(name.replace(/_FILE$/, '') in settings),
  );
}

/**
 * Settings under the names of Uvicorn or Celery: they have no effect, and boot names the setting that has.
 */
export function formerlyNamed(source: NodeJS.ProcessEnv = process.env): string[] {
  return formerSettings
    .filter(({ name }) => source[name]?.trim())
    .map(({ name, here }) => `${name} is set but has no effect; set ${here} instead`);
}
