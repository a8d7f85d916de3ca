import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiClient } from './client.js';
import { Output } from './output.js';
import { awaitEnd } from './wait.js';

const running = { type: 'batch', filename: null, status: 'STARTED', progress: 0.5 };
/** Answers of the service, one after the other. */
const answers = [
  { ...running, children: [{ status: 'STARTED', stage: 'parse' }, { status: 'PENDING' }] },
  { ...running, children: [{ status: 'SUCCESS' }, { status: 'PENDING', waiting_on: 'memory' }] },
  { ...running, status: 'SUCCESS', result: null, stages: { parse: 20 } },
];

describe('waiting for a task', () => {
  let service: Server;
  let client: ApiClient;
  let told: string[];
  beforeEach(async () => {
    const left = [...answers];
    service = createServer((_request, response) => response.end(JSON.stringify(left.shift())));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    client = new ApiClient(`http://127.0.0.1:${(service.address() as AddressInfo).port}`);
    told = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    service.close();
  });

  it('shows each change of the task on its own line', async () => {
    expect(await awaitEnd({ client, output: new Output(false) }, '1', 'documents')).toMatchObject({
      status: 'SUCCESS',
    });
    expect(told).toEqual([
      'documents: 0 of 2 done, 1 parse, 1 queued\n',
      'documents: 1 of 2 done, 1 waits for memory\n',
      '[1/1] ready  documents – 20 ms\n',
    ]);
  });

  it('shows nothing with --json', async () => {
    expect(await awaitEnd({ client, output: new Output(true) }, '1')).toMatchObject({ status: 'SUCCESS' });
    expect(told).toEqual([]);
  });
});
