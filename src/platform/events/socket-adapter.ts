import type { IncomingMessage, ServerResponse } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import { defaultDetail } from '../../common/errors.js';
import { randomHex } from '../../common/random-hex.js';
import type { Env } from '../../config/env.js';

/**
 * Maximum bytes of one packet from a client: far more than a subscription needs, so that an invalid one still
 * gets an answer.
 */
const maxPacketBytes = 512 * 1024;
/** Seconds a transport may stay open without a namespace. */
const connectTimeoutSeconds = 10;

/**
 * Socket.IO over websockets. Clients that begin with polling, as they do unless they are told not to, are
 * served by a process that is alone: one of several would be asked for the connections of another, and says
 * so. Each process sends events to its own sockets, so the in-memory adapter is right for every driver.
 */
class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly env: Env,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    // A refusal with a code needs an open transport for a moment. Above this number, the handshake itself is
    // refused.
    const mostTransports = this.env.WEBSOCKET_MAX_CONNECTIONS * 2 + 1000;
    const server: Server = super.createIOServer(port, {
      ...options,
      transports: isAlone(this.env) ? ['polling', 'websocket'] : ['websocket'],
      serveClient: false,
      cors: { origin: this.env.ALLOWED_ORIGINS },
      perMessageDeflate: false,
      maxHttpBufferSize: maxPacketBytes,
      connectTimeout: connectTimeoutSeconds * 1000,
      pingInterval: 25_000,
      pingTimeout: 20_000,
      allowRequest: (_request, answer) => answer(null, server.engine.clientsCount < mostTransports),
    } as ServerOptions);
    server.engine.use(refuseForeignPages);
    if (!isAlone(this.env)) server.engine.use(refusePolling);
    return server;
  }
}

/**
 * A page of another site may load an address as a script, or without looking at the answer, and names no
 * origin then. As a script (`j`, JSONP) it could even read the events.
 */
function refuseForeignPages(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isScript = new URLSearchParams(request.url?.split('?')[1]).has('j');
  const isForeign = origin === undefined && (site === 'cross-site' || site === 'same-site');
  if (!isScript && !isForeign) return next();
  // of an upgrade, the response is a stand-in that can only be ended
  response.statusCode = 400;
  response.end();
}

/**
 * Refuses a client that begins with polling, in a way that the client understands: the answer opens a session
 * and refuses the namespace in it, so that the client ends with the reason and does not try again for ever.
 */
function refusePolling(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const query = new URLSearchParams(request.url?.split('?')[1]);
  if (query.get('transport') !== 'polling' || query.has('sid') || request.method !== 'GET') return next();
  const session = { sid: randomHex(10), upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 };
  const code = 'websocket_required';
  const refusal = { message: code, data: { code, detail: defaultDetail(code) } };
  response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8', 'cache-control': 'no-store' });
  // packets of Engine.IO, with U+001E between: open, message (of Socket.IO: the refusal), close
  response.end([`0${JSON.stringify(session)}`, `44${JSON.stringify(refusal)}`, '1'].join('\u001e'));
}

/** Events that stay in the process reach no other. */
const isAlone = ({ REDIS_URL, API_PROCESSES }: Env): boolean =>
  REDIS_URL === undefined && API_PROCESSES === 1;

/** The adapter for `app.useWebSocketAdapter`. */
export const createSocketAdapter = (app: INestApplicationContext, env: Env): IoAdapter =>
  new SocketAdapter(app, env);
