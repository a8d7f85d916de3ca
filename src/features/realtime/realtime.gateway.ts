import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { toFailure } from '../../common/errors.js';
import { AuthService } from '../auth/auth.service.js';
import { Connections } from './connections.js';
import { FanOut } from './fan-out.js';
import { credentialOfHandshake } from './handshake.js';
import { PlainSockets } from './plain-sockets.js';
import { SocketAdmission } from './socket-admission.js';
import { getId, SocketConnection, terminate } from './socket-connection.js';
import { SocketRequests, type Answer } from './socket-requests.js';
import { SocketSessions, type SocketSession } from './socket-sessions.js';
import { packetBucket } from './token-bucket.js';

type Acknowledge = (answer: Answer) => void;

/**
 * Socket.IO at `/ws`. The server sends `notification`, and `error` with a code before it ends a connection; a
 * client sends `subscribe` and `unsubscribe`. A client that reconnects has its subscriptions again, and hears
 * what it missed. Handlers are bound here instead of by decorators, so that
 * guards and pipes for HTTP do not run.
 */
@WebSocketGateway({ path: '/ws' })
export class RealtimeGateway implements OnGatewayInit, OnGatewayConnection, BeforeApplicationShutdown {
  private readonly logger = new Logger('Realtime');
  private readonly admitted = new Map<string, SocketConnection>();
  private readonly formerSessions = new WeakMap<SocketConnection, SocketSession>();
  /** Every open transport, admitted or not. */
  private readonly transports = new Set<Socket['conn']>();

  constructor(
    private readonly admission: SocketAdmission,
    private readonly auth: AuthService,
    private readonly connections: Connections,
    private readonly requests: SocketRequests,
    private readonly fanOut: FanOut,
    private readonly plain: PlainSockets,
    private readonly sessions: SocketSessions,
  ) {}

  afterInit(server: Server): void {
    this.plain.takeFrom(server.httpServer);
    server.use(
      (socket, next) =>
        void this.admit(socket).then(
          () => next(),
          (error: unknown) => this.refuse(socket, next, error),
        ),
    );
    server.engine.on('connection', (transport: Socket['conn']) => {
      this.transports.add(transport);
      transport.once('close', () => this.transports.delete(transport));
      this.limit(transport);
    });
    // encoded once, however many sockets are in the rooms
    this.fanOut.add((event, rooms) => server.to(rooms).emit('notification', event.notification));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.connections.endAll();
    for (const transport of this.transports) terminate(transport);
    this.plain.cutAll();
  }

  handleConnection(socket: Socket): void {
    const connection = this.admitted.get(getId(socket));
    if (!connection) {
      socket.disconnect(true);
      return;
    }
    socket.use(([event, ...rest], next) => {
      connection.lastSeen = Date.now();
      if (event === 'subscribe' || event === 'unsubscribe') next();
      else
        acknowledge(rest, {
          ok: false,
          code: 'unknown_event',
          detail: 'Unknown event. Send subscribe or unsubscribe.',
        });
    });
    socket.on(
      'subscribe',
      (...rest: unknown[]) =>
        void this.answer(rest, (payload) => this.requests.subscribe(connection, payload)),
    );
    socket.on(
      'unsubscribe',
      (...rest: unknown[]) =>
        void this.answer(rest, (payload) => this.requests.unsubscribe(connection, payload)),
    );
    this.listen(connection, socket);
  }

  private listen(connection: SocketConnection, socket: Socket): void {
    const former = this.formerSessions.get(connection);
    connection.joinedAt = former?.since ?? this.fanOut.newest;
    connection.followPings(() => this.fanOut.newest);
    connection.settle();
    if (former) void this.repeatMissed(connection, former.since);
    socket.on('disconnect', (reason) => {
      // A client that said farewell, or whose system did, had read what was sent. One that fell silent had not.
      if (!connection.isCut && reason !== 'ping timeout') connection.received = this.fanOut.newest;
      void this.sessions.keep(connection);
    });
  }

  /** What the client of a lost connection would have heard meanwhile. */
  private async repeatMissed(connection: SocketConnection, since: string): Promise<void> {
    try {
      const { principal, interests } = connection;
      const missed = await this.fanOut.missed(principal.tenant, since, interests.rooms());
      for (const notification of missed) connection.notify(notification);
    } catch (error) {
      this.logger.warn({ err: error, msg: 'missed events could not be repeated' });
    }
  }

  /** Authenticates the socket and checks that there is room for one more. */
  private async admit(socket: Socket): Promise<void> {
    const { headers, auth, address: peer } = socket.handshake;
    const address = this.admission.findAddress(peer, headers);
    this.admission.assertMayAsk(headers);
    const credential = credentialOfHandshake(auth, headers);
    const principal = await this.admission.identify(credential, address);
    const connection = new SocketConnection(socket, principal, address, () =>
      this.auth.recheck(credential, principal),
    );
    const former = await this.sessions.takeUp(principal, auth['pid']);
    if (former) {
      connection.interests.restore(former);
      this.formerSessions.set(connection, former);
    }
    this.connections.add(connection);
    this.admitted.set(connection.id, connection);
    const leave = () => {
      this.admitted.delete(connection.id);
      this.connections.remove(connection.id);
    };
    socket.conn.once('close', leave);
    if (socket.conn.readyState !== 'open') leave();
  }

  private refuse(socket: Socket, next: (error: Error) => void, error: unknown): void {
    const { code, detail } = toFailure(error);
    if (code === 'internal')
      this.logger.error('A handshake failed', error instanceof Error ? error.stack : String(error));
    next(Object.assign(new Error(code), { data: { code, detail } }));
    // Refused clients may not keep a transport: it closes when the refusal has been written.
    if (!this.admitted.has(getId(socket))) setImmediate(() => socket.conn.close());
  }

  /** Counts all packets of a transport, admitted or not. */
  private limit(transport: Socket['conn']): void {
    const bucket = packetBucket();
    transport.on('packet', () => {
      if (bucket.take()) return;
      const connection = this.admitted.get((transport as unknown as { id: string }).id);
      if (connection) connection.end('rate_limited');
      else transport.close(true);
    });
  }

  private async answer(rest: unknown[], run: (payload: unknown) => Answer | Promise<Answer>): Promise<void> {
    const [payload] = rest;
    try {
      acknowledge(rest, await run(typeof payload === 'function' ? undefined : payload));
    } catch (error) {
      const { code, detail } = toFailure(error);
      if (code === 'internal')
        this.logger.error('A socket request failed', error instanceof Error ? error.stack : String(error));
      acknowledge(rest, { ok: false, code, detail });
    }
  }
}

/** Answers where the client has asked for an answer. */
function acknowledge(rest: unknown[], answer: Answer): void {
  const last = rest.at(-1);
  if (typeof last === 'function') (last as Acknowledge)(answer);
}
