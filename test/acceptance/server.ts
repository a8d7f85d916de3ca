import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelsOff } from '../models-off.js';

export interface RunningServer {
  url: string;
  /** Undefined for a server that somebody else started. */
  process?: ChildProcess;
  /** Everything it has written to its log. */
  log: () => string;
  /** Ends it with a signal and says how it ended. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** The built service; another build of it with `DOCENT_ENTRY`. */
export const entry = process.env['DOCENT_ENTRY'] ?? 'dist/main.js';

/**
 * Starts the built service as a process of its own on a free
 * port; with `BASE_URL` set that server is used instead.
 */
export async function startServer(env: Record<string, string> = {}): Promise<RunningServer> {
  const given = process.env['BASE_URL'];
  if (given && Object.keys(env).length === 0) return { url: given, log: () => '', stop: async () => null };
  const server = await startProcess(env);
  await untilReady(server.url);
  return server;
}

/** As `startServer`, and waits for nothing but that it listens. */
export async function startProcess(env: Record<string, string>): Promise<RunningServer> {
  const dataDir = env['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'docent-acceptance-'));
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      PORT: '0',
      RATE_LIMIT_MAX_REQUESTS: '1000000',
      LOG_LEVEL: 'info',
      ...modelsOff(env),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const collect = (piece: Buffer) => {
      output += piece.toString();
      const match = /docent listens on (http:\S+)/.exec(output);
      if (match?.[1]) resolve(match[1]);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output.slice(-2000)}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    const code = await ended;
    if (!env['DATA_DIR']) rmSync(dataDir, { recursive: true, force: true });
    return code;
  };
  return { url, process: child, log: () => output, stop };
}

/** Starts the built service and waits until it ends by itself. */
export function runToEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (output += piece.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })));
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the server did not become ready within 120 s');
}
