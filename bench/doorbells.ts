// What a doorbell costs on Bull and on BullMQ, on the same Redis in the same run: processor time of the
// process and of Redis, memory of a waiting ring, and what workers without work cost.
//   node --import ./test/run-typescript.mjs bench/doorbells.ts [rings] [rounds]
import 'reflect-metadata';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { uuidv7 } from '../src/common/ids.js';
import type { JobQueue } from '../src/platform/queue/job-queue.js';
import { queueNames } from '../src/platform/queue/jobs.js';
import { redisQueues } from '../test/redis-queues.js';
import { ownRedis } from '../test/redis-server.js';

const [count, rounds] = [Number(process.argv[2] ?? 5000), Number(process.argv[3] ?? 3)];
const concurrency = 8;
const batch = 100;
const idleSeconds = 20;

const redis = await ownRedis();
const direct = new Redis(redis.url);

async function read(section: string, name: string): Promise<number> {
  return Number(new RegExp(`${name}:([0-9.]+)`).exec(await direct.info(section))?.[1]);
}

interface Cost {
  process: number;
  redis: number;
  commands: number;
  seconds: number;
}

/** Processor milliseconds of both sides, and commands of Redis, while `work` runs. */
async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const readRedis = async () =>
    ((await read('cpu', 'used_cpu_user')) + (await read('cpu', 'used_cpu_sys'))) * 1000;
  const [redisBefore, commands] = [await readRedis(), await read('stats', 'total_commands_processed')];
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return {
    process: (user + system) / 1000,
    redis: (await readRedis()) - redisBefore,
    commands: (await read('stats', 'total_commands_processed')) - commands,
    seconds: (performance.now() - begun) / 1000,
  };
}

async function ringAll(queue: JobQueue, rings: number, size: number): Promise<void> {
  for (let at = 0; at < rings; at += size) {
    const bells = Array.from({ length: size }, () => ({
      task: uuidv7(),
      token: 0,
      queue: 'default' as const,
      priority: 0,
    }));
    if (!(await queue.ring(bells))) throw new Error('Redis did not take the rings');
  }
}

async function run(name: keyof typeof redisQueues): Promise<string> {
  await direct.flushall();
  const { queue, close } = await redisQueues[name](redis.url);
  while (
    !(await queue.ring([]).then(() =>
      queue.ping().then(
        () => true,
        () => false,
      ),
    ))
  )
    await pause(20);
  await pause(200);
  const empty = await read('memory', 'used_memory');
  const rung = await measure(() => ringAll(queue, count, batch));
  const bytes = ((await read('memory', 'used_memory')) - empty) / count;
  let answered = 0;
  let finish: () => void = () => undefined;
  const wait = (): Promise<void> => new Promise((resolve) => (finish = resolve));
  const answer = async (): Promise<void> => {
    answered += 1;
    if (answered % count === 0) finish();
  };
  const taken = await measure(async () => {
    const done = wait();
    await queue.consume('default', concurrency, answer);
    await done;
  });
  const single = Math.round(count / 10);
  answered = count - single;
  const one = await measure(async () => {
    const done = wait();
    await ringAll(queue, single, 1);
    await done;
  });
  for (const other of queueNames) await queue.consume(other, concurrency, answer);
  await pause(6000);
  const idle = await measure(() => pause(idleSeconds * 1000));
  await close();
  const micro = (ms: number, jobs: number) => `${((ms * 1000) / jobs).toFixed(0)} µs`;
  return [
    name.padEnd(6),
    `ring in hundreds ${micro(rung.process, count)} + Redis ${micro(rung.redis, count)}`,
    `take ${micro(taken.process, count)} + ${micro(taken.redis, count)} (${Math.round(count / taken.seconds)}/s)`,
    `ring and take one by one ${micro(one.process, single)} + ${micro(one.redis, single)}`,
    `${Math.round(bytes)} bytes a waiting ring`,
    `idle ${(idle.process / idleSeconds).toFixed(1)} ms + ${(idle.redis / idleSeconds).toFixed(1)} ms and ${(idle.commands / idleSeconds).toFixed(1)} commands a second`,
    `load ${loadavg()[0]?.toFixed(0)}`,
  ].join(' · ');
}

for (let round = 0; round < rounds; round++)
  for (const name of ['bull', 'bullmq'] as const) console.log(await run(name));
direct.disconnect();
await redis.stop();
process.exit(0);
