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
  /** Line of `stat` with the page cache that the kernel gives back when asked. */
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

/** Bytes of a container's limit, and how many of them are used; undefined without a limit. Page cache counts as free: Node's own figure counts it as used. */
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

/** Bytes that this process may still take: of the machine, and of the container's limit where there is one. */
export function availableMemory(root = '/sys/fs/cgroup'): number {
  const group = controlGroupMemory(root);
  if (group === undefined) return process.availableMemory();
  const left = Math.max(0, group.limit - group.used);
  const machine = meminfo('MemAvailable');
  return Number.isFinite(machine) ? Math.min(left, machine) : left;
}

/** Bytes that the container, or else the machine, has and uses; what the kernel gives back when asked is not used. */
export function memoryUse(root = '/sys/fs/cgroup'): { limit: number; used: number } {
  return (
    controlGroupMemory(root) ?? {
      limit: totalmem(),
      used: totalmem() - (meminfo('MemAvailable') || freemem()),
    }
  );
}
