import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryUse, readAvailable } from './memory.js';

describe('availableMemory', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'docent-cgroup-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function group(files: Record<string, string>): Promise<void> {
    await mkdir(join(root, 'memory'), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  }

  it('is what the limit of the container leaves; the page cache counts as free', async () => {
    await group({
      'memory.max': '1000000\n',
      'memory.current': '900000\n',
      'memory.stat': 'anon 200000\ninactive_file 600000\nactive_file 1\n',
    });
    expect(readAvailable(root)).toBe(700_000);
  });

  it('knows the older layout of control groups', async () => {
    await group({
      'memory/memory.limit_in_bytes': '1000000',
      'memory/memory.usage_in_bytes': '900000',
      'memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 100000\n',
    });
    expect(readAvailable(root)).toBe(200_000);
  });

  it('is never negative', async () => {
    await group({ 'memory.max': '1000', 'memory.current': '5000', 'memory.stat': '' });
    expect(readAvailable(root)).toBe(0);
  });

  it('is that of the machine when there is no limit', async () => {
    await group({ 'memory.max': 'max', 'memory.current': '900000', 'memory.stat': '' });
    expect(Math.abs(readAvailable(root) - process.availableMemory())).toBeLessThan(512 * 1024 * 1024);
    expect(readAvailable(join(root, 'missing'))).toBeGreaterThan(1_000_000);
  });

  it('reports total and used memory', async () => {
    await group({
      'memory.max': '1000000',
      'memory.current': '900000',
      'memory.stat': 'inactive_file 600000',
    });
    expect(memoryUse(root)).toEqual({ limit: 1_000_000, used: 300_000 });
  });

  it('is the memory of the machine where no container limits it', async () => {
    await group({ 'memory.max': 'max', 'memory.current': '900000', 'memory.stat': '' });
    const { limit, used } = memoryUse(root);
    expect(limit).toBe(totalmem());
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(limit);
  });
});
