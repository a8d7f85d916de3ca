import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { toFailure, Problem, type ErrorCode } from '../../common/errors.js';
import { Shares } from '../../common/shares.js';
import { Env } from '../../config/env.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { Presence, presenceBeatMs, type ConnectionView } from '../../platform/presence/presence.js';
import type { Principal } from '../../common/principal.js';
import { resolveOwner } from '../auth/place-owner.js';

/** One open socket or event stream. */
export interface Connection {
  readonly id: string;
  readonly kind: 'socket' | 'stream';
  readonly principal: Principal;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  lastSeen: number;
  rooms(): string[];
  /** True when more data waits than a reading client would leave. */
  isSlow(): boolean;
  /** Proves the credential again. @throws unauthenticated and the like once it no longer holds */
  recheck(): Promise<unknown>;
  /** Ends it, telling the client why; one that does not read keeps it open. */
  end(code: ErrorCode): void;
  /** Ends it at once. */
  cut(): void;
  readonly closed: Promise<void>;
}

const tickMs = 1000;
/**
 * Maximum rooms of one connection in the list, which is kept in Redis: a batch stands for all of its tasks.
 */
const maxRoomsListed = 200;
const thisProcess = `${hostname().slice(0, 40)}:${process.pid}`;
/** How long a client has to take its leave. */
const politeMs = 1000;
/**
 * Together with the three seconds for which a key is cached, a revoked key is disconnected in less than five.
 */
const recheckMs = 900;
const lostCredential: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'token_expired', 'forbidden']);

/** The listeners of this process. Ends those that are too old, too slow or no longer authorized. */
@Injectable()
export class Connections implements OnModuleInit {
  private readonly logger = new Logger('Realtime');
  private readonly open = new Map<string, Connection>();
  private readonly checkedAt = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  /** Places of each kind; those taken are given back by `leave`. */
  private readonly places: Record<Connection['kind'], Shares>;
  private readonly leave = new Map<string, () => void>();
  private timer?: NodeJS.Timeout;
  private beat?: NodeJS.Timeout;
  private ending = false;

  constructor(
    private readonly env: Env,
    private readonly metrics: Metrics,
    private readonly presence: Presence,
  ) {
    const places = () => new Shares(env.WEBSOCKET_MAX_CONNECTIONS);
    this.places = { socket: places(), stream: places() };
  }

  onModuleInit(): void {
    this.timer = setInterval(() => this.tick(Date.now()), tickMs).unref();
    this.scheduleBeat();
  }

