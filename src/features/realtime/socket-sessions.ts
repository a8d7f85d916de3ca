import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Cache } from '../../platform/cache/cache.js';
import { historyMilliseconds } from '../../platform/events/event-id.js';
import type { Subscriptions } from './rooms.js';
import type { SocketConnection } from './socket-connection.js';

/** What a client that lost its connection comes back to. */
export interface SocketSession extends Subscriptions {
  subject: string;
  /** Id of the last event that the client has received, as far as is known. */
  since: string;
}

const shape = /^[0-9a-f]{32}$/;
const nameKey = (tenant: string, id: string): string => `socket-session:${tenant}:${id}`;

/** Sessions of sockets that are closed, as long as their events can be repeated, for the process they reach. */
@Injectable()
export class SocketSessions {
  constructor(private readonly cache: Cache) {}

  keep({ principal, sessionId, interests, received }: SocketConnection): Promise<void> {
    const { tenant, subject } = principal;
    const session: SocketSession = { ...interests.list(), subject, since: received };
    return this.cache.set(nameKey(tenant, sessionId), session, historyMilliseconds / 1000);
  }

  /** @param id as the client sends it. A session is taken up once, and by the subject that left it. */
  async takeUp({ tenant, subject }: Principal, id: unknown): Promise<SocketSession | undefined> {
    if (typeof id !== 'string' || !shape.test(id)) return undefined;
    const key = nameKey(tenant, id);
    const session = await this.cache.get<SocketSession>(key);
    if (session?.subject !== subject) return undefined;
    await this.cache.delete(key);
    return session;
  }
}
