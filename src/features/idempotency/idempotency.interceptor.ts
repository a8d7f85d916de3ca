import { Injectable, Logger, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, concatMap, from, of, tap, throwError, type Observable } from 'rxjs';
import { Problem } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type { Principal } from '../auth/principal.js';
import { checkKey, hashParameters, idempotencyDaySeconds, sameParameters, type Idempotency } from './idempotency.js';

// a request that died keeps its key this long at the most
const runningSeconds = 900;
const isStreamed = (request: FastifyRequest): boolean => 'body' in request.routeOptions.config;

/** Gives a repeated POST or PUT its first answer again for a day. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(private readonly database: Database) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const header = request.headers['idempotency-key'];
    const { principal } = request;
    const applies = typeof header === 'string' && principal && (request.method === 'POST' || request.method === 'PUT');
    if (!applies || request.headers.accept?.includes('text/event-stream')) return next.handle();
    const key = checkKey(header);
    const idempotency = await this.begin(request, principal, key);
    request.idempotency = idempotency;
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (idempotency.first) return this.replay(idempotency, reply, next);
    return this.record(idempotency, { principal, key, status: statusOf(context) }, next);
  }

  private async begin(request: FastifyRequest, principal: Principal, key: string): Promise<Idempotency> {
    const requestHash = isStreamed(request) ? null : hashParameters([request.method, request.url, request.body ?? null]);
    const answer = await this.database.call('begin_idempotent', {
      tenant: principal.tenant,
      subject: principal.subject,
      key,
      request_hash: requestHash,
      ttl_seconds: runningSeconds,
    });
    if (answer.state === 'running') throw new Problem('request_in_progress', undefined, { retryAfter: 1 });
    if (answer.state === 'new') return { first: null, requestHash };
    return { first: { requestHash: answer.request_hash, status: answer.status ?? 200, body: answer.body }, requestHash };
  }

  private replay(idempotency: Idempotency, reply: FastifyReply, next: CallHandler): Observable<unknown> {
    const { first, requestHash } = idempotency;
    if (!first) return next.handle();
    // a streamed body is compared by its handler, which reads it for its hash
    const body = requestHash === null ? next.handle() : of(sameParameters(first, requestHash));
    return body.pipe(tap(() => void reply.header('idempotent-replay', 'true').status(first.status)));
  }

  private record(
    idempotency: Idempotency,
    first: { principal: Principal; key: string; status: number },
    next: CallHandler,
  ): Observable<unknown> {
    const owner = { tenant: first.principal.tenant, subject: first.principal.subject, key: first.key };
    const keep = async (body: unknown): Promise<unknown> => {
      await this.database.call('finish_idempotent', {
        ...owner,
        request_hash: idempotency.requestHash ?? '',
        status: first.status,
        body: body ?? null,
        ttl_seconds: idempotencyDaySeconds,
      });
      return body;
    };
    return next.handle().pipe(
      concatMap((body) => from(keep(body))),
      catchError((error: unknown) => from(this.drop(owner)).pipe(concatMap(() => throwError(() => error)))),
    );
  }

  private async drop(owner: { tenant: string; subject: string; key: string }): Promise<void> {
    await this.database
      .call('drop_idempotent', owner)
      .catch((error: unknown) => this.logger.warn({ msg: 'an idempotency key stays until it expires', err: error }));
  }
}

const statusOf = (context: ExecutionContext): number =>
  (Reflect.getMetadata(HTTP_CODE_METADATA, context.getHandler()) as number | undefined) ??
  (context.switchToHttp().getRequest<FastifyRequest>().method === 'POST' ? 201 : 200);
