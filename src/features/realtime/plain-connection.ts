import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { defaultDetail, type ErrorCode } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import type { Notification } from '../../platform/events/events.js';
import type { Connection } from './connections.js';
import { Interests } from './rooms.js';
import type { Listener } from './socket-requests.js';

const maxWaitingBytes = 4 * 1024 * 1024;
/** RFC 6455 and the registry of close codes: policy violation, going away, try again later. */
const closeCodes: Partial<Record<ErrorCode, number>> = { not_ready: 1001, too_many_connections: 1013 };
const policyViolation = 1008;

/** One authenticated plain WebSocket: every notification is a text frame of JSON. */
export class PlainConnection implements Connection, Listener {
  readonly kind = 'socket';
  readonly id = randomUUID();
  readonly interests: Interests;
  readonly connectedAt = Date.now();
  lastSeen = this.connectedAt;
  readonly closed: Promise<void>;
  private listened: ReadonlySet<string>;

  constructor(
    private readonly socket: WebSocket,
    readonly principal: Principal,
    readonly address: string,
    readonly joinedAt: string,
    readonly recheck: () => Promise<unknown>,
  ) {
    this.interests = new Interests(principal);
    this.listened = this.interests.rooms();
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  get hears(): ReadonlySet<string> {
    return this.listened;
  }

  rooms(): string[] {
    return [...this.listened];
  }

  settle(): void {
    this.listened = this.interests.rooms();
  }

  notify(notification: Notification): void {
    this.send(JSON.stringify(notification));
  }

  send(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  isSlow(): boolean {
    return this.socket.bufferedAmount > maxWaitingBytes;
  }

  end(code: ErrorCode): void {
    endWith(this.socket, code, defaultDetail(code));
  }

  cut(): void {
    this.socket.terminate();
  }
}

/** Says why in a frame, for people, and in the close frame, for programs. */
export function endWith(socket: WebSocket, code: ErrorCode, detail: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ type: 'error', code, detail }));
  socket.close(closeCodes[code] ?? policyViolation, code);
}
