import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

const key = 'a-bootstrap-key-of-enough-characters-000';
const asKey = { 'x-api-key': key };

interface Heard {
  type: string;
  code?: string;
  filename?: string;
  document_set?: string;
  status?: string;
}

describe('clients of the service that docent replaces', () => {
  let app: TestApp;
  const open: WebSocket[] = [];
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: key, WEBSOCKET_MAX_CONNECTIONS: '4' });
    const page = { 'notes.txt': 'Leave is 25 days a year.', 'twice.txt': 'One of two.' };
    await app.upload(page, { document_set: 'first' }, asKey);
    await app.upload({ 'twice.txt': 'The other of two.' }, { document_set: 'second' }, asKey);
    await eventually(async () => {
      const { body } = await app.call<{ documents: { status: string }[] }>(
        'GET',
        '/agent/documents',
        undefined,
        asKey,
      );
      expect(body.documents.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
    });
  }, 180_000);
  afterEach(() => open.splice(0).forEach((socket) => socket.terminate()));
  afterAll(() => app.close());

  /** Messages to a plain socket, in order, and the code of its close frame. */
  function plain(query = '', headers: Record<string, string> = {}) {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws${query}`, { headers });
    open.push(socket);
    const heard: Heard[] = [];
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString('utf8')) as Heard));
    const closed = once(socket, 'close').then(([code]) => code as number);
    closed.catch(() => undefined);
    return { socket, heard, closed, say: (message: object) => socket.send(JSON.stringify(message)) };
  }
  const complete = ({ heard }: { heard: Heard[] }) =>
    heard.filter(({ type }) => type === 'ingest_complete').map(({ filename }) => filename);

  it('get a file by its name alone where one set has it, and an error where two have', async () => {
    const one = await fetch(`${app.url}/agent/files/notes.txt`, { headers: asKey });
    expect(await one.text()).toBe('Leave is 25 days a year.');
    expect(one.headers.get('content-disposition')).toContain('notes.txt');
    const two = await app.call('GET', '/agent/files/twice.txt', undefined, asKey);
    expect(two).toMatchObject({ status: 409, body: { code: 'ambiguous_document' } });
    const none = await app.call('GET', '/agent/files/missing.txt', undefined, asKey);
    expect(none).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('hear notifications as text frames at /ws, by a token in the address, a header or the first message', async () => {
    const [byAddress, byHeader, byMessage] = [plain(`?token=${key}`), plain('', asKey), plain()];
    await Promise.all([byAddress, byHeader, byMessage].map(({ socket }) => once(socket, 'open')));
    byMessage.say({ type: 'auth', token: key });
    byHeader.say({ type: 'subscribe', document_set: 'elsewhere' });
    await eventually(async () => {
      const { body } = await app.call<{ sockets: unknown[] }>('GET', '/agent/sockets', undefined, asKey);
      expect(body.sockets).toHaveLength(3);
      expect(byHeader.heard).toEqual([{ type: 'ok' }]);
    });
    await app.upload({ 'heard.txt': 'Something to hear of.' }, { document_set: 'first' }, asKey);
    await eventually(() => {
      expect(complete(byAddress)).toEqual(['heard.txt']);
      expect(complete(byMessage)).toEqual(['heard.txt']);
    });
    expect(complete(byHeader)).toEqual([]);
  });

  it('are refused with a code when the token is wrong, and from a foreign page before the handshake', async () => {
    const wrong = plain('?token=dk_wrong');
    expect(await wrong.closed).toBe(1008);
    expect(wrong.heard).toMatchObject([{ type: 'error', code: 'unauthenticated' }]);
    const foreign = plain(`?token=${key}`, { origin: 'https://evil.example' });
    const [error] = (await once(foreign.socket, 'error')) as [Error];
    expect(error.message).toContain('403');
  });

  it('get an answer and keep their connection when a message makes no sense', async () => {
    const client = plain(`?token=${key}`);
    await once(client.socket, 'open');
    client.socket.send('[[[');
    client.say({ type: 'join', room: 'tenant:other' });
    client.say({ type: 'subscribe', room: 'tenant:other' });
    client.say({ type: 'ping' });
    await eventually(() => expect(client.heard).toHaveLength(4));
    expect(client.heard.map(({ code, type }) => code ?? type)).toEqual([
      'unknown_event',
      'unknown_event',
      'validation_failed',
      'ok',
    ]);
  });

  it('share the limits of Socket.IO, which works as before beside them', async () => {
    const clients = [1, 2, 3].map(() => plain(`?token=${key}`));
    await Promise.all(clients.map(({ socket }) => once(socket, 'open')));
    const modern = io(app.url, { path: '/ws', transports: ['websocket'], auth: { token: key } });
    await new Promise((resolve) => modern.once('connect', () => resolve(undefined)));
    const fifth = plain(`?token=${key}`);
    expect(await fifth.closed).toBe(1013);
    expect(fifth.heard).toMatchObject([{ type: 'error', code: 'too_many_connections' }]);
    modern.disconnect();
  });
});
