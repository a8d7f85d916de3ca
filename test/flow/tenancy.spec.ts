import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import { uuidv7 } from '../../src/common/ids.js';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';

interface Route {
  method: string;
  path: string;
  /** Names of the parameters in its path. */
  parameters: string[];
}
interface Things {
  document: string;
  filename: string;
  document_set: string;
  task: string;
  summary: string;
  key: string;
  subject: string;
}

/**
 * Routes that make or stop what belongs to the caller's own tenant,
 * whatever name is in the path: there is no foreign thing to see.
 */
const ownByName = new Set([
  'PUT /agent/documents/{document_set}/{filename}',
  'PUT /agent/suspensions/{subject}',
  'DELETE /agent/suspensions/{subject}',
]);
/** Routes of the installation, not of a tenant: nobody but an administrator of tenant `default` is let in. */
const operatorsOnly = /^\/agent\/spaces/;
const words = 'The peridot ledger lies in the vault of the north tower.';

describe('another tenant’s things', () => {
  let app: TestApp;
  let issuer: TokenIssuer;
  let routes: Route[];
  let theirs: Things;

  beforeAll(async () => {
    issuer = await tokenIssuer();
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: 'a-bootstrap-key-for-the-tenancy-walk-01',
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      JWT_TENANT_CLAIM: 'org',
    });
    const { body } = await as<{ paths: Record<string, Record<string, unknown>> }>(
      'theirs',
      'GET',
      '/docs-json',
    );
    routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path,
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      })),
    );
    theirs = await made('theirs');
    // so that lists of the one who looks are not empty for want of anything
    await made('mine', 'own');
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await issuer.close();
  });

  async function as<T = Record<string, unknown>>(
    org: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const authorization = `Bearer ${await issuer.token({ org, sub: 'same-name', scope: 'read write admin' })}`;
    return app.call<T>(method, path, body, { authorization, ...headers });
  }
  async function ended(org: string, task: string): Promise<void> {
    for (;;) {
      const { body } = await as(org, 'GET', `/agent/status/${task}?wait=10`);
      if (['SUCCESS', 'FAILURE'].includes(String(body['status']))) return;
    }
  }
  async function made(org: string, prefix = 'peridot'): Promise<Things> {
    const [filename, document_set] = [`${prefix}.md`, `${prefix}_set`];
    const content = prefix === 'peridot' ? words : 'A page of one’s own.';
    const { body } = await as<{ documents: { id: string; task_id: string }[] }>(
      org,
      'POST',
      '/agent/ingest',
      {
        files: [{ filename, content, document_set }],
      },
    );
    const [document] = body.documents;
    await ended(org, document?.task_id ?? '');
    const asked = await as<{ task_id: string }>(org, 'POST', '/agent/summarize', { filename });
    await ended(org, asked.body.task_id);
    const { summaries } = (await as<{ summaries: { id: string }[] }>(org, 'GET', '/agent/summaries')).body;
    const key = (
      await as<{ id: string }>(org, 'POST', '/agent/keys', { name: prefix, subject: `${prefix}-subject` })
    ).body.id;
    return {
      document: document?.id ?? '',
      filename,
      document_set,
      task: document?.task_id ?? '',
      summary: summaries[0]?.id ?? '',
      key,
      subject: `${prefix}-subject`,
    };
  }
  const nobodys = (): Things => ({
    document: uuidv7(),
    filename: 'no-such.md',
    document_set: 'no_such_set',
    task: uuidv7(),
    summary: uuidv7(),
    key: uuidv7(),
    subject: 'no-such',
  });
  /** Every way to fill in the parameters with what the things have: an id route takes each kind of id. */
  const filled = ({ path, parameters }: Route, things: Things, kind: keyof Things): string =>
    parameters.reduce((filled, name) => {
      const value =
        name === 'filename' || name === 'document_set' || name === 'subject' ? things[name] : things[kind];
      return filled.replace(`{${name}}`, encodeURIComponent(value));
    }, path);
  /** An answer without what names the request or repeats what was asked. */
  const told = (answer: Answer, things: Things): string => {
    // errors of the OpenAI-compatible routes carry the request's id one level deeper
    const body = JSON.stringify(answer.body, (key, value: unknown) => (key === 'request_id' ? '' : value));
    return Object.values(things).reduce(
      (text, value) => text.replaceAll(value, '…'),
      `${answer.status} ${body}`,
    );
  };

  it('get the answer for missing resources on every route', async () => {
    const withIds = routes.filter(
      ({ method, path, parameters }) => parameters.length > 0 && !ownByName.has(`${method} ${path}`),
    );
    expect(withIds.length).toBeGreaterThanOrEqual(12);
    const different: string[] = [];
    for (const route of withIds) {
      for (const kind of ['document', 'task', 'summary', 'key', 'filename', 'document_set'] as const) {
        const none = nobodys();
        const [foreign, random] = [
          await as('mine', route.method, filled(route, theirs, kind)),
          await as('mine', route.method, filled(route, none, kind)),
        ];
        const [seen, expected] = [told(foreign, theirs), told(random, none)];
        // a set is deleted behind the answer, whether anything is in it or not
        const alike =
          route.path === '/agent/documentsets/{name}' ? foreign.status === random.status : seen === expected;
        if (!alike) different.push(`${route.method} ${route.path} (${kind}): ${seen} instead of ${expected}`);
        if (foreign.status < 400 && route.path !== '/agent/documentsets/{name}')
          different.push(`${route.method} ${route.path} → ${foreign.status}`);
        if (operatorsOnly.test(route.path)) expect(foreign.status).toBe(403);
      }
    }
    expect(different).toEqual([]);
    expect((await as('theirs', 'GET', `/agent/documents/${theirs.document}`)).body['status']).toBe('ready');
    expect(
      (await as<{ documents: unknown[] }>('theirs', 'GET', '/agent/documents')).body.documents,
    ).toHaveLength(1);
    expect(JSON.stringify((await as('theirs', 'GET', '/agent/keys')).body)).toContain('"revoked_at":null');
  }, 180_000);

  it('are in no list, count or search', async () => {
    const lists = routes.filter(
      ({ method, parameters, path }) =>
        method === 'GET' && parameters.length === 0 && path.startsWith('/agent/') && path !== '/agent/events',
    );
    expect(lists.length).toBeGreaterThanOrEqual(8);
    for (const { path } of lists) {
      const text = JSON.stringify((await as('mine', 'GET', path)).body);
      for (const value of Object.values(theirs)) expect([path, text.includes(value)]).toEqual([path, false]);
    }
    const none = nobodys();
    const bodies: [string, (things: Things) => unknown][] = [
      ['/agent/search', ({ document }) => ({ prompt: words, filter: { document_id: document } })],
      ['/agent/search', ({ document_set }) => ({ prompt: words, document_set })],
      ['/agent/search', ({ filename }) => ({ prompt: words, filter: { filename } })],
      ['/agent/summarize', ({ filename, document_set }) => ({ filename, document_set })],
      ['/agent/summary_qa', ({ filename }) => ({ filename, question: 'where?' })],
      ['/agent/sync', () => ({ prompt: words })],
    ];
    for (const [path, body] of bodies) {
      const [foreign, random] = [
        await as('mine', 'POST', path, body(theirs)),
        await as('mine', 'POST', path, body(none)),
      ];
      const untimed = (text: string) => text.replace(/"took_ms":(?:\d+|\{[^}]*\})/g, '');
      expect([path, untimed(told(foreign, theirs))]).toEqual([path, untimed(told(random, none))]);
      expect(JSON.stringify(foreign.body['results'] ?? [])).not.toContain('peridot');
    }
  });

  it('cannot be reached through cursors or idempotency keys of their owner', async () => {
    for (const filename of ['second.md', 'third.md'])
      await as('theirs', 'POST', '/agent/ingest', {
        files: [{ filename, content: `${filename} of theirs` }],
      });
    const { next_cursor } = (await as<{ next_cursor: string }>('theirs', 'GET', '/agent/documents?limit=1'))
      .body;
    const page = await as('mine', 'GET', `/agent/documents?limit=10&cursor=${next_cursor}`);
    expect(JSON.stringify(page.body)).not.toMatch(/peridot|second|third/);

    const body = { files: [{ filename: 'idem.md', content: 'the same words of both' }] };
    const key = { 'idempotency-key': 'shared-by-chance' };
    const first = await as<{ documents: { id: string }[] }>('theirs', 'POST', '/agent/ingest', body, key);
    const second = await as<{ documents: { id: string }[] }>('mine', 'POST', '/agent/ingest', body, key);
    expect([second.status, second.headers.get('idempotent-replay')]).toEqual([202, null]);
    expect(second.body.documents[0]?.id).not.toBe(first.body.documents[0]?.id);
    const other = await as(
      'mine',
      'POST',
      '/agent/ingest',
      { files: [{ filename: 'else.md', content: 'x' }] },
      key,
    );
    expect(other.body['code']).toBe('idempotency_mismatch');
  });

  it('are not sent to sockets and event streams', async () => {
    const token = await issuer.token({ org: 'mine', sub: 'same-name' });
    const socket: Socket = io(app.url, {
      path: '/ws',
      transports: ['websocket'],
      auth: { token },
      reconnection: false,
      forceNew: true,
    });
    const heard: unknown[] = [];
    socket.on('notification', (notification) => heard.push(notification));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    const subscribe = (payload: unknown) =>
      socket.timeout(5000).emitWithAck('subscribe', payload) as Promise<unknown>;
    expect(await subscribe({ task_id: theirs.task })).toEqual(await subscribe({ task_id: uuidv7() }));
    expect(await subscribe({ document_set: theirs.document_set })).toEqual(
      await subscribe({ document_set: 'no_such_set' }),
    );

    const authorization = `Bearer ${token}`;
    const streams = [`?task_id=${theirs.task}`, `?task_id=${uuidv7()}`, ''];
    const gone = new AbortController();
    const opened = await Promise.all(
      streams.map((query) =>
        fetch(`${app.url}/agent/events${query}`, {
          headers: { authorization, 'last-event-id': '0-1' },
          signal: gone.signal,
        }),
      ),
    );
    expect(opened[0]?.status).toBe(opened[1]?.status);
    const texts = opened.map(async (answer) => {
      let text = '';
      try {
        for await (const piece of answer.body ?? []) text += Buffer.from(piece as Uint8Array).toString();
      } catch {
        // cut below
      }
      return text;
    });
    const { body } = await as<{ documents: { task_id: string }[] }>('theirs', 'POST', '/agent/ingest', {
      files: [{ filename: 'loud.md', content: 'a peridot event', document_set: theirs.document_set }],
    });
    await ended('theirs', body.documents[0]?.task_id ?? '');
    // an event of one's own comes later than theirs: what has not come by then does not come
    await subscribe({});
    const own = await as<{ documents: { task_id: string }[] }>('mine', 'POST', '/agent/ingest', {
      files: [{ filename: 'mine.md', content: 'an own event' }],
    });
    await ended('mine', own.body.documents[0]?.task_id ?? '');
    gone.abort();
    socket.disconnect();
    expect(JSON.stringify(heard)).not.toMatch(/peridot|loud/);
    const [ofTheirs, , ofAll] = await Promise.all(texts);
    expect(`${ofTheirs}${ofAll}`).not.toMatch(/peridot|loud/);
    expect(ofAll).toContain('mine.md');
  }, 180_000);
});
