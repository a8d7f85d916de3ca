import { z } from 'zod';
import { hostNames, listenAddress, origins } from './hosts.js';
import { TrustedProxies } from './proxies.js';
import { flag, fraction, lowered, megabyte, processes, setting, wholeNumber } from './setting-types.js';

/** Settings of how the process runs, listens and takes files in. */
export const serviceSettings = {
  MODE: setting(
    lowered(['all', 'api', 'worker']).prefault('all'),
    'run',
    'Role of this process: the HTTP API, a queue worker, or both.',
  ),
  ENVIRONMENT: setting(
    z
      .string()
      .max(64)
      .transform((name) => (/^prod(uction)?$/i.test(name) ? 'production' : name))
      .prefault('development'),
    'run',
    'Name of the deployment; `production` (or `prod`, in any case) makes authentication mandatory.',
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
    listenAddress.prefault('127.0.0.1'),
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
    hostNames.prefault(''),
    'http',
    'Additional names that the `Host` header may have on a loopback bind without authentication, comma-separated.',
  ),
  ALLOWED_ORIGINS: setting(
    origins.prefault(''),
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
} as const;
