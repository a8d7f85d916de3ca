import Bull from 'bull';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

export type QueueDriver = 'bull' | 'bullmq';

/** The queue `ingestion` past the service. */
export interface Rings {
  add(rings: { id: string; task: string }[]): Promise<unknown>;
  close(): Promise<void>;
}

const ended = { removeOnComplete: true, removeOnFail: true };

function openBull(url: string): Rings {
  const queue = new Bull('ingestion', url, { prefix: 'docent' });
  queue.on('error', () => undefined);
  return {
    add: (rings) =>
      queue.addBulk(rings.map(({ id, task }) => ({ data: { task }, opts: { ...ended, jobId: id } }))),
    close: () => queue.close(),
  };
}

function openBullMq(url: string): Rings {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  const queue = new Queue('ingestion', { connection: redis, prefix: '{docent}' });
  queue.on('error', () => undefined);
  return {
    add: (rings) =>
      queue.addBulk(
        rings.map(({ id, task }) => ({ name: 'ring', data: { task }, opts: { ...ended, jobId: id } })),
      ),
    close: async () => redis.disconnect(),
  };
}

export const openRings = (driver: QueueDriver, url: string): Rings =>
  driver === 'bull' ? openBull(url) : openBullMq(url);
