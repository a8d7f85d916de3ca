import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ApiClient, ApiError } from './client.js';

describe('the client of the command line', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  /** A service that answers with 429 so often before it answers. */
  async function busyService(refusals: number, retryAfter: string, more: object = {}) {
    let requests = 0;
    server = createServer((_request, response) => {
      const isBusy = ++requests <= refusals;
      response.writeHead(isBusy ? 429 : 200, isBusy ? { 'retry-after': retryAfter } : {});
      response.end(
        JSON.stringify(isBusy ? { code: 'rate_limited', detail: 'Wait.', ...more } : { ok: true }),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { client: new ApiClient(`http://127.0.0.1:${port}`), requests: () => requests };
  }

  it('waits as often as the server asks', async () => {
    const { client, requests } = await busyService(8, '0');
    expect(await client.json('GET', '/agent/stats')).toEqual({ ok: true });
    expect(requests()).toBe(9);
  });

  it('waits as long as the server asks, and says so first', async () => {
    const { client } = await busyService(1, '0.4');
    const pauses: unknown[] = [];
    client.onPause = (...told) => pauses.push(told);
    const start = performance.now();
    await client.json('GET', '/agent/stats');
    expect(pauses).toEqual([[400, 'Wait.']]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(390);
  });

  it.each([
    ['the quota of a day', '50000', {}],
    ['what waiting does not mend', '1', { retryable: false }],
  ])('does not wait for %s', async (_case, retryAfter, more) => {
    const { client, requests } = await busyService(9, retryAfter, more);
    await expect(client.json('GET', '/agent/stats')).rejects.toThrow(ApiError);
    expect(requests()).toBe(1);
  });

  it('waits no longer than the caller allows', async () => {
    const { client } = await busyService(9, '60');
    await expect(
      client.request('GET', '/agent/stats', { signal: AbortSignal.timeout(50) }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
