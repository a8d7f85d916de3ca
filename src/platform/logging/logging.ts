import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import { currentContext } from '../../common/request-context.js';
import { readTraceId } from '../../common/trace-context.js';
import type { Env } from '../../config/env.js';
import { settings } from '../../config/settings.js';
import { LineStream } from './line-stream.js';

const censor = '[redacted]';
const secretFields = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-api-key"]',
  'password',
  'token',
  'api_key',
  'apiKey',
  'secret',
];

/** The fields that must not be logged, at the top and up to two objects deep. */
const redactedPaths = secretFields.flatMap((field) => {
  const inside = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${inside}`, `*.*${inside}`];
});

/** Values of the secret settings, including passwords inside addresses: an error's text may repeat them. */
export function secretValues(env: Env): string[] {
  const given = Object.entries(settings)
    .filter(([, type]) => type.meta()?.['secret'])
    .flatMap(([name]) => (env as unknown as Record<string, string | string[] | undefined>)[name] ?? []);
  const passwords = given.flatMap((value) => /^[a-z]+:\/\/[^/@:]*:([^@]+)@/i.exec(value)?.[1] ?? []);
  const inConnectionStrings = given.flatMap((value) => /AccountKey=([^;]+)/.exec(value)?.[1] ?? []);
  const inHeaders = (env.OTEL_EXPORTER_OTLP_HEADERS ?? '')
    .split(',')
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [...given, ...passwords, ...inConnectionStrings, ...inHeaders]
    .filter((value) => value.length >= 4)
    .toSorted((a, b) => b.length - a.length);
}

const wiringContexts = new Set<unknown>([
  'InstanceLoader',
  'NestFactory',
  'NestApplication',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);
const isWiring = (fields: unknown): boolean =>
  typeof fields === 'object' && fields !== null && 'context' in fields && wiringContexts.has(fields.context);

const getLevel = (name: string): number => pino.levels.values[name] ?? Infinity;
const getArea = (fields: unknown): string =>
  typeof fields === 'object' && fields !== null && 'context' in fields && typeof fields.context === 'string'
    ? fields.context.toLowerCase()
    : '';

function options(env: Env): LoggerOptions {
  const areas = new Map(env.LOG_LEVELS.map(([area, level]) => [area, getLevel(level)]));
  const usual = getLevel(env.LOG_LEVEL);
  const lowest = [env.LOG_LEVEL, ...env.LOG_LEVELS.map(([, level]) => level)].toSorted(
    (a, b) => getLevel(a) - getLevel(b),
  )[0];
  const secrets = secretValues(env).map((value) => JSON.stringify(value).slice(1, -1));
  return {
    level: lowest,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const context = currentContext();
      if (!context) return {};
      const { requestId, tenant, subject, taskId, traceContext } = context;
      return {
        request_id: requestId,
        tenant,
        subject,
        task_id: taskId,
        trace_id: readTraceId(traceContext),
      };
    },
    redact: { paths: redactedPaths, censor },
    hooks: {
      logMethod(line, method, level) {
        // some 200 lines of wiring at each boot
        if (level === pino.levels.values['info'] && isWiring(line[0])) this.debug(...line);
        else if (level >= (areas.get(getArea(line[0])) ?? usual)) method.apply(this, line);
      },
      streamWrite: (line) => secrets.reduce((text, secret) => text.replaceAll(secret, censor), line),
    },
  };
}

/** Lines go out in the turn of the event loop that made them: the last words of a crashing process count. */
async function destination(env: Env, to: number | string): Promise<DestinationStream> {
  if (env.LOG_FORMAT === 'json') return new LineStream(pino.destination({ dest: to, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: to,
    sync: true,
    colorize: process.stdout.isTTY,
    singleLine: true,
    ignore: 'pid,context',
    messageFormat: '{if context}{context}: {end}{msg}',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}

/**
 * The options and the stream of every line. @param to a
 * file, or the descriptor of one; standard output by default
 */
export const logging = async (
  env: Env,
  to: number | string = 1,
): Promise<[LoggerOptions, DestinationStream]> => [options(env), await destination(env, to)];

/**
 * The logger of the process: one JSON object or one readable line each, with
 * request, tenant, subject and task. Requests are logged by `logRequests`.
 */
export function loggingModule(env: Env): DynamicModule {
  return LoggerModule.forRootAsync({
    useFactory: async () => {
      const [pinoOptions, stream] = await logging(env);
      // not a middleware, which would miss requests that are refused before routing
      return { pinoHttp: [{ ...pinoOptions, autoLogging: false }, stream], forRoutes: [] };
    },
  });
}
