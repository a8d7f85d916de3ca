import {
  Injectable,
  Logger,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, finalize, from, map, of, throwError, type Observable } from 'rxjs';
import { Problem } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type { Principal } from '../../common/principal.js';
import { shownOnceKey } from '../../common/shown-once.js';
import {
  assertSameParameters,
  checkKey,
  hashParameters,
  idempotencyDaySeconds,
  type FirstAnswer,
  type Idempotency,
} from './idempotency.js';
import { keepKey, keyLeaseSeconds } from './key-lease.js';

const isStreamed = (request: FastifyRequest): boolean => 'body' in request.routeOptions.config;
/**
 * Answers that come as events create no work and are not kept. Other routes ignore the `Accept` of a client.
 */
const isAnsweredByEvents = ({ headers, routeOptions }: FastifyRequest): boolean =>
  'events' in routeOptions.config && /\btext\/event-stream\b/iu.test(headers.accept ?? '');

/** Answers a repeated POST or PUT with its first answer, for a day. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    const { principal } = request;
    const applies =
      typeof header === 'string' && principal && (request.method === 'POST' || request.method === 'PUT');
    if (!applies || isAnsweredByEvents(request)) return next.handle();
    const key = checkKey(header);
    const idempotency = await this.begin(request, principal, key);
    request.idempotency = idempotency;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (isRepeated(idempotency)) return this.replay(idempotency, reply, next);
    const withheld = this.reflector.get<string[] | undefined>(shownOnceKey, context.getHandler()) ?? [];
    return this.record(
      idempotency,
      { owner: resolveOwner(principal, key), status: findStatus(context), withheld },
      next,
    );
  }

  private async begin(request: FastifyRequest, principal: Principal, key: string): Promise<Idempotency> {
    const requestHash = isStreamed(request)
      ? null
      : hashParameters([request.method, request.url, request.body ?? null]);
    const answer = await this.database.call('begin_idempotent', {
      ...resolveOwner(principal, key),
      request_hash: requestHash,
      ttl_seconds: keyLeaseSeconds,
    });
    if (answer.state === 'running') throw new Problem('request_in_progress', undefined, { retryAfter: 1 });
    if (answer.state === 'new') return { first: null, requestHash };
    return {
      first: {
        requestHash: answer.request_hash,
        status: answer.status ?? 200,
        body: answer.answer === null ? answer.body : (JSON.parse(answer.answer) as unknown),
      },
      requestHash,
    };
  }

  private replay(
    { first, requestHash }: Repeated,
    reply: FastifyReply,
    next: CallHandler,
  ): Observable<unknown> {
    if (requestHash !== null) assertSameParameters(first, requestHash);
    // the handler of a streamed body reads it and compares the parameters
    const compared = requestHash === null ? next.handle() : of(undefined);
    return compared.pipe(
      map(() => {
        void reply.header('idempotent-replay', 'true').status(first.status);
        return first.body;
      }),
    );
  }

  private record(
    idempotency: Idempotency,
    { owner, status, withheld }: { owner: Owner; status: number; withheld: string[] },
    next: CallHandler,
  ): Observable<unknown> {
    const keep = async (body: unknown): Promise<unknown> => {
      // a stream can be sent only once: a repeated request runs again
      if (body instanceof StreamableFile) {
        await this.drop(owner);
        return body;
      }
      const kept = without(body ?? null, withheld);
      await this.database.call('finish_idempotent', {
        ...owner,
        request_hash: idempotency.requestHash ?? '',
        status,
        body: kept,
        answer: JSON.stringify(kept),
        ttl_seconds: idempotencyDaySeconds,
      });
      return body;
    };
    const release = keepKey(() =>
      this.database.call('renew_idempotent', { ...owner, ttl_seconds: keyLeaseSeconds }),
    );
    return next.handle().pipe(
      concatMap((body) => from(keep(body))),
      catchError((error: unknown) => from(this.drop(owner)).pipe(concatMap(() => throwError(() => error)))),
      finalize(release),
    );
  }

  private async drop(owner: Owner): Promise<void> {
    await this.database
      .call('drop_idempotent', owner)
      .catch((error: unknown) =>
        this.logger.warn({ msg: 'could not drop an idempotency key; it stays until it expires', err: error }),
      );
  }
}

type Repeated = Idempotency & { first: FirstAnswer };
const isRepeated = (idempotency: Idempotency): idempotency is Repeated => idempotency.first !== null;

interface Owner {
  tenant: string;
  subject: string;
  key: string;
}

/**
 * Another key of the same subject may be limited to fewer sets. It must not get an answer about the others.
 */
const resolveOwner = ({ tenant, subject, document_sets }: Principal, key: string): Owner => ({
  tenant,
  subject: document_sets === null ? subject : JSON.stringify([subject, ...document_sets.toSorted()]),
  key,
});

const without = (body: unknown, withheld: string[]): unknown =>
  withheld.length > 0 && typeof body === 'object' && body !== null
    ? { ...body, ...Object.fromEntries(withheld.map((name) => [name, null])) }
    : body;

const findStatus = (context: ExecutionContext): number =>
  (Reflect.getMetadata(HTTP_CODE_METADATA, context.getHandler()) as number | undefined) ??
  (context.switchToHttp().getRequest<FastifyRequest>().method === 'POST' ? 201 : 200);
