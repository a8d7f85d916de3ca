import { Injectable } from '@nestjs/common';
import { Problem, type ErrorCode } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { parseWith } from '../../common/validate.js';
import type { Notification } from '../../platform/events/events.js';
import { FanOut } from './fan-out.js';
import { SubscribeRequest } from './realtime.dto.js';
import type { Interests } from './rooms.js';
import { TaskLookup } from './task-lookup.js';

export type Answer = { ok: true } | { ok: false; code: ErrorCode; detail: string };

/** A socket of either protocol that has proved itself. */
export interface Listener {
  readonly principal: Principal;
  readonly interests: Interests;
  /** Id of the newest event when it began to listen. */
  readonly joinedAt: string;
  /** Applies the interests from now on. */
  settle(): void;
  notify(notification: Notification): void;
}

/** Tasks and sets one socket may name. */
const maxInterests = 200;

/** The requests of a client over its socket. */
@Injectable()
export class SocketRequests {
  constructor(
    private readonly fanOut: FanOut,
    private readonly tasks: TaskLookup,
  ) {}

  /** Limits a socket's events to its subscriptions, and with `since` sends the missed ones. */
  async subscribe(connection: Listener, payload: unknown): Promise<Answer> {
    const request = parse(payload);
    const { principal, interests } = connection;
    if (interests.size >= maxInterests)
      throw new Problem('validation_failed', `A socket may have at most ${maxInterests} subscriptions.`);
    assertVisible(principal, request.document_set);
    const children = request.task_id
      ? await this.tasks.listChildren(principal, request.task_id, request.document_set)
      : [];
    const told = { after: connection.joinedAt, rooms: interests.rooms() };
    // a task belongs to one set: naming both means naming the task
    if (request.task_id) interests.addTask(request.task_id, children);
    else if (request.document_set !== null) interests.addSet(request.document_set);
    connection.settle();
    const missed = request.since
      ? await this.fanOut.missed(principal.tenant, request.since, interests.rooms(), told)
      : [];
    for (const notification of missed) connection.notify(notification);
    return { ok: true };
  }

  /** Takes back one subscription, or all of them; without any the socket hears everything again. */
  unsubscribe(connection: Listener, payload: unknown): Answer {
    const { task_id, document_set } = parse(payload);
    if (task_id) connection.interests.removeTask(task_id);
    else if (document_set !== null) connection.interests.removeSet(document_set);
    else connection.interests.clear();
    connection.settle();
    return { ok: true };
  }
}

const parse = (payload: unknown): SubscribeRequest => parseWith(SubscribeRequest, payload ?? {});

/** @throws forbidden for a set outside the principal's, whether it exists or not */
export function assertVisible(principal: Principal, set: string | null): void {
  if (set !== null && principal.document_sets !== null && !principal.document_sets.includes(set)) {
    throw new Problem('forbidden', 'This principal has no access to the document set.');
  }
}
