import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

const limitSeconds = 2;
/** Time beyond the limit, for the row and for a busy machine. */
const graceMs = 4000;

describe('slow clients', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({
      REQUEST_TIMEOUT_SECONDS: String(limitSeconds),
      HEADERS_TIMEOUT_SECONDS: String(limitSeconds),
      RATE_LIMIT_MAX_REQUESTS: '100',
    });
  }, 180_000);
  afterAll(() => server.stop());

  /** Sends the head at once and then one byte every half second, until the server closes. */
  const drip = (head: string): Promise<{ text: string; ms: number }> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(server.url);
      const started = performance.now();
      let text = '';
      const socket: Socket = connect(Number(port), hostname, () => socket.write(head));
      const timer = setInterval(() => socket.write('a'), 500);
      socket.on('data', (piece) => (text += piece.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve({ text, ms: performance.now() - started });
      });
    });

  const cases = makeCases('slow-clients.spec.ts', {
    // a request is counted before its body comes, so this one draws on another budget than http-041
    'http-014': async () => {
      const head = `POST /agent/search_qa HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
      const { text, ms } = await drip(head);
      expect(text).toMatch(
        /^HTTP\/1\.1 408 [\s\S]*application\/problem\+json[\s\S]*"code":"request_timeout"/,
      );
      expect(ms).toBeLessThan(limitSeconds * 1000 + graceMs);
    },
    'http-015': async () => {
      const drips = Array.from({ length: 200 }, () =>
        drip(`POST /agent/search HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nX-Slow: `),
      );
      const started = performance.now();
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(2000);
      const closed = await Promise.all(drips);
      for (const { text, ms } of closed) {
        expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
        expect(ms).toBeLessThan(limitSeconds * 1000 + graceMs);
      }
    },
    'http-041': async () => {
      const statuses: number[] = [];
      let last: Response | undefined;
      for (let round = 0; round < 200; round++) {
        last = await fetch(`${server.url}/agent/search`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-forwarded-for': `203.0.113.${round}`,
            'x-real-ip': `203.0.113.${round}`,
          },
          body: '{"prompt":"a","answer":false}',
        });
        statuses.push(last.status);
      }
      expect(statuses.slice(0, 100)).toEqual(Array(100).fill(200));
      expect(statuses.slice(100)).toEqual(Array(100).fill(429));
      const body = (await last?.json()) as { code: string } | undefined;
      expect([Number(last?.headers.get('retry-after')) > 0, body?.code]).toEqual([true, 'rate_limited']);
    },
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 60_000);
});
