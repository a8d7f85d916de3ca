import type { settings } from './settings.js';

type SettingName = keyof typeof settings;

/** Settings of the Python service that kept their name and meaning. */
export const keptSettings: SettingName[] = [
  'OPENAI_API_KEY',
  'OPENAI_API_BASE',
  'OPENAI_MODEL',
  'OPENAI_EMBEDDING_MODEL',
  'OPENAI_EMBEDDING_DIMENSIONS',
  'SUPABASE_URL',
  'SUPABASE_KEY',
  'SUPABASE_CONNECT_TIMEOUT',
  'SUPABASE_READ_TIMEOUT',
  'SUPABASE_WRITE_TIMEOUT',
  'SUPABASE_POOL_TIMEOUT',
  'SUPABASE_MAX_CONNECTIONS',
  'SUPABASE_MAX_KEEPALIVE',
  'AZURE_STORAGE_CONNECTION_STRING',
  'AZURE_STORAGE_CONTAINER_NAME',
  'AZURE_STORAGE_ACCOUNT_NAME',
  'ALLOWED_ORIGINS',
  'MAX_FILE_SIZE',
  'MAX_FILES_PER_UPLOAD',
  'WEBSOCKET_MAX_CONNECTIONS',
  'WEBSOCKET_CONNECTION_TIMEOUT',
  'RATE_LIMIT_MAX_REQUESTS',
  'RATE_LIMIT_WINDOW_SECONDS',
  'LOG_LEVEL',
  'LOG_FORMAT',
  'APP_VERSION',
  'ENVIRONMENT',
];

interface FormerSetting {
  /** The name that Uvicorn or Celery uses in the environment. */
  name: string;
  here: SettingName;
  note?: string;
}

/** Settings of Uvicorn and Celery, and the setting that replaces each. */
export const formerSettings: FormerSetting[] = [
  { name: 'UVICORN_HOST', here: 'HOST', note: 'an address that others can reach needs `AUTH`' },
  { name: 'UVICORN_PORT', here: 'PORT' },
  { name: 'UVICORN_WORKERS', here: 'API_PROCESSES' },
  { name: 'WEB_CONCURRENCY', here: 'API_PROCESSES' },
  { name: 'UVICORN_MAX_CONNECTIONS', here: 'API_MAX_CONNECTIONS' },
  { name: 'UVICORN_LIMIT_CONCURRENCY', here: 'API_MAX_CONNECTIONS' },
  { name: 'UVICORN_TIMEOUT_KEEP_ALIVE', here: 'API_KEEP_ALIVE_TIMEOUT' },
  { name: 'UVICORN_BACKLOG', here: 'API_BACKLOG' },
  { name: 'UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN', here: 'SHUTDOWN_GRACE_SECONDS', note: 'for workers too' },
  { name: 'UVICORN_LOG_LEVEL', here: 'LOG_LEVEL' },
  { name: 'CELERY_BROKER_URL', here: 'REDIS_URL', note: 'only rings: tasks are rows' },
  { name: 'CELERY_RESULT_BACKEND', here: 'DATABASE_URL', note: 'results stand in the task rows' },
  { name: 'CELERY_RESULT_EXPIRES', here: 'TASK_RETENTION_SECONDS' },
  { name: 'CELERY_WORKER_CONCURRENCY', here: 'WORKER_CONCURRENCY', note: 'of each queue of a process' },
  { name: 'CELERY_TASK_DEFAULT_QUEUE', here: 'WORKER_QUEUES', note: 'the kind of work determines the queue' },
  { name: 'CELERY_TASK_TIME_LIMIT', here: 'TASK_TIME_LIMIT' },
  { name: 'CELERY_TASK_SOFT_TIME_LIMIT', here: 'TASK_SOFT_TIME_LIMIT' },
  {
    name: 'CELERY_TASK_MAX_RETRIES',
    here: 'TASK_MAX_ATTEMPTS',
    note: 'the first attempt counts: retries + 1',
  },
  { name: 'CELERY_WORKER_POOL', here: 'PARSER_PROCESSES', note: 'there is one kind of pool' },
  { name: 'CELERY_PREFETCH_MULTIPLIER', here: 'WORKER_CONCURRENCY', note: 'tasks are never prefetched' },
  { name: 'CELERY_BROKER_HEARTBEAT', here: 'TASK_LEASE_SECONDS' },
  {
    name: 'CELERY_TASK_ACKS_LATE',
    here: 'TASK_LEASE_SECONDS',
    note: 'always late: a lost task is taken back',
  },
  { name: 'BACKEND_PORT', here: 'PORT' },
  { name: 'RUN_WORKER_EMBEDDED', here: 'MODE', note: '`all` is both in one process' },
  { name: 'MONITORED_DIR', here: 'WATCH_DIR' },
  { name: 'FIREBASE_REQUIRED', here: 'AUTH', note: 'tokens are verified by `JWT_ISSUERS`' },
];
