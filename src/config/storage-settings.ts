import { z } from 'zod';
import { hostsAndNetworks } from './hosts.js';
import { fraction, httpUrl, list, lowered, postgresUrl, setting, wholeNumber } from './setting-types.js';

/** Settings of database, queue, tasks and blobs. */
export const storageSettings = {
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
    'Simultaneous tasks of each queue in a worker process; by default cores + 2 for ingestion and 4 for the others. Above 1, up to four short text files for each of them wait for the database in addition.',
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
    'Attempts before a task fails permanently. The process that makes the task sets it: the API, and a worker for what sources and the watched folder bring.',
  ),
  WEBHOOK_ALLOW: setting(
    hostsAndNetworks.prefault(''),
    'tasks',
    'Host names, addresses and networks that webhooks may reach although they are not public, comma-separated.',
  ),
  SOURCE_ALLOW: setting(
    hostsAndNetworks.prefault(''),
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
    z
      .string()
      .regex(
        /(^|;)\s*(AccountName|BlobEndpoint|UseDevelopmentStorage)=/i,
        'must be a connection string (AccountName=…;AccountKey=…), as the portal shows it under “Access keys”',
      )
      .optional(),
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
} as const;
