import { readFileSync } from 'node:fs';

const ticksASecond = 100;

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const listChildren = (pid: number): number[] =>
  read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);

const listTree = (pid: number): number[] => [pid, ...listChildren(pid).flatMap(listTree)];

/**
 * Milliseconds of processor time of one process with all of its threads, and of its children that have ended.
 */
function readCpu(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (ticks * 1000) / ticksASecond;
}

/** Milliseconds of processor time of a process and of its children so far. Linux only: 0 elsewhere. */
export const cpuMs = (pid: number): number => listTree(pid).reduce((sum, one) => sum + readCpu(one), 0);

/** Megabytes of memory of a process and its children. A page that several of them share counts once. */
export const memoryMb = (pid: number): number =>
  listTree(pid)
    .map((one) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${one}/smaps_rollup`))?.[1] ?? 0) / 1024)
    .reduce((sum, megabytes) => sum + megabytes, 0);

/** The processes below one, by the script or program that each runs. */
export const programsBelow = (pid: number): { pid: number; program: string; mb: number }[] =>
  listTree(pid).map((one) => ({
    pid: one,
    program: read(`/proc/${one}/cmdline`).split('\0').filter(Boolean).slice(0, 4).join(' ').slice(-60),
    mb: Math.round(Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${one}/smaps_rollup`))?.[1] ?? 0) / 1024),
  }));
