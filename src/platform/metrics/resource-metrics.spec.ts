import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AggregatorRegistry, Registry } from 'prom-client';
import { cpuLimit, cpuSeconds, watchResources } from './resource-metrics.js';

describe('resources', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'docent-cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const file = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  };

  it('are read from either layout of control groups', async () => {
    await file('cpu.stat', 'usage_usec 2500000\nuser_usec 1\n');
    await file('cpu.max', '150000 100000\n');
    expect([cpuSeconds(root), cpuLimit(root)]).toEqual([2.5, 1.5]);
    await rm(root, { recursive: true });
    await file('cpuacct/cpuacct.usage', '3000000000\n');
    await file('cpu/cpu.cfs_quota_us', '50000');
    await file('cpu/cpu.cfs_period_us', '100000');
    expect([cpuSeconds(root), cpuLimit(root)]).toEqual([3, 0.5]);
  });

  it('are those of the machine where nothing limits them', async () => {
    await file('cpu.max', 'max 100000\n');
    expect(cpuLimit(root)).toBeGreaterThanOrEqual(1);
    expect(cpuSeconds(root)).toBeUndefined();
  });

  it('are not added up over the processes of a cluster', async () => {
    const registry = new Registry();
    watchResources(registry, root);
    const one = await registry.getMetricsAsJSON();
    const both = await AggregatorRegistry.aggregate([one, one]).getMetricsAsJSON();
    const value = (metrics: typeof one, name: string) =>
      metrics.find((metric) => metric.name === name)?.values[0]?.value;
    for (const name of ['memory_limit_bytes', 'disk_size_bytes', 'cpu_limit_cores']) {
      expect(value(one, name)).toBeGreaterThan(0);
      expect(value(both, name)).toBe(value(one, name));
    }
  });
});
