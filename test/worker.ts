import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { type Env, loadEnv } from '../src/config/env.js';
import type { BlobStore } from '../src/platform/blob/blob-store.js';
import { LocalBlobStore } from '../src/platform/blob/local.js';
import type { Database } from '../src/platform/database/database.js';
import type { Notification } from '../src/platform/events/events.js';
import { MemoryEventBus } from '../src/platform/events/memory.js';
import { Metrics } from '../src/platform/metrics/metrics.js';
import { Announcer } from '../src/platform/queue/announcer.js';
import { EmbeddedQueue } from '../src/platform/queue/embedded.js';
import type { JobQueue } from '../src/platform/queue/job-queue.js';
import type { Handlers } from '../src/platform/queue/handlers.js';
import { TaskRunner } from '../src/platform/queue/runner.js';
import { Sweeper } from '../src/platform/queue/sweeper.js';
import { TaskProducer } from '../src/platform/queue/task-producer.js';
import { TaskStore } from '../src/platform/queue/task-store.js';
import { NoTracing } from '../src/platform/tracing/none.js';
import { modelsOff } from './models-off.js';

Logger.overrideLogger(['fatal']);

/** Everything around a handler, without Nest: what a worker process has. */
export interface TestWorker {
  env: Env;
  blobs: BlobStore;
  tasks: TaskStore;
  queue: JobQueue;
  events: MemoryEventBus;
  announcer: Announcer;
  metrics: Metrics;
  runner: TaskRunner;
  sweeper: Sweeper;
  /** Events so far, oldest first. */
  heard: Notification[];
  start(handlers: Handlers): Promise<void>;
  stop(): Promise<void>;
}

/** @param settings as in the environment; short delays unless given */
export async function buildWorker(
  database: Database,
  settings: Record<string, string> = {},
  queue: JobQueue = new EmbeddedQueue(),
): Promise<TestWorker> {
  const dataDir = settings['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'docent-test-')));
  const quick = {
    TASK_RETRY_DELAY_SECONDS: '0.05',
    SWEEP_INTERVAL_SECONDS: '0.2',
    TASK_LEASE_SECONDS: '10',
    MEMORY_FLOOR_MB: '0',
  };
  const env = loadEnv({
    ...quick,
    ...modelsOff(settings),
    OCR_DRIVER: 'vision',
    ...settings,
    DATA_DIR: dataDir,
  });
  const blobs = new LocalBlobStore(join(dataDir, 'blobs'));
  const events = new MemoryEventBus();
  const heard: Notification[] = [];
  events.subscribe(({ notification }) => heard.push(notification));
  const tasks = new TaskStore(database);
  const announcer = new Announcer(events, queue);
  const metrics = new Metrics();
  const runner = new TaskRunner(env, tasks, queue, announcer, metrics, new NoTracing());
  const producer = new TaskProducer(env, tasks, announcer);
  const sweeper = new Sweeper(env, database, tasks, blobs, announcer, producer);
  return {
    env,
    blobs,
    tasks,
    queue,
    events,
    announcer,
    metrics,
    runner,
    sweeper,
    heard,
    start: async (handlers) => {
      await runner.start(handlers);
      sweeper.start();
    },
    stop: async () => {
      await sweeper.stop();
      runner.handBack();
      await runner.drain(1);
      await queue.close();
      await events.close();
      if (!settings['DATA_DIR']) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
