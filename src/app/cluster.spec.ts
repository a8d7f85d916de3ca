import { describe, expect, it } from '@jest/globals';
import { loadEnv } from '../config/env.js';
import { needsCluster, listRoles } from './cluster.js';

const networked = { DATABASE_URL: 'postgres://u:p@127.0.0.1/d', REDIS_URL: 'redis://127.0.0.1' };
const env = (source: Record<string, string>) => loadEnv({ ...networked, ...source });

describe('the processes of a cluster', () => {
  it('are as many of each kind as the configuration says', () => {
    expect(listRoles(env({ API_PROCESSES: '2', WORKER_PROCESSES: '3' }))).toEqual([
      'api',
      'api',
      'worker',
      'worker',
      'worker',
    ]);
    expect(listRoles(env({ MODE: 'api', API_PROCESSES: '2', WORKER_PROCESSES: '3' }))).toEqual([
      'api',
      'api',
    ]);
    expect(listRoles(env({ MODE: 'worker', API_PROCESSES: '2', WORKER_PROCESSES: '3' }))).toEqual([
      'worker',
      'worker',
      'worker',
    ]);
  });

  it('are one process for both roles unless the configuration asks for more', () => {
    expect(needsCluster(env({}))).toBe(false);
    expect(needsCluster(env({ MODE: 'api' }))).toBe(false);
    expect(needsCluster(env({ API_PROCESSES: '2' }))).toBe(true);
    expect(needsCluster(env({ MODE: 'worker', WORKER_PROCESSES: '2' }))).toBe(true);
  });
});
