import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { settings } from './settings.js';

export const schema = z.object(settings);
export type Parsed = z.infer<typeof schema>;
type Drivers = ReturnType<typeof resolveDrivers>;
/** The settings, with a value for everything that has a default that depends on others. */
export type Resolved = Omit<Parsed, keyof Drivers> & Drivers;

/** Detects loopback addresses, which only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/.test(host);

const hasModel = (directory: string): boolean => existsSync(join(directory, 'config.json'));

/** Chooses the drivers that the settings do not name. */
export function resolveDrivers(parsed: Parsed) {
  const isPrivate = isLoopback(parsed.HOST) && parsed.ENVIRONMENT !== 'production';
  return {
    AUTH: parsed.AUTH ?? (isPrivate ? 'none' : 'required'),
    DATABASE_DRIVER:
      parsed.DATABASE_DRIVER ?? (parsed.DATABASE_URL ? 'pg' : parsed.SUPABASE_URL ? 'supabase' : 'pglite'),
    QUEUE_DRIVER: parsed.QUEUE_DRIVER ?? (parsed.REDIS_URL ? 'bull' : 'embedded'),
    BLOB_DRIVER:
      parsed.BLOB_DRIVER ??
      (parsed.AZURE_STORAGE_CONNECTION_STRING ? 'azure' : parsed.S3_BUCKET ? 's3' : 'local'),
    ...resolveModels(parsed),
    LOG_FORMAT: parsed.LOG_FORMAT === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : parsed.LOG_FORMAT,
    WEBSOCKET_MAX_PER_SUBJECT: parsed.WEBSOCKET_MAX_PER_SUBJECT ?? parsed.WEBSOCKET_MAX_CONNECTIONS,
  } as const;
}

function resolveModels(parsed: Parsed) {
  const openai = parsed.OPENAI_API_KEY !== undefined || parsed.OPENAI_API_BASE !== undefined;
  const { EMBEDDING_DRIVER, MATCHER_DRIVER, RERANK_DRIVER, OCR_DRIVER } = parsed;
  const embedder = openai ? 'openai' : hasModel(parsed.EMBEDDING_MODEL_DIR) ? 'local' : 'none';
  const auto = hasModel(parsed.READER_MODEL_DIR) ? 'local' : 'none';
  const reader = parsed.READER_DRIVER === 'auto' ? auto : parsed.READER_DRIVER;
  const matcher = reader === 'local' && hasModel(parsed.MATCHER_MODEL_DIR) ? 'local' : 'none';
  const reranker = parsed.RERANK_URL ? 'http' : parsed.RERANK_MODEL_DIR ? 'local' : 'none';
  const ocr = openai && parsed.OPENAI_VISION_MODEL ? 'vision' : 'local';
  return {
    EMBEDDING_DRIVER: EMBEDDING_DRIVER === 'auto' ? embedder : EMBEDDING_DRIVER,
    READER_DRIVER: reader,
    MATCHER_DRIVER: MATCHER_DRIVER === 'auto' ? matcher : MATCHER_DRIVER,
    RERANK_DRIVER: RERANK_DRIVER === 'auto' ? reranker : RERANK_DRIVER,
    OCR_DRIVER: OCR_DRIVER === 'auto' ? ocr : OCR_DRIVER,
    LLM_DRIVER: parsed.LLM_DRIVER ?? (openai ? 'openai' : 'offline'),
  } as const;
}

/** Settings that a driver cannot do without. */
const needs: {
  [D in keyof Drivers]?: { [value in Extract<Drivers[D], string>]?: (keyof Parsed)[] };
} = {
  DATABASE_DRIVER: { pg: ['DATABASE_URL'], supabase: ['SUPABASE_URL', 'SUPABASE_KEY'] },
  QUEUE_DRIVER: { bull: ['REDIS_URL'], bullmq: ['REDIS_URL'] },
  BLOB_DRIVER: { azure: ['AZURE_STORAGE_CONNECTION_STRING'], s3: ['S3_BUCKET'] },
  RERANK_DRIVER: { http: ['RERANK_URL'] },
};

/** One line for each chosen driver that lacks a setting, and for each local model that is not there. */
export function missingForDrivers(env: Resolved): string[] {
  const lines = Object.entries(needs).flatMap(([driver, byValue]) => {
    const value = String(env[driver as keyof Drivers]);
    const names = (byValue as Record<string, (keyof Parsed)[]>)[value] ?? [];
    const both = names.length > 1 ? 'both ' : '';
    return names.some((name) => !env[name])
      ? [`${names.join(', ')}: ${both}needed by ${driver}=${value}`]
      : [];
  });
  return [...lines, ...missingModels(env)];
}

const noModel = (name: string): string => `${name}: the folder has no config.json of a model`;

/** A folder that was named by hand and has no model: `auto` would go on without it. */
export const missingChosenModels = (env: Resolved, given: Readonly<Record<string, string>>): string[] =>
  (['EMBEDDING', 'READER', 'MATCHER'] as const).flatMap((part) => {
    const folder = `${part}_MODEL_DIR` as const;
    const isAuto = (given[`${part}_DRIVER`] ?? 'auto').toLowerCase() === 'auto';
    const isMissing = env[`${part}_DRIVER`] === 'none' && !hasModel(env[folder]);
    return given[folder] && isAuto && isMissing ? [noModel(folder)] : [];
  });

function missingModels(env: Resolved): string[] {
  const folders = [
    ['EMBEDDING_MODEL_DIR', env.EMBEDDING_DRIVER, env.EMBEDDING_MODEL_DIR],
    ['READER_MODEL_DIR', env.READER_DRIVER, env.READER_MODEL_DIR],
    ['MATCHER_MODEL_DIR', env.MATCHER_DRIVER, env.MATCHER_MODEL_DIR],
    ['RERANK_MODEL_DIR', env.RERANK_DRIVER, env.RERANK_MODEL_DIR ?? ''],
  ] as const;
  return folders
    .filter(([, driver, directory]) => driver === 'local' && !hasModel(directory))
    .map(([name]) => noModel(name));
}
