import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { Problem, toFailure } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { AuthService } from '../auth/auth.service.js';
import { parseCredential, type Credential } from '../auth/credential.js';
import { Connections } from './connections.js';
import { FanOut } from './fan-out.js';
import { credentialOfAddress } from './handshake.js';
import { endWith, PlainConnection } from './plain-connection.js';
import { reaches } from './rooms.js';
import { SocketAdmission } from './socket-admission.js';
import { SocketRequests, type Answer } from './socket-requests.js';
import { packetBucket } from './token-bucket.js';

const maxMessageBytes = 64 * 1024;
/** How long a client without a credential has to send one. */
const firstMessageMs = 10_000;
const pingMs = 25_000;
const pongMs = 20_000;

/**
 * A message of the client: `{"type":"subscribe", …}`, `{"type":"unsubscribe", …}`, and before either
 * `{"token":"…"}`.
 */
type Message = Record<string, unknown> & { type?: unknown; token?: unknown };

/**
 * Plain WebSockets at `/ws`, for clients that do not speak Socket.IO: the same principals, rooms and limits.
 */
@Injectable()
export class PlainSockets {
  private readonly logger = new Logger('Realtime');
  private readonly listeners = new Set<PlainConnection>();
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  });

  constructor(
    private readonly env: Env,
    private readonly admission: SocketAdmission,
    private readonly auth: AuthService,
    private readonly connections: Connections,
    private readonly requests: SocketRequests,
    private readonly fanOut: FanOut,
  ) {}

  /**
   * Handles upgrades of an HTTP server without `EIO=`, the sign of Engine.IO; other upgrades keep their
   * handlers.
   */
  takeFrom(server: EventEmitter): void {
    type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
    const others = server.listeners('upgrade') as Upgrade[];
    server.removeAllListeners('upgrade');
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (isPlain(request)) this.upgrade(request, socket, head);
      else for (const other of others) other.call(server, request, socket, head);
    });
    this.fanOut.add((event, rooms) => {
      let text: string | undefined;
      for (const listener of this.listeners)
        if (reaches(rooms, listener.hears)) listener.send((text ??= JSON.stringify(event.notification)));
    });
  }

  /** Ends all remaining sockets at once, admitted or not. */
  cutAll(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const address = this.admission.findAddress(request.socket.remoteAddress ?? '', request.headers);
    try {
      this.admission.assertMayAsk(request.headers);
      if (this.server.clients.size >= this.env.WEBSOCKET_MAX_CONNECTIONS * 2 + 1000)
        throw new Problem('too_many_connections');
    } catch (error) {
      refuseUpgrade(socket, error);
      return;
    }
    this.server.handleUpgrade(request, socket, head, (client) => this.greet(client, request, address));
  }

  private greet(client: WebSocket, request: IncomingMessage, address: string): void {
    const bucket = packetBucket();
    // a message beyond the limits or outside of the protocol: `ws` closes with the right code
    client.on('error', () => undefined);
    client.on('message', () => {
      if (!bucket.take()) endWith(client, 'rate_limited', 'The client sends too many messages.');
    });
    keepAlive(client);
    const credential = credentialOfAddress(parseAddress(request), request.headers);
    if (credential || this.env.AUTH === 'none') this.serve(client, credential, address);
    else this.awaitToken(client, address);
  }

  /** The first message proves who the client is. */
  private awaitToken(client: WebSocket, address: string): void {
    const refuse = () => endWith(client, 'unauthenticated', 'The first message must be {"token": "…"}.');
    const late = setTimeout(refuse, firstMessageMs).unref();
    client.once('close', () => clearTimeout(late));
    client.once('message', (data) => {
      clearTimeout(late);
      const token = parseMessage(data)?.token;
      if (typeof token === 'string' && token !== '') this.serve(client, parseCredential(token), address);
      else refuse();
    });
  }

  /** Handles the client's messages in order, after its authentication. */
  private serve(client: WebSocket, credential: Credential | undefined, address: string): void {
    let last = this.admit(client, credential, address);
    client.on('message', (data) => {
      last = last.then(async (connection) => {
        if (connection) await this.hear(client, connection, data);
        return connection;
      });
    });
  }

  /** Undefined for a client that was refused and told so. */
  private async admit(
    client: WebSocket,
    credential: Credential | undefined,
    address: string,
  ): Promise<PlainConnection | undefined> {
    try {
      const principal = await this.admission.identify(credential, address);
      if (client.readyState !== client.OPEN) return undefined;
      const recheck = () => this.auth.recheck(credential, principal);
      const connection = new PlainConnection(client, principal, address, this.fanOut.newest, recheck);
      this.connections.add(connection);
      this.listeners.add(connection);
      client.once('close', () => {
        this.listeners.delete(connection);
        this.connections.remove(connection.id);
      });
      client.on('pong', () => void (connection.lastSeen = Date.now()));
      return connection;
    } catch (error) {
      const { code, detail } = this.makeFailure(error);
      endWith(client, code, detail);
      return undefined;
    }
  }

  private async hear(client: WebSocket, connection: PlainConnection, data: RawData): Promise<void> {
    connection.lastSeen = Date.now();
    const answer = await this.answer(connection, parseMessage(data)).catch((error: unknown): Answer => {
      const { code, detail } = this.makeFailure(error);
      return { ok: false, code, detail };
    });
    if (client.readyState === client.OPEN) client.send(JSON.stringify(makeFrame(answer)));
  }

  private async answer(connection: PlainConnection, message: Message | undefined): Promise<Answer> {
    const { type, ...payload } = message ?? {};
    if (type === 'subscribe') return this.requests.subscribe(connection, payload);
    if (type === 'unsubscribe') return this.requests.unsubscribe(connection, payload);
    // clients keep a connection alive so, or prove themselves once more
    if (type === 'ping' || payload.token !== undefined) return { ok: true };
    throw new Problem('unknown_event', 'The socket takes messages of type subscribe, unsubscribe and ping.');
  }

  private makeFailure(error: unknown) {
    const failure = toFailure(error);
    if (failure.code === 'internal')
      this.logger.error('a plain socket failed', error instanceof Error ? error.stack : String(error));
    return failure;
  }
}

const parseAddress = (request: IncomingMessage): URL => new URL(request.url ?? '/', 'http://socket');

const isPlain = (request: IncomingMessage): boolean =>
  URL.canParse(request.url ?? '/', 'http://socket') &&
  /^\/ws\/?$/.test(parseAddress(request).pathname) &&
  !parseAddress(request).searchParams.has('EIO');

const makeFrame = (answer: Answer) =>
  answer.ok ? { type: 'ok' } : { type: 'error', code: answer.code, detail: answer.detail };

/** The JSON object of a text frame; undefined for anything else. */
function parseMessage(data: RawData): Message | undefined {
  try {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Message)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a connection whose other end is gone without a word. */
function keepAlive(client: WebSocket): void {
  let late: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    client.ping();
    late ??= setTimeout(() => client.terminate(), pongMs).unref();
  }, pingMs).unref();
  client.on('pong', () => {
    clearTimeout(late);
    late = undefined;
  });
  client.once('close', () => {
    clearInterval(beat);
    clearTimeout(late);
  });
}

/** Refuses a handshake with an HTTP answer. */
function refuseUpgrade(socket: Duplex, error: unknown): void {
  const problem = error instanceof Problem ? error : new Problem('internal');
  const body = JSON.stringify({ code: problem.code, detail: problem.detail, status: problem.status });
  socket.end(
    [
      `HTTP/1.1 ${problem.status} Refused`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
