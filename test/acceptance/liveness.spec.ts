import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entry, startServer, type RunningServer } from './server.js';

describe("the container's health check", () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ LOG_LEVEL: 'warn' });
  }, 180_000);
  afterAll(() => server.stop('SIGKILL'));

  const check = (): number | null => {
    const env = { PATH: process.env['PATH'], PORT: new URL(server.url).port };
    return spawnSync(process.execPath, [join(dirname(entry), 'app/healthcheck.js')], { env }).status;
  };

  it('fails while the event loop is stuck, and passes when it goes on', () => {
    expect(check()).toBe(0);
    // a stopped process keeps its port and its connections, as one whose loop never comes round does
    server.process?.kill('SIGSTOP');
    expect(check()).toBe(1);
    server.process?.kill('SIGCONT');
    expect(check()).toBe(0);
  }, 180_000);
});
