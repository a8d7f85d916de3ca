import type { Env } from './env.js';
import type { SettingGroup } from './setting-types.js';
import { settings } from './settings.js';

const groupsWithLimits: ReadonlySet<unknown> = new Set<SettingGroup>([
  'http',
  'uploads',
  'limits',
  'tasks',
  'parsing',
  'realtime',
]);

/** The parts that the service uses. */
export const listDrivers = (env: Env) => ({
  mode: env.MODE,
  auth: env.AUTH,
  database: env.DATABASE_DRIVER,
  queue: env.QUEUE_DRIVER,
  blobs: env.BLOB_DRIVER,
  embedding: env.EMBEDDING_DRIVER,
  llm: env.LLM_DRIVER,
  reader: env.READER_DRIVER,
  matcher: env.MATCHER_DRIVER,
  rerank: env.RERANK_DRIVER,
  ocr: env.OCR_DRIVER,
});

/** All numeric limits; for quotas, 0 means no limit. */
export const listLimits = (env: Env): Record<string, number> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, type]) => {
      const value = (env as unknown as Record<string, unknown>)[name];
      return groupsWithLimits.has(type.meta()?.['group']) &&
        typeof value === 'number' &&
        !name.endsWith('PORT')
        ? [[name, value] as const]
        : [];
    }),
  );
