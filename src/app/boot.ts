import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Logger as NestPinoLogger, PinoLogger } from 'nestjs-pino';
import { ConfigurationError, type Env } from '../config/env.js';
import { LaterVectors } from '../features/ingestion/later-vectors.js';
import { FirstKey } from '../features/auth/first-key.js';
import { FolderWatch } from '../features/watch/folder-watch.js';
import { Admission, admitBeforeBodies } from '../features/auth/admission.js';
import { Readiness } from '../features/health/readiness.js';
import { Database } from '../platform/database/database.js';
import type { HostPool } from '../platform/database/host-pool.js';
import { createSocketAdapter } from '../platform/events/socket-adapter.js';
import { logRequests, type RequestLines, writeLines } from '../platform/logging/request-log.js';
import { OptionalLocalModels } from '../platform/models/models.module.js';
import { toFailure } from '../common/errors.js';
import { Embedder } from '../platform/embedding/embedder.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { assertHandlers } from '../platform/queue/handlers.js';
import { TaskRunner } from '../platform/queue/runner.js';
import { Tracing } from '../platform/tracing/tracing.js';
import { TaskStore } from '../platform/queue/task-store.js';
import { Sweeper } from '../platform/queue/sweeper.js';
import { AppModule } from './app.module.js';
import { drainConnections } from './connection-draining.js';
import { createHttpAdapter } from './http-server.js';
import { measureRequests } from './http-metrics.js';
import { traceRequests } from './http-tracing.js';
import { OpenApiHolder } from './openapi.js';
import { bootWarnings } from '../config/boot-warnings.js';
import { handlerTypes } from './worker.module.js';

/** A running process of docent. */
export interface Service {
  /** The address of the service, e.g. `http://127.0.0.1:8000`. */
  url: string;
  app: NestFastifyApplication;
  /** Resolves when it can take work. Rejects for what waiting cannot mend. */
  ready: Promise<void>;
  /** Says in the log what is wrong with the embedding model, which each document would say otherwise. */
  checkModels(): Promise<void>;
  /** Drains and ends within SHUTDOWN_GRACE_SECONDS. */
  close(): Promise<void>;
}

/** A process without its socket and its connections. */
interface Assembled {
  app: NestFastifyApplication;
  fastify: FastifyInstance;
  closeConnections: () => Promise<void>;
}

/**
 * Listens first, then connects: liveness answers at once, and readiness names the parts that are still
 * missing.
 */
export async function startService(env: Env): Promise<Service> {
  const assembled = await assemble(env, await createApp(env), writeLines(PinoLogger.root));
  const { fastify } = assembled;
  await fastify.listen({
    host: env.HOST,
    port: env.MODE === 'worker' ? env.WORKER_HEALTH_PORT : env.PORT,
    backlog: env.API_BACKLOG,
  });
  return { url: makeUrl(fastify, env), ...begin(env, assembled) };
}

/** The service inside another application. It listens nowhere, and logs as the application does. */
export interface EmbeddedService extends Omit<Service, 'url'> {
  /** Answers one request to the API. */
  handle: (request: IncomingMessage, response: ServerResponse) => void;
}

/** @param pool of the application, used in place of an own one */
export async function startEmbedded(env: Env, pool?: HostPool): Promise<EmbeddedService> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(env, pool),
    createHttpAdapter(env),
    { bodyParser: false, abortOnError: false },
  );
  const assembled = await assemble(env, app);
  await assembled.fastify.ready();
  const handle: EmbeddedService['handle'] = (request, response) =>
    assembled.fastify.routing(request, response);
  return { handle, ...begin(env, assembled) };
}

async function createApp(env: Env): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(env),
    createHttpAdapter(env),
    {
      bodyParser: false,
      bufferLogs: true,
      abortOnError: false,
    },
  );
  app.useLogger(app.get(NestPinoLogger));
  app.flushLogs();
  for (const warning of bootWarnings(env)) new Logger('boot').warn(warning);
  return app;
}

async function assemble(env: Env, app: NestFastifyApplication, lines?: RequestLines): Promise<Assembled> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  traceRequests(fastify, app.get(Tracing));
  measureRequests(fastify, app.get(Metrics));
  logRequests(fastify, lines);
  const closeConnections = drainConnections(fastify);
  if (env.MODE !== 'worker') {
    admitBeforeBodies(fastify, app.get(Admission));
    app.useWebSocketAdapter(createSocketAdapter(app, env));
    app.get(OpenApiHolder).describe(app, env.APP_VERSION);
  }
  await app.init();
  return { app, fastify, closeConnections };
}

