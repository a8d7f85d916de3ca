import { z } from 'zod';
import { IssuerList } from './issuers.js';
import { modelSettings } from './model-settings.js';
import { TrustedProxies } from './proxies.js';
import {
  flag,
  fraction,
  httpUrl,
  list,
  lowered,
  megabyte,
  postgresUrl,
  processes,
  setting,
  wholeNumber,
} from './setting-types.js';

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};
const otlpHeaders = z
  .string()
  .regex(/^[^=,\s]+=[^,]*(,\s*[^=,\s]+=[^,]*)*$/, 'must be name=value, with commas between several')
  .refine(isDecodable, 'must be percent-encoded');
const logLevel = z
  .string()
  .transform((value) =>
    value
      .toLowerCase()
      .replace(/^warning$/, 'warn')
      .replace(/^critical$/, 'fatal'),
  )
  .pipe(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']));
/** Areas in lower case. */
const areaLevels = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((pair) => pair.split('=').map((part) => part.trim()))
      .filter((pair) => pair.some(Boolean)),
  )
  .pipe(
    z.array(
      z.tuple([z.string().min(1).toLowerCase(), logLevel], 'must be area=level, with commas between several'),
    ),
  );

/**
 * Every setting: name, type, default, one sentence. `docs/configuration.md` and the table in the README are
 * generated from it.
 */
