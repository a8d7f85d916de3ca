import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../config/env.js';

const held = new Set<string>();

/**
 * The start time of a process, which distinguishes two processes with the same pid (containers, reboots);
 * empty without /proc.
 */
function readStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number, start: string): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return start === '' || readStart(pid) === start;
}

function readHolder(path: string): { text: string; pid: number; start: string } | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const [pid = '', start = ''] = text.trim().split(' ');
    return { text, pid: Number(pid), start };
  } catch {
    return undefined;
  }
}

function claim(path: string, own: string): boolean {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, own);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Megabytes without which no database starts. */
const leastMegabytes = 64;

/** @returns the error that a person can do something about, where the disk is full; else `error` */
export function blameFullDisk(directory: string, error: unknown): unknown {
  const isFull =
    (error as NodeJS.ErrnoException).code === 'ENOSPC' || freeMegabytes(directory) < leastMegabytes;
  return isFull && !(error instanceof ConfigurationError)
    ? new ConfigurationError([`DATA_DIR: the disk of ${directory} is full: make room, then start again`])
    : error;
}

function freeMegabytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return (bavail * bsize) / (1024 * 1024);
  } catch {
    return Infinity;
  }
}

const locateLock = (directory: string): string => join(directory, 'docent.lock');

/** The process that has the data directory now, or undefined; nothing is changed there. */
export function findHolder(directory: string): number | undefined {
  const holder = readHolder(locateLock(directory));
  return holder && isAlive(holder.pid, holder.start) ? holder.pid : undefined;
}

/** @throws ConfigurationError for a folder that this process cannot create or write to */
function makeWritable(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError([
      code === 'EEXIST' || code === 'ENOTDIR'
        ? `DATA_DIR: ${directory} is no folder: name another one`
        : `DATA_DIR: ${directory} cannot be written to (${code}): give this user the right to, or name another folder`,
    ]);
  }
}

/**
 * Takes the data directory for this process; a lock whose process has died is taken over.
 * @returns what gives it back
 * @throws ConfigurationError for a folder that cannot be written to, and while another process, or another
 * database of this one, has it
 */
export function lockDataDirectory(directory: string): () => void {
  const path = locateLock(directory);
  const own = `${process.pid} ${readStart(process.pid)}\n`;
  makeWritable(directory);
  for (let tries = 0; tries < 5; tries += 1) {
    if (!held.has(path) && claim(path, own)) {
      held.add(path);
      return () => {
        held.delete(path);
        if (readHolder(path)?.text === own) rmSync(path, { force: true });
      };
    }
    const holder = readHolder(path);
    if (!holder) continue;
    const mine = holder.pid === process.pid;
    if (mine ? held.has(path) : isAlive(holder.pid, holder.start)) {
      throw new ConfigurationError([
        `DATA_DIR: process ${holder.pid} is already running on this data directory; stop it or choose another DATA_DIR`,
      ]);
    }
    setAside(path, holder.text);
  }
  throw new ConfigurationError(['DATA_DIR: another process is starting on this data directory']);
}

/** Removes the lock of a dead process, unless somebody else has just done so and put his own there. */
function setAside(path: string, stale: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch {
    // another process was faster: look again in the next round
  }
}
