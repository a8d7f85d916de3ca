import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const host =
  hostname()
    .replace(/[^A-Za-z0-9.]/g, '_')
    .slice(0, 64) || 'host';
const strangerMs = 24 * 3600 * 1000;

/**
 * A name for a temporary file or folder that identifies the process that made it. So the remains of a killed
 * process can be told from files in use.
 */
export const scratchName = (prefix: string): string => `${prefix}~${host}~${process.pid}~${randomUUID()}`;

/**
 * Removes files that ended processes left in `directory` under `prefix`. Names from another machine (a shared
 * volume) are removed after a day.
 * @returns how many were removed
 */
export async function removeLeftovers(directory: string, prefix: string): Promise<number> {
  let removed = 0;
  for (const name of await readdir(directory)) {
    const [found, owner, pid] = name.split('~');
    if (found !== prefix || !owner || !pid) continue;
    const path = join(directory, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (!isLeftover(owner, Number(pid), age)) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function isLeftover(owner: string, pid: number, ageMs: number): boolean {
  if (owner !== host) return ageMs > strangerMs;
  // A restarted container has its old host name and process id: a file that is older than this process
  // belonged to the previous one.
  if (pid === process.pid) return ageMs > performance.now() + 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
