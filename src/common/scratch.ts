import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const host =
  hostname()
    .replace(/[^A-Za-z0-9.]/g, '_')
    .slice(0, 64) || 'host';
const strangerMs = 24 * 3600 * 1000;

/** A name for a temporary file or folder that says which process made it, so that what a killed one left can be told from what is in use. */
export const scratchName = (prefix: string): string => `${prefix}~${host}~${process.pid}~${randomUUID()}`;

/**
 * Removes what processes that no longer run left in `directory` under `prefix`. Names made on another machine (a shared volume) go by
 * age alone: a day. @returns how many were removed
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
  // A restarted container has its old host name and process id: what is older than this process was left by the one before.
  if (pid === process.pid) return ageMs > performance.now() + 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