export const settings = {
  MODE: setting(
    lowered(['all', 'api', 'worker']).prefault('all'),
    'run',
    'Role of this process: the HTTP API, a queue worker, or both.',
  ),
  ENVIRONMENT: setting(
    z.string().max(64).prefault('development'),
    'run',
    'Name of the deployment; `production` makes authentication mandatory.',
  ),
  APP_VERSION: setting(
    z.string().max(64).prefault('0.1.0'),
    'run',
    'Version that is reported in health, metrics and the OpenAPI document.',
  ),
  DATA_DIR: setting(
    z.string().prefault('./data'),
    'run',
    'Folder of the embedded database and of local blobs.',
  ),
  SHUTDOWN_GRACE_SECONDS: setting(
    wholeNumber(1, 3600).prefault('30'),
    'run',
    'Seconds from SIGTERM to the end of the process; five seconds earlier, running work is handed back.',
  ),
  API_PROCESSES: setting(
    processes.prefault('1'),
    'run',
    'HTTP processes, a number or `auto` (needs networked drivers above 1).',
  ),
  WORKER_PROCESSES: setting(
    processes.prefault('1'),
    'run',
    'Worker processes, a number or `auto` (needs networked drivers above 1).',
  ),
  PROCESS_STUCK_SECONDS: setting(
    wholeNumber(5, 3600).prefault('60'),
    'run',
    'Seconds without a heartbeat after which the primary of several processes kills a process and restarts it.',
  ),

  HOST: setting(
    z.string().prefault('127.0.0.1'),
    'http',
    'Address to listen on; any address other than loopback needs `AUTH=required`.',
  ),
  PORT: setting(wholeNumber(0, 65535).prefault('8000'), 'http', 'Port of the API.'),
  WORKER_HEALTH_PORT: setting(
    wholeNumber(0, 65535).prefault('8001'),
    'http',
    'Port on which a worker serves health and metrics.',
  ),
  ALLOWED_HOSTS: setting(
    list.prefault(''),
    'http',
    'Additional names that the `Host` header may have on a loopback bind without authentication, comma-separated.',
  ),
  ALLOWED_ORIGINS: setting(
    list.prefault(''),
    'http',
    'Origins that may call from a browser, comma-separated; none by default, never `*`.',
  ),
  TRUST_PROXY: setting(
    TrustedProxies.prefault('false'),
    'http',
    'Proxies in front whose X-Forwarded-For is trusted: `true` for one, a number, or their addresses and networks, comma-separated.',
  ),
  API_MAX_CONNECTIONS: setting(
    wholeNumber(1, 1_000_000).prefault('1000'),
    'http',
    'Maximum number of simultaneous requests; further ones get 503 with `Retry-After`, health and metrics excepted. A quarter more is reserved for principals and tenants with few requests.',
  ),
  API_KEEP_ALIVE_TIMEOUT: setting(
    wholeNumber(1, 3600).prefault('5'),
    'http',
    'Seconds an idle connection stays open.',
  ),
  API_BACKLOG: setting(wholeNumber(1, 65535).prefault('2048'), 'http', 'Length of the listen queue.'),
  REQUEST_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 3600).prefault('30'),
    'http',
    'Seconds within which a request without a file must arrive completely.',
  ),
  UPLOAD_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 86_400).prefault('900'),
    'http',
    'Seconds within which an upload must arrive completely.',
  ),
  HEADERS_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 600).prefault('10'),
    'http',
    'Seconds within which the request headers must arrive.',
  ),
  BODY_LIMIT: setting(
    wholeNumber(1024, 1024 * megabyte).prefault(String(megabyte)),
    'http',
    'Maximum bytes of a JSON body, except of /agent/ingest.',
  ),
  ANSWER_STALL_SECONDS: setting(
    wholeNumber(1, 3600).prefault('30'),
    'http',
    'Seconds after which a response ends if its client reads nothing.',
  ),
  HSTS: setting(flag.prefault('false'), 'http', 'Send Strict-Transport-Security: only behind TLS.'),

  MAX_FILE_SIZE: setting(
    wholeNumber(1, 100_000 * megabyte).prefault(String(100 * megabyte)),
    'uploads',
    'Maximum bytes of one file.',
  ),
  MAX_FILES_PER_UPLOAD: setting(wholeNumber(1, 1000).prefault('10'), 'uploads', 'Files in one upload.'),
  ARCHIVE_MAX_ENTRIES: setting(
    wholeNumber(1, 10_000).prefault('1000'),
    'uploads',
    'Files that the zip archives of one upload may hold together.',
  ),
  ARCHIVE_MAX_BYTES: setting(
    wholeNumber(1, 100_000 * megabyte).prefault(String(1024 * megabyte)),
    'uploads',
    'Bytes that the zip archives of one upload may unpack to together.',
  ),
  INGEST_BODY_LIMIT: setting(
    wholeNumber(1024, 1024 * megabyte).prefault(String(32 * megabyte)),
    'uploads',
    'Maximum bytes of the JSON body of /agent/ingest.',
  ),
  UPLOAD_INTENT_SECONDS: setting(
    wholeNumber(10, 604_800).prefault('3600'),
    'uploads',
    'Seconds after which a blob that no document claims is removed.',
  ),
  WATCH_DIR: setting(
    z.string().optional(),
    'uploads',
    'A folder whose files are ingested and kept in step; a sub-folder is a document set.',
  ),
  WATCH_INTERVAL_SECONDS: setting(
    fraction(0.05, 3600).prefault('2'),
    'uploads',
    'Seconds between two scans of `WATCH_DIR`.',
  ),

  AUTH: setting(
    lowered(['none', 'required']).optional(),
    'auth',
    'Whether requests need a credential; the default is `none` on a loopback bind outside production, else `required`.',
  ),
  ALLOW_INSECURE_NO_AUTH: setting(
    flag.prefault('false'),
    'auth',
    'Permits `AUTH=none` on an address that others can reach; every boot warns about it.',
  ),
  FEATURES_CONSOLE: setting(flag.prefault('true'), 'http', 'Serves the console at `/`.'),
  FEATURES_OPENAI_API: setting(
    flag.prefault('true'),
    'http',
    'Answers clients of the OpenAI API below `/v1`.',
  ),
  FEATURES_MCP: setting(flag.prefault('true'), 'http', 'Answers MCP clients at `/mcp`.'),
  FEATURES_WEBHOOKS: setting(
    flag.prefault('true'),
    'http',
    'Lets administrators have events sent to webhooks.',
  ),
  FEATURES_SOURCES: setting(
    flag.prefault('true'),
    'http',
    'Lets administrators connect sources: folders, buckets and websites.',
  ),
  FIRST_KEY: setting(
    flag.prefault('false'),
    'auth',
    'Makes a key for administrators when the service starts without any credential, and shows it once.',
  ),
  API_KEYS: setting(
    list.prefault(''),
    'auth',
    'Bootstrap API keys of tenant `default` with every scope, comma-separated, 32 characters or more each.',
    true,
  ),
  JWT_ISSUERS: setting(
    IssuerList.prefault('[]'),
    'auth',
    'JSON array of `{issuer, audience, jwks_uri, tenant_claim?, algorithms?}`.',
  ),
  JWT_TENANT_CLAIM: setting(
    z.string().max(100).optional(),
    'auth',
    'Claim that names the tenant; without it every token is of tenant `default`.',
  ),
  JWT_LEEWAY_SECONDS: setting(
    wholeNumber(0, 300).prefault('60'),
    'auth',
    'Tolerated clock difference in seconds when tokens are checked.',
  ),
  OIDC_CLIENT_ID: setting(
    z.string().min(1).max(255).optional(),
    'auth',
    'Public client of an OpenID provider: with it the console offers to sign in there, by code with PKCE.',
  ),
  OIDC_ISSUER: setting(
    httpUrl.optional(),
    'auth',
    'The provider, which must be one of `JWT_ISSUERS`; the default is the first of them.',
  ),
  OIDC_SCOPES: setting(
    z.string().max(1000).prefault('openid profile'),
    'auth',
    'Scopes that the console asks the provider for, separated by spaces.',
  ),
  AUDIT_RETENTION_DAYS: setting(
    wholeNumber(0, 36_500).prefault('365'),
    'auth',
    'Days an entry of the audit log is kept; 0 keeps it for ever.',
  ),
  METRICS_TOKEN: setting(
    z.string().optional(),
    'auth',
    'Bearer token for /metrics from other machines.',
    true,
  ),

  RATE_LIMIT_MAX_REQUESTS: setting(
    wholeNumber(1, 10_000_000).prefault('100'),
    'limits',
    'Requests of one client per window, counted separately for upload, search, answers and the rest; requests for status and events may be twenty times as many. Unless set, 10,000 on a loopback bind without authentication, where the limit only protects the machine.',
  ),
  RATE_LIMIT_WINDOW_SECONDS: setting(
    wholeNumber(1, 86_400).prefault('60'),
    'limits',
    'Length of the window of the rate limit in seconds.',
  ),
  QUOTA_DOCUMENTS: setting(
    wholeNumber(0, 1_000_000_000).prefault('0'),
    'limits',
    'Documents of one tenant; 0 is no limit.',
  ),
  QUOTA_BYTES: setting(
    wholeNumber(0, 1_000_000_000_000_000 - 1).prefault('0'),
    'limits',
    'Bytes of originals of one tenant; 0 is no limit.',
  ),
  QUOTA_TASKS: setting(
    wholeNumber(0, 1_000_000_000).prefault('0'),
    'limits',
    'Unfinished tasks of one tenant; 0 is no limit.',
  ),
  QUOTA_TOKENS_PER_DAY: setting(
    wholeNumber(0, 1_000_000_000_000).prefault('0'),
    'limits',
    'Model tokens of one tenant a day; 0 is no limit.',
  ),

  DATABASE_DRIVER: setting(
    lowered(['pglite', 'pg', 'supabase']).optional(),
    'database',
    '`pglite` (embedded), `pg` (Postgres) or `supabase` (by rpc); the default is `pg` with a `DATABASE_URL`, `supabase` with a `SUPABASE_URL`, else `pglite`.',
  ),
  DATABASE_URL: setting(postgresUrl.optional(), 'database', 'Postgres with pgvector 0.8.4 or newer.', true),
  DATABASE_READ_URL: setting(
    postgresUrl.optional(),
    'database',
    'A streaming replica of that Postgres: searches and listings go there as soon as it has what they must see.',
    true,
  ),
  DATABASE_POOL_SIZE: setting(
    wholeNumber(1, 1000).prefault('10'),
    'database',
    'Maximum connections of one process to Postgres.',
  ),
  DATABASE_CONNECT_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 300).prefault('4'),
    'database',
    'Seconds to wait for a connection; a client is answered within five.',
  ),
  DATABASE_STATEMENT_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 3600).prefault('30'),
    'database',
    'Seconds one statement may take.',
  ),
  SLOW_QUERY_MS: setting(
    wholeNumber(1, 600_000).prefault('500'),
    'database',
    'Milliseconds above which a database call is logged, for reads with the plan.',
  ),
  SUPABASE_URL: setting(httpUrl.optional(), 'database', 'Address of the Supabase project.'),
  SUPABASE_KEY: setting(z.string().optional(), 'database', 'Service key of the Supabase project.', true),
  SUPABASE_CONNECT_TIMEOUT: setting(
    fraction(0.1, 300).prefault('5'),
    'database',
    'Seconds to connect to Supabase.',
  ),
  SUPABASE_READ_TIMEOUT: setting(
    fraction(0.1, 3600).prefault('30'),
    'database',
    'Seconds to wait for an answer.',
  ),
  SUPABASE_WRITE_TIMEOUT: setting(
    fraction(0.1, 3600).prefault('5'),
    'database',
    'Seconds to send a request.',
  ),
  SUPABASE_POOL_TIMEOUT: setting(
    fraction(0.1, 3600).prefault('5'),
    'database',
    'Seconds to wait for a free connection.',
  ),
  SUPABASE_MAX_CONNECTIONS: setting(
    wholeNumber(1, 10_000).prefault('100'),
    'database',
    'Connections to Supabase at once.',
  ),
  SUPABASE_MAX_KEEPALIVE: setting(
    wholeNumber(0, 10_000).prefault('20'),
    'database',
    'Idle connections to Supabase that are kept.',
  ),

  QUEUE_DRIVER: setting(
    lowered(['embedded', 'bull', 'bullmq']).optional(),
    'queue',
    '`embedded` (in the process), `bull` or `bullmq` (both on Redis); the default is `bull` with a `REDIS_URL`.',
  ),
  REDIS_URL: setting(
    z
      .string()
      .regex(/^rediss?:\/\//, 'must be a redis:// address')
      .optional(),
    'queue',
    'Redis for the queue, the cache, limits and events.',
    true,
  ),
  WORKER_CONCURRENCY: setting(
    wholeNumber(1, 1000).optional(),
    'queue',
    'Simultaneous tasks of each queue in a worker process; by default cores + 2 for ingestion and 4 for the others.',
  ),
  WORKER_QUEUES: setting(
    list.prefault('ingestion,summary,default,embedding'),
    'queue',
    'Queues from which this worker takes tasks.',
  ),

  TASK_SOFT_TIME_LIMIT: setting(
    wholeNumber(1, 86_400).prefault('3300'),
    'tasks',
    'Seconds after which an attempt is aborted; the task keeps its checkpoints and is retried.',
  ),
  TASK_TIME_LIMIT: setting(
    wholeNumber(1, 86_400).prefault('3600'),
    'tasks',
    'Seconds after which an attempt fails and its parser is killed.',
  ),
  TASK_MAX_ATTEMPTS: setting(
    wholeNumber(1, 100).prefault('3'),
    'tasks',
    'Attempts before a task fails permanently.',
  ),
  WEBHOOK_ALLOW: setting(
    list.prefault(''),
    'tasks',
    'Host names, addresses and networks that webhooks may reach although they are not public, comma-separated.',
  ),
  SOURCE_ALLOW: setting(
    list.prefault(''),
    'tasks',
    'Host names, addresses and networks that sources may reach although they are not public, comma-separated.',
  ),
  SOURCE_FOLDERS: setting(
    list.prefault(''),
    'tasks',
    'Folders of the server that sources may read, comma-separated; without any there are no sources of folders.',
  ),
  TASK_RETENTION_SECONDS: setting(
    wholeNumber(1, 31_536_000).prefault('3600'),
    'tasks',
    'Seconds for which an ended task is kept; failed tasks are kept without limit.',
  ),
  TASK_LEASE_SECONDS: setting(
    wholeNumber(2, 3600).prefault('30'),
    'tasks',
    'Seconds without a heartbeat after which a task is taken back.',
  ),
  TASK_RETRY_DELAY_SECONDS: setting(
    fraction(0.01, 3600).prefault('2'),
    'tasks',
    'First delay of the exponential backoff between attempts.',
  ),
  SWEEP_INTERVAL_SECONDS: setting(fraction(0.05, 3600).prefault('5'), 'tasks', 'Seconds between two sweeps.'),

  BLOB_DRIVER: setting(
    lowered(['local', 'azure', 's3']).optional(),
    'blobs',
    '`local` (files under `DATA_DIR`), `azure` (Azure Blob Storage) or `s3`; the default is `azure` with a connection string, and `s3` with an `S3_BUCKET`.',
  ),
  AZURE_STORAGE_CONNECTION_STRING: setting(
    z.string().optional(),
    'blobs',
    'Connection string of the storage account.',
    true,
  ),
  AZURE_STORAGE_CONTAINER_NAME: setting(
    z.string().prefault('documents'),
    'blobs',
    'Container for the original files.',
  ),
  AZURE_STORAGE_ACCOUNT_NAME: setting(
    z.string().optional(),
    'blobs',
    'Account name, where the connection string has none.',
  ),
  S3_BUCKET: setting(z.string().optional(), 'blobs', 'Bucket for the originals; it must exist.'),
  S3_ENDPOINT: setting(
    z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    'blobs',
    'A server other than Amazon’s, asked in path style.',
  ),
  S3_REGION: setting(z.string().prefault('us-east-1'), 'blobs', 'Region of the bucket.'),
  S3_ACCESS_KEY_ID: setting(
    z.string().optional(),
    'blobs',
    'Access key; without one the client looks where Amazon’s tools do, such as the role of the machine.',
  ),
  S3_SECRET_ACCESS_KEY: setting(z.string().optional(), 'blobs', 'Secret of the access key.', true),

  ...modelSettings,

  PARSER_PROCESSES: setting(
    processes.prefault('auto'),
    'parsing',
    'Parser children, a number or `auto` (one a core).',
  ),
  PARSER_MEMORY_MB: setting(
    wholeNumber(768, 1_000_000).prefault('2048'),
    'parsing',
    'Memory of one parser child: heap, WASM and native together; Node itself needs 600.',
  ),
  PARSER_TIMEOUT_SECONDS: setting(
    fraction(0.1, 86_400).prefault('15'),
    'parsing',
    'Base deadline of one document; pages add to it.',
  ),
  CHUNK_SIZE: setting(wholeNumber(100, 20_000).prefault('1000'), 'parsing', 'Characters of a chunk.'),
  CHUNK_OVERLAP: setting(
    wholeNumber(0, 5000).prefault('100'),
    'parsing',
    'Characters that neighbouring chunks share.',
  ),
  MEMORY_FLOOR_MB: setting(
    wholeNumber(0, 1_000_000).prefault('256'),
    'parsing',
    'Available memory below which a worker claims nothing.',
  ),

  SEARCH_ALPHA: setting(
    fraction(0, 1).prefault('0.5'),
    'search',
    'Weight of the vector leg in hybrid search.',
  ),
  SEARCH_INDEX_MB: setting(
    wholeNumber(0, 100_000).prefault('256'),
    'search',
    'Memory in megabytes that each process may use to index the document sets that are searched; 0 searches in the database.',
  ),
  ANSWER_THRESHOLD: setting(
    fraction(0, 1).optional(),
    'search',
    'Support below which a question is not answered; by default tuned for words and measured for each embedding model.',
  ),
  ANSWER_CACHE_SECONDS: setting(
    wholeNumber(0, 86_400).prefault('600'),
    'search',
    'Seconds an answer is kept for the same question over the same corpus.',
  ),
  CACHE_MAX_BYTES: setting(
    wholeNumber(0, 100_000 * megabyte).prefault(String(64 * megabyte)),
    'search',
    'Bytes of the cache in the memory of each process; with Redis it holds copies of what Redis has.',
  ),

  WEBSOCKET_MAX_CONNECTIONS: setting(
    wholeNumber(1, 1_000_000).prefault('100'),
    'realtime',
    'Sockets of one process, and event streams likewise. A quarter more is kept for principals and tenants with few.',
  ),
  WEBSOCKET_CONNECTION_TIMEOUT: setting(
    wholeNumber(1, 604_800).prefault('3600'),
    'realtime',
    'Seconds a socket may live.',
  ),
  WEBSOCKET_MAX_PER_SUBJECT: setting(
    wholeNumber(1, 1_000_000).optional(),
    'realtime',
    'Sockets of one principal in one process; as many as WEBSOCKET_MAX_CONNECTIONS unless set.',
  ),

  LOG_LEVEL: setting(
    logLevel.prefault('info'),
    'observability',
    'trace, debug, info, warn (or WARNING), error, fatal, silent.',
  ),
  LOG_LEVELS: setting(
    areaLevels.prefault(''),
    'observability',
    'Levels of single areas over LOG_LEVEL, e.g. `http=warn,Database=debug`; an area is what stands in `context`.',
  ),
  LOG_FORMAT: setting(
    lowered(['auto', 'json', 'text']).prefault('auto'),
    'observability',
    'One JSON object or one readable line; `auto` is text in a terminal and JSON elsewhere.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    httpUrl.optional(),
    'observability',
    'Where traces go (OTLP over HTTP, `/v1/traces` is added); tracing is off without it.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: setting(
    otlpHeaders.optional(),
    'observability',
    'Headers for the collector: `name=value`, with commas between them, values percent-encoded.',
    true,
  ),
  OTEL_SERVICE_NAME: setting(
    z.string().max(100).prefault('docent'),
    'observability',
    'The service that spans are attributed to.',
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    fraction(0, 1).prefault('1'),
    'observability',
    'Share of the traces that are recorded; who sends a `traceparent` has decided already.',
  ),
} as const;
