import type { Socket } from 'socket.io';
import { defaultDetail, type ErrorCode } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { randomHex } from '../../common/random-hex.js';
import type { Notification } from '../../platform/events/events.js';
import type { Connection } from './connections.js';
import { Interests } from './rooms.js';
import type { Listener } from './socket-requests.js';

/**
 * Packets and bytes that may wait for one client: a whole
 * replay fits, a client that does not read gets no further.
 */
const maxWaiting = { packets: 8000, bytes: 4 * 1024 * 1024 };

/** Buffers of engine.io's connection that its types do not declare. */
interface Buffers {
  writeBuffer?: { data?: { length?: number } }[];
  transport?: { socket?: { bufferedAmount?: number; terminate?: () => void } };
}

/** One authenticated Socket.IO client. */
export class SocketConnection implements Connection, Listener {
  readonly kind = 'socket';
  readonly id: string;
  readonly interests: Interests;
  readonly connectedAt = Date.now();
  lastSeen = this.connectedAt;
  /** Id of the newest event when it began to listen. */
  joinedAt = '0-0';
  /** Sent to the client, which sends it again when it reconnects: the `pid` of Socket.IO. */
  readonly sessionId = randomHex(16);
  /** Id of the last event that the client has received for certain. */
  received = '0-0';
  readonly closed: Promise<void>;
  /** Ended by us without asking: what waits for the client is lost. */
  isCut = false;
  private asked = '0-0';

  constructor(
    private readonly socket: Socket,
    readonly principal: Principal,
    readonly address: string,
    readonly recheck: () => Promise<unknown>,
  ) {
    this.id = getId(socket);
    this.interests = new Interests(principal);
    Object.assign(socket, { pid: this.sessionId });
    this.closed = new Promise((resolve) => socket.conn.once('close', () => resolve()));
  }

  rooms(): string[] {
    return [...this.interests.rooms()];
  }

  /** Brings the rooms of the adapter in step with the interests; the in-memory adapter does so at once. */
  settle(): void {
    const wanted = this.interests.rooms();
    for (const room of this.socket.rooms)
      if (room !== this.socket.id && !wanted.has(room)) void this.socket.leave(room);
    void this.socket.join([...wanted]);
  }

  /**
   * A client that answers a ping has received what was sent before it. @param newest id of the newest event
   */
  followPings(newest: () => string): void {
    this.received = newest();
    this.socket.conn.on('packetCreate', ({ type }) => {
      if (type === 'ping') this.asked = newest();
    });
    this.socket.conn.on('packet', ({ type }) => {
      if (type === 'pong') this.received = this.asked;
    });
  }

  notify(notification: Notification): void {
    this.socket.emit('notification', notification);
  }

  isSlow(): boolean {
    const { writeBuffer = [], transport } = this.socket.conn as unknown as Buffers;
    const queued = writeBuffer.reduce((bytes, packet) => bytes + (packet.data?.length ?? 0), 0);
    return (
      writeBuffer.length > maxWaiting.packets ||
      queued + (transport?.socket?.bufferedAmount ?? 0) > maxWaiting.bytes
    );
  }

  end(code: ErrorCode): void {
    this.socket.emit('error', { code, detail: defaultDetail(code) });
    this.socket.disconnect(true);
  }

  cut(): void {
    this.isCut = true;
    terminate(this.socket.conn);
  }
}

/**
 * Ends a transport without the polite close, which waits for the buffer to drain and for the client's answer.
 */
export function terminate(transport: Socket['conn']): void {
  const websocket = (transport as unknown as Buffers).transport?.socket;
  if (websocket?.terminate) websocket.terminate();
  else transport.close(true);
}

/** The id of the transport: one transport is one connection, however often it asks for the namespace. */
export const getId = (socket: Socket): string => (socket.conn as unknown as { id: string }).id;
