import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { also, readDocuments, filesUnder, type Tried } from './bad-input-expectations.js';
import {
  buildBody,
  expand,
  multipartBody,
  multipartType,
  send,
  sendRaw,
  type BadInput,
  type Places,
  type Reply,
} from './bad-inputs.js';
import { findRows } from './rows.js';
import { startServer, type RunningServer } from './server.js';

const limits = { maxFileSize: 200_000 };
const rows = findRows('bad-inputs.spec.ts');
// the row's code for a status that API.md names otherwise, or that has two right names
const sameMeaning: Record<string, string[]> = {
  invalid_json: ['invalid_json', 'validation_failed'],
  validation_failed: ['validation_failed', 'invalid_json', 'bad_request', 'malformed_multipart'],
  method_not_allowed: ['method_not_allowed', 'not_found'],
  not_found: ['not_found', 'uri_too_long'],
};
const leaks = /\bat .+\.(js|ts):\d+|node_modules|\bselect \b.+\bfrom\b|\/(tmp|home|root|work)\//i;

describe('bad inputs', () => {
  let server: RunningServer;
  let places: Places;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-bad-inputs-'));
    server = await startServer({
      DATA_DIR: dataDir,
      MAX_FILE_SIZE: String(limits.maxFileSize),
      REQUEST_TIMEOUT_SECONDS: '2',
      HEADERS_TIMEOUT_SECONDS: '2',
    });
    const accepted = await send(
      server.url,
      'POST',
      '/agent/ingest',
      { 'content-type': 'application/json' },
      Buffer.from('{"files":[{"filename":"mine.txt","content":"a text of mine"}]}'),
    );
    const { documents } = JSON.parse(accepted.body) as { documents: { id: string; task_id: string }[] };
    await send(server.url, 'GET', `/agent/status/${documents[0]?.task_id}?wait=20`, {});
    places = {
      myDoc: documents[0]?.id ?? '',
      randomUuid: randomUUID(),
      host: new URL(server.url).host,
      auth: 'Bearer none',
      canary: '1',
    };
  }, 180_000);

  afterAll(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  /** The state that a refused input must leave as it is; nobody works any more when it is looked at. */
  const state = async (): Promise<Tried['before']> => {
    const { tasks } = JSON.parse((await send(server.url, 'GET', '/agent/tasks?limit=200', {})).body) as {
      tasks: { task_id: string; status: string }[];
    };
    for (const { task_id } of tasks.filter(({ status }) => /PENDING|STARTED|RETRY/.test(status)))
      await send(server.url, 'GET', `/agent/status/${task_id}?wait=20`, {});
    const documents = (await readDocuments(server.url)).map(({ filename }) => filename).toSorted();
    return { documents, files: filesUnder(join(dataDir, 'blobs')) };
  };

  const perform = (row: BadInput): Promise<Reply> => {
    const { request } = row;
    const path = String(expand(request.path ?? '/', places, limits));
    const headers = Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [
        name,
        String(expand(value, places, limits)),
      ]),
    );
    if (request.kind === 'raw') {
      const bytes = String(expand(request.bytes ?? '', places, limits))
        .replace('@search', '/agent/search')
        .replace('@upload', '/agent/upload')
        .replace('@health', '/health')
        .replace('Host: x', `Host: ${places['host']}`);
      return sendRaw(server.url, bytes, 6000);
    }
    if (request.kind === 'http')
      return send(server.url, request.method ?? 'GET', path, headers, buildBody(row, places, limits));
    return send(
      server.url,
      'POST',
      path,
      { 'content-type': multipartType },
      multipartBody(request, places, limits),
    );
  };

  it.each(rows.map((row) => [row.id, row.how, row] as const))(
    '%s: %s',
    async (_id, _how, row) => {
      const checks = (row.expect.also ?? []).map(
        (words) => also[words] ?? (() => expect(`a check for “${words}”`).toBe('there')),
      );
      const pid = server.process?.pid;
      const before = checks.length > 0 ? await state() : { documents: [], files: [] };
      const started = performance.now();
      const reply = await perform(row);
      const ms = performance.now() - started;
      const { status = [], code } = row.expect;
      expect({ status: reply.status, allowed: status, body: reply.body.slice(0, 300) }).toEqual({
        status: status.includes(reply.status) ? reply.status : `one of ${status.join(', ')}`,
        allowed: status,
        body: reply.body.slice(0, 300),
      });
      if (reply.status >= 400 && reply.body) {
        expect(reply.body).not.toMatch(leaks);
        expect(reply.headers['content-type']).toContain('application/problem+json');
      }
      if (code && reply.status >= 400)
        expect(sameMeaning[code] ?? [code]).toContain((JSON.parse(reply.body) as { code: string }).code);
      for (const check of checks)
        await check({ row, reply, ms, url: server.url, places, dataDir, before, log: server.log });
      const health = await send(server.url, 'GET', '/health', {});
      expect([health.status, server.process?.exitCode ?? null, server.process?.pid]).toEqual([
        200,
        null,
        pid,
      ]);
    },
    60_000,
  );

  it('left no unhandled rejection in the log', () => {
    expect(server.log()).not.toMatch(/unhandled|UnhandledPromise/i);
  });
});
