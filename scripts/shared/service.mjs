import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Starts a script that prints `listens on URL`, and says when that URL first answered.
 * @param program that runs the script
 */
export async function start(script, env = {}, program = process.execPath) {
  const dataDir = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'docent-bench-'));
  const begun = performance.now();
  const child = spawn(program, [script], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
      RATE_LIMIT_MAX_REQUESTS: '10000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await new Promise((resolve, reject) => {
    const look = (piece) => {
      const match = /listens on (http:\S+)/.exec(piece.toString());
      if (match) resolve(match[1]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  for (;;) if ((await fetch(`${url}/health/live`).catch(() => ({ ok: false }))).ok) break;
  const firstAnswerMs = performance.now() - begun;
  return {
    url,
    pid: child.pid,
    firstAnswerMs,
    rssMb: () => rssMb(child.pid),
    childRssMb: () => Math.max(0, ...listChildren(child.pid).map(rssMb)),
    ready: async () => {
      while (!(await fetch(`${url}/health/ready`)).ok)
        await new Promise((resolve) => setTimeout(resolve, 50));
      return performance.now() - begun;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      if (!env.DATA_DIR) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function rssMb(pid) {
  try {
    return Math.round(
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    );
  } catch {
    return 0;
  }
}

function listChildren(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

export async function post(url, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export async function ended(url, taskId) {
  for (;;) {
    const task = await (await fetch(`${url}/agent/status/${taskId}?wait=30`)).json();
    if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(task.status)) return task;
  }
}

export const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