function begin(env: Env, { app, fastify, closeConnections }: Assembled): Omit<Service, 'url'> {
  const stopped = new AbortController();
  const ready = connect(app, env, stopped.signal);
  // Readiness is public: never show a driver's error message, which may name hosts, users and paths.
  ready.catch((error: unknown) =>
    app.get(Readiness).failed(error instanceof ConfigurationError ? error.message : 'the start failed'),
  );
  const checkModels = (): Promise<void> => checkEmbedder(app, env);
  return { app, ready, checkModels, close: closing({ app, fastify, env, ready, stopped, closeConnections }) };
}

/** Like `startService`, but waits until the service can take work. */
export async function bootService(env: Env): Promise<Service> {
  const service = await startService(env);
  try {
    await service.ready;
    return service;
  } catch (error) {
    await service.close();
    throw error;
  }
}

async function connect(app: NestFastifyApplication, env: Env, stopped: AbortSignal): Promise<void> {
  const { models } = app.get(OptionalLocalModels);
  await Promise.all([app.get(Database).ready(), env.MODELS_IDLE_SECONDS === 0 && models?.warm()]);
  if (stopped.aborted) return;
  tellFirstKey(await app.get(FirstKey).ensure());
  // this process has the embedded database to itself: work of the
  // one before it goes on at once, not when its leases run out
  if (env.DATABASE_DRIVER === 'pglite') await app.get(TaskStore).endLeases();
  app.get(Sweeper).start();
  if (env.MODE !== 'api') {
    await app
      .get(TaskRunner)
      .start(assertHandlers(handlerTypes.map((type) => app.get<object>(type, { strict: false }))));
    app.get(LaterVectors, { strict: false }).start();
  }
  if (env.WATCH_DIR !== undefined) app.get(FolderWatch).start();
  app.get(Readiness).started();
  new Logger('boot').log(
    `ready: mode ${env.MODE}, database ${env.DATABASE_DRIVER}, queue ${env.QUEUE_DRIVER}, blobs ${env.BLOB_DRIVER}, embedding ${env.EMBEDDING_DRIVER}, reader ${env.READER_DRIVER}, llm ${env.LLM_DRIVER}`,
  );
}

async function checkEmbedder(app: NestFastifyApplication, env: Env): Promise<void> {
  if (env.EMBEDDING_DRIVER !== 'openai') return;
  await app
    .get(Embedder)
    .prove()
    .catch((error: unknown) =>
      new Logger('boot').error(`the embedding model cannot be used: ${toFailure(error).detail}`),
    );
}

/** Past the log: a key that is kept in log files is known to many. */
function tellFirstKey(key: string | null): void {
  if (key === null) return;
  process.stderr.write(`the first key, for administrators; it is shown this once:\n  ${key}\n`);
}

/** Between cutting the last connections and the end of the grace. */
const lastMs = 3000;

interface Running {
  app: NestFastifyApplication;
  fastify: FastifyInstance;
  env: Env;
  ready: Promise<void>;
  stopped: AbortController;
  closeConnections: () => Promise<void>;
}

/**
 * Not ready → stop taking work → finish or hand back → close in order. Calling it twice starts only one
 * shutdown.
 */
function closing({ app, fastify, env, ready, stopped, closeConnections }: Running): () => Promise<void> {
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const started = performance.now();
    app.get(Readiness).drain();
    stopped.abort();
    // let a start in progress end first: only parts that have begun can be stopped
    await ready.catch(() => undefined);
    if (env.WATCH_DIR !== undefined) await app.get(FolderWatch).stop();
    if (env.MODE !== 'api') await app.get(LaterVectors, { strict: false }).stop();
    if (env.MODE !== 'api') await app.get(TaskRunner).drain(env.SHUTDOWN_GRACE_SECONDS);
    await Promise.all([app.get(Sweeper).stop(), closeConnections()]);
    // A client that neither sends, reads nor leaves must not delay the end. Its clean-up needs a moment
    // before the grace is over.
    const graceMs = env.SHUTDOWN_GRACE_SECONDS * 1000;
    const left = started + graceMs - Math.min(lastMs, graceMs / 2) - performance.now();
    const cut = setTimeout(() => fastify.server.closeAllConnections(), Math.max(0, left));
    await app.close();
    clearTimeout(cut);
  };
  return () => (ending ??= end());
}

function makeUrl(fastify: FastifyInstance, env: Env): string {
  const { port } = fastify.server.address() as AddressInfo;
  const host = env.HOST === '0.0.0.0' || env.HOST === '::' ? '127.0.0.1' : env.HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