  /** Ends all connections, since an open one would delay the close of the server. */
  async endAll(): Promise<void> {
    this.ending = true;
    clearInterval(this.timer);
    clearTimeout(this.beat);
    const left = [...this.open.values()];
    for (const connection of left) this.end(connection, 'not_ready');
    const late = new AbortController();
    const tooLate = pause(politeMs, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(left.map(({ closed }) => closed)), tooLate]);
    late.abort();
    for (const connection of left) connection.cut();
  }

  /** @throws too_many_connections */
  add(connection: Connection): void {
    const { kind, principal, id } = connection;
    if (this.open.has(id)) throw new Problem('too_many_connections');
    // without authentication all have the same name, so there is no share for each subject
    if (
      principal.via !== 'none' &&
      this.getCount(nameShare(connection)) >= this.env.WEBSOCKET_MAX_PER_SUBJECT
    ) {
      throw new Problem(
        'too_many_connections',
        `A subject may have at most ${this.env.WEBSOCKET_MAX_PER_SUBJECT} connections.`,
      );
    }
    const leave = this.places[kind].take(resolveOwner(principal));
    if (!leave) throw new Problem('too_many_connections');
    this.leave.set(id, leave);
    this.open.set(id, connection);
    this.checkedAt.set(id, connection.connectedAt);
    this.count(connection, 1);
    this.logger.log({
      msg: `${kind} opened`,
      connection: id,
      tenant: principal.tenant,
      subject: principal.subject,
      address: connection.address,
    });
  }

  remove(id: string): void {
    const connection = this.open.get(id);
    if (!connection) return;
    this.open.delete(id);
    this.leave.get(id)?.();
    this.leave.delete(id);
    this.checkedAt.delete(id);
    this.count(connection, -1);
    const seconds = Math.round((Date.now() - connection.connectedAt) / 1000);
    this.logger.log({
      msg: `${connection.kind} closed`,
      connection: id,
      subject: connection.principal.subject,
      seconds,
    });
  }

  get(id: string): Connection | undefined {
    return this.open.get(id);
  }

  /**
   * The connections of one tenant in all processes, oldest first.
   * @throws queue_unavailable when those of other processes are unknown at the moment
   */
  async list(tenant: string): Promise<ConnectionView[]> {
    const others = await this.presence.others(tenant);
    const all = [...(this.byTenant().get(tenant) ?? []), ...others];
    return all.sort((a, b) => a.connected_at.localeCompare(b.connected_at) || a.id.localeCompare(b.id));
  }

  /** Checks all connections once. @param now milliseconds since 1970 */
  tick(now: number): void {
    for (const connection of this.open.values()) {
      const { expires_at: expiry } = connection.principal;
      if (expiry !== null && now >= expiry * 1000) this.end(connection, 'token_expired');
      else if (now - connection.connectedAt >= this.env.WEBSOCKET_CONNECTION_TIMEOUT * 1000)
        this.end(connection, 'connection_expired');
      else if (connection.isSlow()) this.end(connection, 'slow_consumer');
      else if (connection.principal.via !== 'none') this.recheck(connection, now);
    }
  }

  /** The next beat waits for the one before: a Redis that is slow gets one at a time. */
  private scheduleBeat(): void {
    if (this.ending) return;
    this.beat = setTimeout(
      () => void this.presence.tell(() => this.byTenant()).finally(() => this.scheduleBeat()),
      presenceBeatMs,
    ).unref();
  }

  private byTenant(): Map<string, ConnectionView[]> {
    const tenants = new Map<string, ConnectionView[]>();
    for (const connection of this.open.values()) {
      const { tenant } = connection.principal;
      const views = tenants.get(tenant);
      if (views) views.push(toView(connection));
      else tenants.set(tenant, [toView(connection)]);
    }
    return tenants;
  }

  private recheck(connection: Connection, now: number): void {
    if (now - (this.checkedAt.get(connection.id) ?? 0) < recheckMs) return;
    // not checked again before the answer arrives, however long the database takes
    this.checkedAt.set(connection.id, Infinity);
    void connection
      .recheck()
      .catch((error: unknown) => {
        const { code } = toFailure(error);
        if (lostCredential.has(code)) this.end(connection, code);
      })
      .finally(() => {
        if (this.open.has(connection.id)) this.checkedAt.set(connection.id, now);
      });
  }

  private end(connection: Connection, code: ErrorCode): void {
    if (code === 'slow_consumer') connection.cut();
    else connection.end(code);
    this.remove(connection.id);
  }

  private getCount(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  private count(connection: Connection, change: 1 | -1): void {
    for (const key of [connection.kind, nameShare(connection)]) {
      const count = this.getCount(key) + change;
      if (count === 0) this.counts.delete(key);
      else this.counts.set(key, count);
    }
    this.metrics.sockets.set(this.getCount('socket'));
  }
}

const toView = (connection: Connection): ConnectionView => ({
  id: connection.id,
  kind: connection.kind,
  subject: connection.principal.subject,
  address: connection.address,
  process: thisProcess,
  connected_at: new Date(connection.connectedAt).toISOString(),
  last_seen: new Date(connection.lastSeen).toISOString(),
  rooms: connection.rooms().slice(0, maxRoomsListed),
});

/** The key under which the connections of one subject are counted. */
const nameShare = ({ kind, principal }: Connection): string =>
  JSON.stringify([kind, principal.tenant, principal.subject]);
