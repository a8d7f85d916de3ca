import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { Server, ServerOptions } from 'socket.io';
import type { Env } from '../../config/env.js';

/**
 * Maximum bytes of one packet from a client: far more than a subscription needs, so that an invalid one still
 * gets an answer.
 */
const maxPacketBytes = 512 * 1024;
/** Seconds a transport may stay open without a namespace. */
const connectTimeoutSeconds = 10;

/**
 * Socket.IO over websockets only: polling would need sticky sessions in a cluster. Each process sends events
 * to its own sockets, so the in-memory adapter is right for every driver.
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
      transports: ['websocket'],
      allowUpgrades: false,
      serveClient: false,
      perMessageDeflate: false,
      maxHttpBufferSize: maxPacketBytes,
      connectTimeout: connectTimeoutSeconds * 1000,
      pingInterval: 25_000,
      pingTimeout: 20_000,
      allowRequest: (_request, answer) => answer(null, server.engine.clientsCount < mostTransports),
    } as ServerOptions);
    return server;
  }
}

/** The adapter for `app.useWebSocketAdapter`. */
export const createSocketAdapter = (app: INestApplicationContext, env: Env): IoAdapter =>
  new SocketAdapter(app, env);
