import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

interface ControlGroup {
  limit: string;
  usage: string;
  stat: string;
  /** The line of `stat` with the page cache, which the kernel frees on demand. */
  reclaimable: RegExp;
}
const controlGroups: readonly ControlGroup[] = [
  {
    limit: 'memory.max',
    usage: 'memory.current',
    stat: 'memory.stat',
    reclaimable: /^inactive_file (\d+)$/m,
  },
  {
    limit: 'memory/memory.limit_in_bytes',
    usage: 'memory/memory.usage_in_bytes',
    stat: 'memory/memory.stat',
    reclaimable: /^total_inactive_file (\d+)$/m,
  },
];

/**
 * Limit and use of the container's memory in bytes; undefined without a limit. Page cache counts as free,
 * unlike in Node's own figure.
 */
function controlGroupMemory(root: string): { limit: number; used: number } | undefined {
  for (const { limit, usage, stat, reclaimable } of controlGroups) {
    const most = Number(read(`${root}/${limit}`) ?? Number.NaN);
    const used = Number(read(`${root}/${usage}`) ?? Number.NaN);
    if (!Number.isFinite(most) || !Number.isFinite(used) || most > Number.MAX_SAFE_INTEGER) continue;
    const cache = Number(reclaimable.exec(read(`${root}/${stat}`) ?? '')?.[1] ?? 0);
    return { limit: most, used: Math.max(0, used - cache) };
  }
  return undefined;
}

const meminfo = (name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(read('/proc/meminfo') ?? '')?.[1] ?? Number.NaN) *
  1024;

const ownGroup = '/sys/fs/cgroup';
/** The figure is read from four files, and asked for with each task and each batch. */
const freshMs = 100;
let last = { at: -freshMs, bytes: 0 };

/**
 * Bytes that this process may still allocate on the machine, or within the container's limit if there is one;
 * of the last tenth of a second.
 */
export function availableMemory(): number {
  const now = performance.now();
  if (now - last.at >= freshMs) last = { at: now, bytes: readAvailable() };
  return last.bytes;
}

/** As `availableMemory`, read now. @param root of the control group */
export function readAvailable(root = ownGroup): number {
  const group = controlGroupMemory(root);
  if (group === undefined) return process.availableMemory();
  const left = Math.max(0, group.limit - group.used);
  const machine = meminfo('MemAvailable');
  return Number.isFinite(machine) ? Math.min(left, machine) : left;
}

/**
 * Limit and use of the container's memory in bytes, otherwise of the machine's. Memory that the kernel frees
 * on demand counts as free.
 */
export function memoryUse(root = ownGroup): { limit: number; used: number } {
  return (
    controlGroupMemory(root) ?? {
      limit: totalmem(),
      used: totalmem() - (meminfo('MemAvailable') || freemem()),
    }
  );
}
