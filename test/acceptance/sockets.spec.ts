import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

const key = 'an-api-key-for-sockets-of-enough-characters';
const uuid = '0190a0b0-0000-7000-8000-000000000001';

describe('bad sockets', () => {
  let server: RunningServer;
  let issuer: TokenIssuer;
  const open: Socket[] = [];

  beforeAll(async () => {
    issuer = await tokenIssuer();
    server = await startServer({
      AUTH: 'required',
      API_KEYS: key,
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      WEBSOCKET_MAX_CONNECTIONS: '400',
      WEBSOCKET_MAX_PER_SUBJECT: '20',
    });
  }, 180_000);
  afterEach(() => {
    for (const socket of open.splice(0)) socket.disconnect();
  });
  afterAll(async () => {
    await server.stop();
    await issuer.close();
  });

  interface Heard {
    socket: Socket;
    /** Codes of `error` events. */
    errors: string[];
    disconnected: Promise<void>;
  }
  const connect = (
    auth: object = { token: key },
    options: Partial<ManagerOptions & SocketOptions> = {},
  ): Promise<Heard> => {
    const socket = io(server.url, {
      path: '/ws',
      transports: ['websocket'],
      auth,
      reconnection: false,
      forceNew: true,
      ...options,
    });
    open.push(socket);
    const errors: string[] = [];
    socket.on('error', ({ code }: { code: string }) => errors.push(code));
    const disconnected = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve({ socket, errors, disconnected }));
      socket.once('connect_error', reject);
    });
  };
  const refusal = (attempt: Promise<unknown>): Promise<unknown> =>
    attempt.then(
      () => 'let in',
      (error: { data?: { code?: string } }) => error.data?.code,
    );
  const asked = async (event: string, payload: unknown): Promise<{ code?: string }> =>
    (await connect()).socket.timeout(5000).emitWithAck(event, payload) as Promise<{ code?: string }>;
  /** Speaks Engine.IO by hand; resolves when the server has closed. */
  const closedAfter = (packets: string[]): Promise<void> =>
    new Promise((resolve) => {
      const raw = new WebSocket(`${server.url.replace('http', 'ws')}/ws/?EIO=4&transport=websocket`);
      raw.addEventListener('open', () => packets.forEach((packet) => raw.send(packet)));
      raw.addEventListener('close', () => resolve());
    });
  const token = async (seconds: number) => ({
    token: await issuer.token({ exp: Math.floor(Date.now() / 1000) + seconds }),
  });
  const join = `40${JSON.stringify({ token: key })}`;

  const rows = makeCases('sockets.spec.ts', {
    'socket-001': async () => expect(await refusal(connect({}))).toBe('unauthenticated'),
    'socket-002': async () => expect(await refusal(connect(await token(-61)))).toBe('token_expired'),
    'socket-004': async () => {
      const { errors, disconnected } = await connect(await token(3));
      await disconnected;
      expect(errors).toEqual(['token_expired']);
    },
    'socket-007': async () => expect((await asked('join', 'tenant:other')).code).toBe('unknown_event'),
    'socket-010': async () =>
      expect((await asked('subscribe', { task_id: { a: 1 } })).code).toBe('validation_failed'),
    'socket-011': async () =>
      expect(
        (
          await asked(
            'subscribe',
            Array.from({ length: 10_000 }, () => uuid),
          )
        ).code,
      ).toBe('validation_failed'),
    'socket-012': async () => {
      const { socket } = await connect();
      socket.emit('subscribe');
      expect(await socket.timeout(5000).emitWithAck('subscribe', {})).toEqual({ ok: true });
    },
    'socket-013': async () => {
      const { socket, errors, disconnected } = await connect();
      const flood = setInterval(() => {
        for (let count = 0; count < 10; count++) socket.emit('subscribe', { task_id: uuid });
      }, 10);
      await disconnected;
      clearInterval(flood);
      expect(errors).toEqual(['rate_limited']);
    },
    'socket-014': async () => {
      const codes = await Promise.all(Array.from({ length: 300 }, () => refusal(connect())));
      expect(codes.filter((code) => code === 'let in').length).toBeLessThanOrEqual(20);
      expect(new Set(codes)).toEqual(new Set(['let in', 'too_many_connections']));
    },
    'socket-019': () => closedAfter([join, '42["disconnect"]']),
    'socket-021': () => closedAfter([join, `42${'['.repeat(30_000)}`]),
    'socket-022': async () =>
      expect(
        await refusal(connect({ token: key }, { extraHeaders: { origin: 'https://evil.example' } })),
      ).toBe('origin_not_allowed'),
    'socket-023': async () =>
      expect((await fetch(`${server.url}/ws/?EIO=4&transport=polling&j=0`)).status).toBe(400),
    'socket-025': async () => {
      const [{ socket: liar }, { socket: other }] = [await connect(), await connect()];
      const heard: unknown[] = [];
      other.on('notification', (notification) => heard.push(notification));
      liar.emit('notification', { id: '1-1', status: 'completed' });
      expect(await liar.timeout(5000).emitWithAck('subscribe', {})).toEqual({ ok: true });
      expect(heard).toEqual([]);
    },
  });

  it.each(rows)(
    '%s: %s',
    async (_id, _how, run) => {
      const pid = server.process?.pid;
      await run();
      const health = await fetch(`${server.url}/health`, { signal: AbortSignal.timeout(5000) });
      expect([health.status, server.process?.exitCode ?? null, server.process?.pid]).toEqual([
        200,
        null,
        pid,
      ]);
      expect(server.log()).not.toMatch(/unhandledRejection|uncaughtException|"level":"error"/);
    },
    20_000,
  );

  it.each(['revoked', 'suspended'])(
    'close within five seconds when their key is revoked or its subject suspended: %s',
    async (how) => {
      const admin = { 'x-api-key': key, 'content-type': 'application/json' };
      const body = JSON.stringify({ name: how, subject: how });
      const made = (await (
        await fetch(`${server.url}/agent/keys`, { method: 'POST', headers: admin, body })
      ).json()) as {
        id: string;
        key: string;
      };
      const { socket, errors, disconnected } = await connect({ token: made.key });
      const stream = await fetch(`${server.url}/agent/events`, { headers: { 'x-api-key': made.key } });
      const ended = stream.text();
      expect(socket.connected).toBe(true);
      const started = performance.now();
      const [method, path] =
        how === 'revoked' ? ['DELETE', `keys/${made.id}`] : ['PUT', `suspensions/${how}`];
      expect(
        (await fetch(`${server.url}/agent/${path}`, { method, headers: { 'x-api-key': key } })).status,
      ).toBe(200);
      await disconnected;
      expect(await ended).toContain('event: error\ndata: {"code":"unauthenticated"');
      expect([errors, performance.now() - started < 5000]).toEqual([['unauthenticated'], true]);
    },
    20_000,
  );
});
