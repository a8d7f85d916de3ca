import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { multipartType, sendRaw } from './bad-inputs.js';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}
interface Uploaded {
  id: string;
  task_id: string;
}
const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );

describe('concurrent requests', () => {
  let server: RunningServer;
  let model: ScriptedModel;
  let dataDir: string;
  const settings = () => ({
    DATA_DIR: dataDir,
    OPENAI_API_BASE: model.url,
    OPENAI_EMBEDDING_DIMENSIONS: '64',
    SWEEP_INTERVAL_SECONDS: '0.5',
    UPLOAD_INTENT_SECONDS: '10',
    TASK_MAX_ATTEMPTS: '1',
    SHUTDOWN_GRACE_SECONDS: '6',
  });
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-races-'));
    model = await scriptedModel({ reply: () => 'The paper is about leave. [1]' });
    server = await startServer(settings());
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    await model.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const read = async (answer: Response): Promise<Answer> => ({
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    read(
      await fetch(server.url + path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
  const upload = async (set: string, content: string, key?: string) => {
    const form = new FormData();
    form.append('document_set', set);
    form.append('files', new Blob([content]), 'a.txt');
    return read(
      await fetch(`${server.url}/agent/upload`, {
        method: 'POST',
        body: form,
        headers: key ? { 'idempotency-key': key } : {},
      }),
    );
  };
  const only = ({ body }: Answer): Uploaded =>
    (body['documents'] as Uploaded[])[0] ?? { id: '', task_id: '' };
  const ended = (task: string) =>
    eventually(async () => {
      const { body } = await call('GET', `/agent/status/${task}?wait=5`);
      expect(body['status']).toMatch(/SUCCESS|FAILURE|REVOKED/);
      return body;
    }, 180_000);
  const ready = async (set: string, content: string): Promise<string> => {
    const { id, task_id } = only(await upload(set, content));
    expect((await ended(task_id))['status']).toBe('SUCCESS');
    return id;
  };
  /** Nothing is embedded while it runs. */
  const whileHeld = async <T>(run: () => Promise<T>): Promise<T> => {
    const held = model.hold('embeddings');
    try {
      return await run();
    } finally {
      held.release();
    }
  };
  const incoming = () => filesUnder(join(dataDir, 'blobs')).filter((name) => name.startsWith('incoming'));
  const listed = async (set: string) =>
    (await call('GET', `/agent/documents?document_set=${set}`)).body['documents'] as { status: string }[];
  /** An upload whose second half is sent on order. */
  const slowUpload = (key: string) => {
    const head = `--docent-bad-inputs\r\nContent-Disposition: form-data; name="files"; filename="slow.txt"\r\n\r\nfirst half `;
    const tail = 'second half\r\n--docent-bad-inputs--\r\n';
    const { hostname, port } = new URL(server.url);
    const request = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: '/agent/upload',
      headers: {
        'content-type': multipartType,
        'content-length': head.length + tail.length,
        'idempotency-key': key,
      },
    });
    const status = new Promise<number>((resolve) => {
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', () => resolve(0));
    });
    request.write(head);
    return { status, finish: () => request.end(tail) };
  };

  const cases = makeCases('races.spec.ts', {
    'race-001': async () => {
      const [first, second] = [await upload('r1', 'same', 'key-1'), await upload('r1', 'same', 'key-1')];
      expect([first.status, second.status, second.body]).toEqual([202, 202, first.body]);
      expect([first.headers.get('idempotent-replay'), second.headers.get('idempotent-replay')]).toEqual([
        null,
        'true',
      ]);
      expect(await listed('r1')).toHaveLength(1);
    },
    'race-002': async () => {
      await upload('r2', 'one', 'key-2');
      const second = await upload('r2', 'two', 'key-2');
      expect([second.status, second.body['code']]).toEqual([422, 'idempotency_mismatch']);
      expect(await listed('r2')).toHaveLength(1);
    },
    'race-003': async () => {
      const slow = slowUpload('key-3');
      await eventually(() => expect(incoming()).toHaveLength(1));
      const second = await call(
        'POST',
        '/agent/summarize',
        { filename: 'nobody.txt' },
        { 'idempotency-key': 'key-3' },
      );
      expect([second.status, second.body['code'], Number(second.headers.get('retry-after')) > 0]).toEqual([
        409,
        'request_in_progress',
        true,
      ]);
      slow.finish();
      expect(await slow.status).toBe(202);
    },
    'race-004': async () => {
      const long = await upload('r4', 'x', 'k'.repeat(300));
      expect([long.status, long.body['code']]).toEqual([422, 'validation_failed']);
      const { host } = new URL(server.url);
      const raw = await sendRaw(
        server.url,
        `POST /agent/async HTTP/1.1\r\nHost: ${host}\r\nIdempotency-Key: a\x01b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        5000,
      );
      expect(raw.status).toBe(400);
      expect(await listed('r4')).toEqual([]);
    },
    'race-006': async () => {
      const { id, task_id } = await whileHeld(async () => {
        const made = only(await upload('r6', 'deleted before it was read'));
        expect((await call('DELETE', `/agent/documents/${made.id}`)).status).toBe(200);
        return made;
      });
      expect((await ended(task_id))['status']).toBe('REVOKED');
      expect((await call('GET', `/agent/documents/${id}/chunks`)).status).toBe(404);
      const { documents } = (await call('GET', '/agent/documents?limit=200')).body as {
        documents: unknown[];
      };
      await eventually(() => {
        expect(
          filesUnder(join(dataDir, 'blobs')).filter((name) => name.startsWith('originals')),
        ).toHaveLength(documents.length);
        expect(
          filesUnder(join(dataDir, 'blobs')).filter((name) => name.startsWith('parsed')).length,
        ).toBeLessThanOrEqual(documents.length);
      }, 180_000);
    },
    'race-009': async () => {
      const id = await ready('r9', 'twice deleted');
      const statuses = await Promise.all(
        [1, 2].map(async () => (await call('DELETE', `/agent/documents/${id}`)).status),
      );
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 404]);
    },
    'race-010': async () => {
      model.fault('embeddings', { kind: 'rejected', times: Infinity });
      const { id, task_id } = only(await upload('r10', 'fails once'));
      expect((await ended(task_id))['status']).toBe('FAILURE');
      model.clearFaults();
      model.forget();
      const statuses = await whileHeld(() =>
        Promise.all(
          Array.from(
            { length: 20 },
            async () => (await call('POST', `/agent/tasks/${task_id}/retry`)).status,
          ),
        ),
      );
      expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
      expect((await ended(task_id))['status']).toBe('SUCCESS');
      expect((await call('GET', `/agent/documents/${id}`)).body['status']).toBe('ready');
      expect(model.requests('embeddings')).toHaveLength(1);
    },
    'race-011': async () => {
      const id = await ready('r11', 'The lighthouse keeper polishes the lens.');
      const search = async () => {
        const { status, body } = await call('POST', '/agent/search', {
          prompt: 'lighthouse lens',
          answer: false,
          document_set: 'r11',
        });
        return { status, found: (body['results'] as unknown[]).length };
      };
      const before = Array.from({ length: 50 }, search);
      expect((await call('DELETE', `/agent/documents/${id}`)).status).toBe(200);
      const after = await Promise.all(Array.from({ length: 50 }, search));
      expect(new Set((await Promise.all(before)).map(({ status }) => status))).toEqual(new Set([200]));
      expect(after).toEqual(after.map(() => ({ status: 200, found: 0 })));
    },
    'race-012': async () => {
      await ready('r12', 'A paper about leave. Leave is 25 days a year.');
      const asked = await Promise.all(
        [1, 2].map(() => call('POST', '/agent/summarize', { filename: 'a.txt', document_set: 'r12' })),
      );
      expect(asked.map(({ status }) => status)).toEqual([202, 202]);
      for (const { body } of asked) expect((await ended(String(body['task_id'])))['status']).toBe('SUCCESS');
      const { summaries } = (await call('GET', '/agent/summaries?document_set=r12')).body as {
        summaries: { summary_text: string }[];
      };
      expect(new Set(summaries.map(({ summary_text }) => summary_text)).size).toBe(1);
      expect(summaries[0]?.summary_text).toContain('The paper is about leave.');
    },
    // the last one: it ends the server and starts it again
    'race-013': async () => {
      const slow = slowUpload('key-13');
      await eventually(() => expect(incoming()).toHaveLength(1));
      const started = performance.now();
      expect(await server.stop('SIGTERM')).toBe(0);
      expect(performance.now() - started).toBeLessThan(9000);
      expect([0, 202, 503]).toContain(await slow.status);
      server = await startServer(settings());
      await eventually(() => expect(incoming()).toEqual([]), 20_000);
    },
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 60_000);

  it('logs a client that leaves in the middle of its upload as gone, and not as an error', async () => {
    const { hostname, port, host } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const part = '--B\r\ncontent-disposition: form-data; name="files"; filename="left.md"\r\n\r\n';
    socket.write(
      `POST /agent/upload HTTP/1.1\r\nhost: ${host}\r\ncontent-type: multipart/form-data; boundary=B\r\n` +
        `content-length: 5000000\r\n\r\n${part}${'x'.repeat(200_000)}`,
    );
    await eventually(() => expect(incoming()).toHaveLength(1));
    socket.destroy();
    await eventually(() => expect(server.log()).toContain('POST /agent/upload 499'));
    await eventually(() => expect(incoming()).toEqual([]), 20_000);
    expect(server.log()).not.toContain('"level":"error"');
  }, 60_000);

  it('ended without a 500', () => {
    expect(server.log()).not.toMatch(/"status":500|"statusCode":500|unhandledRejection/);
  });
});
