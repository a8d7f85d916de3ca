import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defaultDetail, type ErrorCode } from '../../common/errors.js';
import { isEventId } from '../../platform/events/event-id.js';
import type { Notification } from '../../platform/events/events.js';
import { AuthService } from '../auth/auth.service.js';
import { credentialFrom } from '../auth/credential.js';
import type { Principal } from '../../common/principal.js';
import { Connections, type Connection } from './connections.js';
import { FanOut } from './fan-out.js';
import type { EventsQuery } from './realtime.dto.js';
import { Interests, reaches } from './rooms.js';
import { assertVisible } from './socket-requests.js';
import { TaskLookup } from './task-lookup.js';

const heartbeatMs = 15_000;
const maxWaitingBytes = 4 * 1024 * 1024;

const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'private, no-store',
  'x-accel-buffering': 'no',
};

const frame = (notification: Notification): string =>
  `id: ${notification.id}\nevent: notification\ndata: ${JSON.stringify(notification)}\n\n`;

/** One open answer of `GET /agent/events`. */
class EventStream implements Connection {
  readonly kind = 'stream';
  readonly id = randomUUID();
  readonly connectedAt = Date.now();
  lastSeen = this.connectedAt;
  readonly closed: Promise<void>;
  /** Events that arrived while the past was being read. */
  private waiting: string[] | null = [];

  constructor(
    private readonly reply: FastifyReply,
    readonly principal: Principal,
    readonly address: string,
    readonly listened: ReadonlySet<string>,
    readonly recheck: () => Promise<unknown>,
  ) {
    this.closed = new Promise((resolve) => reply.raw.once('close', () => resolve()));
  }

  rooms(): string[] {
    return [...this.listened];
  }

  isSlow(): boolean {
    return this.reply.raw.writableLength > maxWaitingBytes;
  }

  start(): void {
    this.reply.hijack();
    const { raw } = this.reply;
    raw.writeHead(200, { ...this.reply.getHeaders(), ...streamHeaders } as Record<string, string>);
    raw.write('retry: 2000\n\n');
  }

  send(text: string): void {
    if (this.waiting) this.waiting.push(text);
    else this.write(text);
  }

  /** Writes the past, then the events that arrived meanwhile; from now on events are sent at once. */
  catchUp(missed: Notification[]): void {
    const live = this.waiting ?? [];
    this.waiting = null;
    for (const notification of missed) this.write(frame(notification));
    for (const text of live) this.write(text);
  }

  heartbeat(): void {
    this.write(': still here\n\n');
  }

  end(code: ErrorCode): void {
    this.write(`event: error\ndata: ${JSON.stringify({ code, detail: defaultDetail(code) })}\n\n`);
    this.reply.raw.end();
  }

  cut(): void {
    this.reply.raw.destroy();
  }

  private write(text: string): void {
    if (this.reply.raw.writable) this.reply.raw.write(text);
  }
}

/** Events as server-sent events, for clients without Socket.IO. */
@Injectable()
export class EventStreams implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Realtime');
  private readonly streams = new Set<EventStream>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly auth: AuthService,
    private readonly connections: Connections,
    private readonly fanOut: FanOut,
    private readonly tasks: TaskLookup,
  ) {}

  onModuleInit(): void {
    this.fanOut.add((event, rooms) => {
      let text: string | undefined;
      for (const stream of this.streams)
        if (reaches(rooms, stream.listened)) stream.send((text ??= frame(event.notification)));
    });
    this.timer = setInterval(() => this.streams.forEach((stream) => stream.heartbeat()), heartbeatMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** @throws not_found, forbidden, too_many_connections; once it streams it only ends */
  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    principal: Principal,
    query: EventsQuery,
  ): Promise<void> {
    const listened = await this.listRooms(principal, query);
    if (request.method === 'HEAD') {
      await reply.headers(streamHeaders).send();
      return;
    }
    const recheck = () => this.auth.recheck(credentialFrom(request.headers), principal);
    const stream = new EventStream(reply, principal, request.ip, listened, recheck);
    this.connections.add(stream);
    reply.raw.once('close', () => {
      this.streams.delete(stream);
      this.connections.remove(stream.id);
    });
    stream.start();
    this.streams.add(stream);
    const since = request.headers['last-event-id'];
    stream.catchUp(
      typeof since === 'string' && isEventId(since) ? await this.missed(principal, since, listened) : [],
    );
  }

  private async listRooms(
    principal: Principal,
    { task_id, document_set }: EventsQuery,
  ): Promise<Set<string>> {
    assertVisible(principal, document_set);
    const interests = new Interests(principal);
    if (task_id) interests.addTask(task_id, await this.tasks.listChildren(principal, task_id, document_set));
    else if (document_set !== null) interests.addSet(document_set);
    return interests.rooms();
  }

  private missed(
    principal: Principal,
    since: string,
    listened: ReadonlySet<string>,
  ): Promise<Notification[]> {
    return this.fanOut.missed(principal.tenant, since, listened).catch((error: unknown) => {
      this.logger.warn(`could not read missed events: ${String(error)}`);
      return [];
    });
  }
}
