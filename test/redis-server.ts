import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

/** A Redis of our own on a free loopback port, without persistence. */
export interface OwnRedis {
  url: string;
  /** SIGSTOP: connections stay open, nothing answers. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const hasRedisServer = (): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
/** True when a `redis-server` binary is on the path; rows that need one are skipped without it. */
export const redisIsInstalled = hasRedisServer();

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  const died = once(child, 'exit').then(() => Promise.reject(new Error('redis-server ended')));
  died.catch(() => undefined);
  try {
    await Promise.race([client.ping(), died]);
  } finally {
    client.disconnect();
  }
}

/**
 * Starts a Redis and waits until it answers. @param options.directory where
 * its log goes when it is told to keep one, or at once by `appendOnly`
 */
export async function ownRedis(
  options: { port?: number; directory?: string; appendOnly?: boolean } = {},
): Promise<OwnRedis> {
  const port = options.port ?? (await freePort());
  const directory = options.directory ? ['--dir', options.directory] : [];
  const appendOnly = options.appendOnly ? 'yes' : 'no';
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', appendOnly, ...directory],
    {
      stdio: 'ignore',
    },
  );
  const url = `redis://127.0.0.1:${port}`;
  await answers(url, child);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { url, freeze: () => void child.kill('SIGSTOP'), thaw: () => void child.kill('SIGCONT'), stop };
}
