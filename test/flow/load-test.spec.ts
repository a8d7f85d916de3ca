import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Result {
  code: number;
  results: Record<string, { per_second: number; error_rate: number; p95_ms: number }>;
  broken: string[];
}

/** Answers everything after `delay` ms, with `status` where it is a search. */
async function service(delay: number, status = 200): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    const isSearch = request.url === '/agent/search';
    const answer = () =>
      response.writeHead(isSearch ? status : 200).end('{"task_id":"1","status":"SUCCESS"}');
    if (isSearch && delay > 0) setTimeout(answer, delay);
    else answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function loadTest(server: Server): Promise<Result> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const child = spawn(
    process.execPath,
    ['scripts/load-test.mjs', '--sla', '--json', '--duration', '2', '--url', url],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  const [code] = (await once(child, 'close')) as [number];
  server.closeAllConnections();
  server.close();
  return { ...(JSON.parse(output) as Omit<Result, 'code'>), code };
}

// one run takes ten seconds, most of which it waits: the three run beside each other
describe('load-test --sla', () => {
  let failing: Result;
  let slow: Result;
  let quick: Result;
  beforeAll(async () => {
    const servers = await Promise.all([service(0, 503), service(700), service(0)]);
    [failing, slow, quick] = await Promise.all([
      loadTest(servers[0]),
      loadTest(servers[1]),
      loadTest(servers[2]),
    ]);
  });

  it('ends with 1 when there are errors and reports the number of clients', () => {
    const { code, broken, results } = failing;
    expect(code).toBe(1);
    expect(broken).toEqual(
      expect.arrayContaining([expect.stringMatching(/^100 clients: 5\d\.\d\d% errors, more than 1%$/)]),
    );
    expect(Object.keys(results)).toEqual(['100 clients', '500 clients', '1000 clients']);
  });

  it('ends with 1 where answers are slow, however many wait at once', () => {
    const { code, broken } = slow;
    expect(code).toBe(1);
    for (const clients of [100, 500, 1000])
      expect(broken).toEqual(
        expect.arrayContaining([expect.stringMatching(new RegExp(`^${clients} clients: p95 \\d+`))]),
      );
  });

  it('sends requests at the agreed rate, whatever the number of clients', () => {
    const { results } = quick;
    for (const { per_second: rate } of Object.values(results)) expect(rate).toBeLessThanOrEqual(251);
    expect(Object.values(results).map(({ error_rate: rate }) => rate)).toEqual([0, 0, 0]);
  });
});
