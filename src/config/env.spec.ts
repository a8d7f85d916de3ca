import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, formerlyNamed, loadEnv } from './env.js';
import { settings } from './settings.js';
import { unknownSettings } from './unknown-settings.js';

const mistakes = (source: Record<string, string>): string[] => {
  try {
    loadEnv(source);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
};
const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const issuer = { issuer: 'https://i.example', audience: 'a', jwks_uri: 'https://i.example/keys' };
const strongKey = 'a-long-key-of-more-than-32-characters-0';

describe('configuration', () => {
  it('has the defaults of the contract', () => {
    expect(loadEnv({})).toMatchObject({
      MODE: 'all',
      PORT: 8000,
      HOST: '127.0.0.1',
      AUTH: 'none',
      DATABASE_DRIVER: 'pglite',
      QUEUE_DRIVER: 'embedded',
      BLOB_DRIVER: 'local',
      EMBEDDING_DRIVER: 'local',
      READER_DRIVER: 'local',
      RERANK_DRIVER: 'none',
      LLM_DRIVER: 'offline',
      API_MAX_CONNECTIONS: 1000,
      API_KEEP_ALIVE_TIMEOUT: 5,
      API_BACKLOG: 2048,
      WEBSOCKET_MAX_CONNECTIONS: 100,
      WEBSOCKET_CONNECTION_TIMEOUT: 3600,
      RATE_LIMIT_MAX_REQUESTS: 100,
      RATE_LIMIT_WINDOW_SECONDS: 60,
      TASK_SOFT_TIME_LIMIT: 3300,
      TASK_TIME_LIMIT: 3600,
      TASK_RETENTION_SECONDS: 3600,
      MAX_FILE_SIZE: 104_857_600,
      MAX_FILES_PER_UPLOAD: 10,
      SUPABASE_CONNECT_TIMEOUT: 5,
      SUPABASE_READ_TIMEOUT: 30,
      SUPABASE_WRITE_TIMEOUT: 5,
      SUPABASE_POOL_TIMEOUT: 5,
      SUPABASE_MAX_CONNECTIONS: 100,
      SUPABASE_MAX_KEEPALIVE: 20,
    });
  });

  it.each([
    [
      { DATABASE_URL: 'postgres://u:p@h/d', REDIS_URL: 'redis://h' },
      { DATABASE_DRIVER: 'pg', QUEUE_DRIVER: 'bull' },
    ],
    [{ OPENAI_API_BASE: 'http://127.0.0.1:9/v1' }, { EMBEDDING_DRIVER: 'openai', LLM_DRIVER: 'openai' }],
    [
      { OPENAI_API_KEY: 'sk-x', EMBEDDING_DRIVER: 'none' },
      { EMBEDDING_DRIVER: 'none', LLM_DRIVER: 'openai' },
    ],
    [{ AZURE_STORAGE_CONNECTION_STRING: 'AccountName=a;AccountKey=k' }, { BLOB_DRIVER: 'azure' }],
    [{ ENVIRONMENT: 'Prod' }, { ENVIRONMENT: 'production', AUTH: 'required' }],
    [
      { ALLOWED_ORIGINS: 'https://App.example/, app://local' },
      { ALLOWED_ORIGINS: ['https://app.example', 'app://local'] },
    ],
    [{ S3_BUCKET: 'documents' }, { BLOB_DRIVER: 's3' }],
    [{ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_KEY: 'k' }, { DATABASE_DRIVER: 'supabase' }],
  ])('chooses drivers by what is set: %j', (source, drivers) => {
    expect(loadEnv(source as Record<string, string>)).toMatchObject(drivers);
  });

  it.each(['WARNING', 'warning', 'Warn'])('takes the log level %s as warn', (LOG_LEVEL) => {
    expect(loadEnv({ LOG_LEVEL }).LOG_LEVEL).toBe('warn');
  });

  it.each([
    [{ PORT: 'eighty' }, /^PORT: /],
    [{ PORT: '70000' }, /^PORT: /],
    [{ MAX_FILE_SIZE: '-1' }, /^MAX_FILE_SIZE: /],
    [{ MAX_FILE_SIZE: '1e99' }, /^MAX_FILE_SIZE: /],
    [{ MODE: 'both' }, /^MODE: /],
    [{ AUTH: 'jwt' }, /^AUTH: /],
    [{ HOST: '0.0.0.0', AUTH: 'none' }, /^HOST: /],
    [{ HOST: '::', AUTH: 'none' }, /^HOST: /],
    [{ ENVIRONMENT: 'production', AUTH: 'none' }, /^AUTH: /],
    [{ API_KEYS: 'changeme' }, /^API_KEYS: /],
    [{ METRICS_TOKEN: 'short' }, /^METRICS_TOKEN: /],
    [{ API_KEYS: 'change-me-change-me-change-me-change-me-0' }, /^API_KEYS: /],
    [{ OPENAI_API_KEY: 'your-api-key' }, /^OPENAI_API_KEY: /],
    [{ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_KEY: '<service-key>' }, /^SUPABASE_KEY: /],
    [{ TRUST_PROXY: 'all' }, /^TRUST_PROXY: /],
    [{ TRUST_PROXY: '10.0.0.0/33' }, /^TRUST_PROXY: /],
    [{ JWT_ISSUERS: JSON.stringify([issuer, { ...issuer, audience: 'other' }]) }, /^JWT_ISSUERS: .*twice/],
    [{ ALLOWED_ORIGINS: '*' }, /^ALLOWED_ORIGINS: /],
    [{ ALLOWED_ORIGINS: 'app.example' }, /^ALLOWED_ORIGINS: .*https:/],
    [{ ALLOWED_ORIGINS: 'https://app.example/login' }, /^ALLOWED_ORIGINS: /],
    [{ ALLOWED_HOSTS: 'docs.example:8000' }, /^ALLOWED_HOSTS: .*port/],
    [{ WEBHOOK_ALLOW: 'http://wiki.example' }, /^WEBHOOK_ALLOW: /],
    [{ SOURCE_ALLOW: '10.0.0.0/33' }, /^SOURCE_ALLOW: /],
    [{ HOST: 'http://127.0.0.1' }, /^HOST: .*0\.0\.0\.0/],
    [{ PARSER_PROCESSES: 'four' }, /^PARSER_PROCESSES: must be a whole number or auto$/],
    [{ MODELS_PARALLEL: '0' }, /^MODELS_PARALLEL: must be at least 1$/],
    [{ OCR_LANGUAGES: 'E,F' }, /^OCR_LANGUAGES: /],
    [{ READER_MODEL_DIR: '/no/such/folder' }, /^READER_MODEL_DIR: /],
    [{ AZURE_STORAGE_CONNECTION_STRING: 'x' }, /^AZURE_STORAGE_CONNECTION_STRING: .*AccountName/],
    [{ DATABASE_DRIVER: 'pg' }, /^DATABASE_URL: /],
    [{ SUPABASE_URL: 'https://x.supabase.co' }, /^SUPABASE_URL, SUPABASE_KEY: /],
    [{ QUEUE_DRIVER: 'bull' }, /^REDIS_URL: /],
    [{ QUEUE_DRIVER: 'bullmq' }, /^REDIS_URL: /],
    [{ BLOB_DRIVER: 'azure' }, /^AZURE_STORAGE_CONNECTION_STRING: /],
    [{ BLOB_DRIVER: 's3' }, /^S3_BUCKET: /],
    [{ S3_BUCKET: 'b', S3_ACCESS_KEY_ID: 'k' }, /^S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: /],
    [{ MODE: 'worker' }, /^MODE: /],
    [{ API_PROCESSES: '4' }, /^API_PROCESSES, WORKER_PROCESSES: /],
    [{ TASK_SOFT_TIME_LIMIT: '10', TASK_TIME_LIMIT: '10' }, /^TASK_SOFT_TIME_LIMIT: /],
    [{ CHUNK_OVERLAP: '600', CHUNK_SIZE: '1000' }, /^CHUNK_OVERLAP: /],
    [{ WATCH_DIR: './data' }, /^WATCH_DIR: /],
    [{ WATCH_DIR: '.' }, /^WATCH_DIR: /],
    [{ WATCH_DIR: './x/../data/blobs' }, /^WATCH_DIR: /],
    [{ WORKER_QUEUES: 'ingestion,mail' }, /^WORKER_QUEUES: /],
    [
      { JWT_ISSUERS: '[{"issuer":"https://i.example","jwks_uri":"https://i.example/keys"}]' },
      /^JWT_ISSUERS: /,
    ],
    [{ JWT_ISSUERS: 'no json' }, /^JWT_ISSUERS: /],
    [{ JWT_SECRET: '12345678' }, /^JWT_SECRET: .*JWT_ISSUERS/],
    [{ CORS_ORIGINS: '*' }, /^CORS_ORIGINS: .*ALLOWED_ORIGINS/],
    [{ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_KEY: token({ role: 'anon' }) }, /^SUPABASE_KEY: /],
    [{ SUPABASE_URL: 'https://x.supabase.co', SUPABASE_KEY: 'sb_publishable_x' }, /^SUPABASE_KEY: /],
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL: /],
    [{ API_KEYS_FILE: '/no/such/file' }, /^API_KEYS_FILE: /],
  ])('refuses %j in one line', (source, line) => {
    const lines = mistakes(source as Record<string, string>);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  it('names every mistake at once and no value', () => {
    const lines = mistakes({
      PORT: 'secret-value',
      MODE: 'secret-value',
      RATE_LIMIT_MAX_REQUESTS: 'secret-value',
    });
    expect(lines.map((line) => line.split(':')[0])).toEqual(['MODE', 'PORT', 'RATE_LIMIT_MAX_REQUESTS']);
    expect(lines.join()).not.toContain('secret-value');
  });

  it('reports mistakes in settings and between settings together, but not their consequences', () => {
    const lines = mistakes({
      PORT: 'x',
      API_KEYS: 'short',
      ALLOWED_ORIGINS: '*',
      HOST: '0.0.0.0',
      AUTH: 'none',
      DATABASE_DRIVER: 'oracle',
      REDIS_URL: 'redis://127.0.0.1',
    });
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'DATABASE_DRIVER',
      'HOST',
      'API_KEYS',
      'ALLOWED_ORIGINS',
    ]);
  });

  it('allows a public address without authentication only with a second, explicit setting', () => {
    expect(mistakes({ HOST: '0.0.0.0', AUTH: 'none', ALLOW_INSECURE_NO_AUTH: 'true' })).toEqual([]);
    expect(loadEnv({ HOST: '0.0.0.0', API_KEYS: strongKey }).AUTH).toBe('required');
  });

  it.each(['./database', './..data', '/srv/documents'])(
    'accepts the watched folder %s beside DATA_DIR',
    (WATCH_DIR) => {
      expect(mistakes({ DATA_DIR: './data', WATCH_DIR })).toEqual([]);
    },
  );

  it.each([
    ['false', false],
    ['true', 1],
    ['2', 2],
    ['10.0.0.0/8, fd00::/8,192.0.2.7', ['10.0.0.0/8', 'fd00::/8', '192.0.2.7']],
  ])('takes TRUST_PROXY=%s', (TRUST_PROXY, meant) => {
    expect(loadEnv({ TRUST_PROXY }).TRUST_PROXY).toEqual(meant);
  });

  it('has a test for the effect of every setting that the Python service had', () => {
    const specs = globSync('{src,test}/**/*.spec.ts').filter((path) => !path.endsWith('env.spec.ts'));
    const tried = specs.map((path) => readFileSync(path, 'utf8')).join('\n');
    const names = Object.keys(settings).filter((name) =>
      /^(API|SUPABASE|WEBSOCKET|TASK|RATE|QUOTA|MAX|WORKER)_/.test(name),
    );
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(tried))).toEqual([]);
  });

  it('reads a secret from a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'docent-env-')), 'key');
    writeFileSync(path, `${strongKey}\n`);
    expect(loadEnv({ API_KEYS_FILE: path }).API_KEYS).toEqual([strongKey]);
    writeFileSync(path, '\n');
    expect(loadEnv({ API_KEYS_FILE: path, API_KEYS: strongKey }).API_KEYS).toEqual([strongKey]);
  });

  it('counts an empty value as unset', () => {
    expect(loadEnv({ PORT: '', LOG_LEVEL: ' ' })).toMatchObject({ PORT: 8000, LOG_LEVEL: 'info' });
  });

  it('names the setting that replaces one of Uvicorn or Celery', () => {
    expect(formerlyNamed({ UVICORN_WORKERS: '4', CELERY_TASK_TIME_LIMIT: '', API_PROCESSES: '2' })).toEqual([
      'UVICORN_WORKERS is set but has no effect; set API_PROCESSES instead',
    ]);
  });

  it('reports names that look like settings but do not exist, and what may have been meant', () => {
    expect(
      unknownSettings({
        DOCENT_MAX_FLE_SIZE: '1',
        TASK_TIMELIMIT: '2',
        CELERY_SOMETHING_RARE: '1',
        UVICORN_WORKERS: '2',
        TASK_TIME_LIMIT: '3',
        PATH: 'x',
        HOSTNAME: 'x',
        LOGNAME: 'x',
        SOURCE_DATE_EPOCH: '0',
        CACHE_DIR: '/x',
        DATADIR: '/srv',
        EMBEDING_DRIVER: 'none',
        MAX_FILE_MB: '10',
      }),
    ).toEqual([
      { name: 'DOCENT_MAX_FLE_SIZE', meant: 'MAX_FILE_SIZE' },
      { name: 'TASK_TIMELIMIT', meant: 'TASK_TIME_LIMIT' },
      { name: 'CELERY_SOMETHING_RARE', meant: undefined },
      { name: 'DATADIR', meant: 'DATA_DIR' },
      { name: 'EMBEDING_DRIVER', meant: 'EMBEDDING_DRIVER' },
      { name: 'MAX_FILE_MB', meant: 'MAX_FILE_SIZE' },
    ]);
  });
});
