import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Gauge, type Registry } from 'prom-client';
import { memoryUse } from '../../common/memory.js';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
};

/**
 * CPU seconds that the container has used since its start, with either version of control groups; undefined
 * without them.
 */
export function cpuSeconds(root = '/sys/fs/cgroup'): number | undefined {
  const microseconds = /^usage_usec (\d+)$/m.exec(read(`${root}/cpu.stat`))?.[1];
  if (microseconds) return Number(microseconds) / 1e6;
  const nanoseconds = read(`${root}/cpuacct/cpuacct.usage`);
  return nanoseconds ? Number(nanoseconds) / 1e9 : undefined;
}

/** Cores that the container may use: its quota, or else those of the machine. */
export function cpuLimit(root = '/sys/fs/cgroup'): number {
  const [quota, period] = read(`${root}/cpu.max`).split(' ').map(Number);
  if (quota && period) return quota / period;
  const older = Number(read(`${root}/cpu/cpu.cfs_quota_us`));
  return older > 0 ? older / Number(read(`${root}/cpu/cpu.cfs_period_us`)) : availableParallelism();
}

/**
 * Memory, CPU and disk of the container, or of the machine if the container has no limit. Every process of a
 * cluster measures the same, so the largest value counts and not the sum.
 */
export function watchResources(registry: Registry, dataDir: string): void {
  const gauge = (
    name: string,
    help: string,
    measure: () => number | undefined | Promise<number | undefined>,
  ): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      aggregator: 'max',
      registers: [registry],
      async collect() {
        const value = await measure();
        if (value !== undefined) made.set(value);
      },
    });
  };
  const disk = async (blocks: 'bavail' | 'blocks'): Promise<number | undefined> => {
    const found = await statfs(dataDir).catch(() => statfs('.').catch(() => undefined));
    return found && found[blocks] * found.bsize;
  };
  gauge(
    'memory_used_bytes',
    'Memory used in the container, or the machine without a limit',
    () => memoryUse().used,
  );
  gauge(
    'memory_limit_bytes',
    'Memory of the container, or the machine without a limit',
    () => memoryUse().limit,
  );
  gauge('cpu_usage_seconds', 'CPU seconds the container has used since it started; only rises', () =>
    cpuSeconds(),
  );
  gauge('cpu_limit_cores', 'Cores the container, or the machine without a limit, may use', () => cpuLimit());
  gauge('disk_free_bytes', 'Bytes free under DATA_DIR', () => disk('bavail'));
  gauge('disk_size_bytes', 'Bytes of the file system of DATA_DIR', () => disk('blocks'));
}
