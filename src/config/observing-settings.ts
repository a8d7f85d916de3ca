import { z } from 'zod';
import { fraction, httpUrl, lowered, setting, wholeNumber } from './setting-types.js';

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

/** Settings of live connections, logs and traces. */
export const observingSettings = {
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
