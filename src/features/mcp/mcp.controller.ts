import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { goneSignal } from '../../common/client-disconnect.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { McpCalls } from './mcp-calls.js';
import { McpServers } from './mcp-server.js';

const sessionHeader = 'mcp-session-id';
const RequestId = z.union([z.string().max(200), z.number()]);
const Call = z.looseObject({ method: z.string(), id: RequestId });
const Cancellation = z.looseObject({
  method: z.literal('notifications/cancelled'),
  params: z.looseObject({ requestId: RequestId }),
});

/**
 * MCP over streamable HTTP. Nothing is kept between requests: each carries its credential and is answered by
 * any process. The session that a client gets is a name, by which it can cancel its own requests.
 */
@ApiExcludeController()
@Controller('mcp')
export class McpController {
  constructor(
    private readonly servers: McpServers,
    private readonly calls: McpCalls,
  ) {}

  @Post()
  @Budget('search')
  async handle(
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // a batch would be one request to the limits and a hundred searches to the service
    if (Array.isArray(request.body))
      throw new Problem('validation_failed', 'Send one message in each request. Batches are not supported.');
    const session = readSession(request);
    const cancellation = Cancellation.safeParse(request.body).data;
    if (cancellation && session !== '')
      await this.calls.cancel(principal, session, cancellation.params.requestId);
    await this.answer(principal, session, request, reply);
  }

  private async answer(
    principal: Principal,
    session: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { WebStandardStreamableHTTPServerTransport: Transport } =
      await import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js');
    const cancelled = new AbortController();
    const server = await this.servers.create(
      principal,
      AbortSignal.any([goneSignal(reply), cancelled.signal]),
    );
    const call = Call.safeParse(request.body).data;
    const end =
      call && session !== ''
        ? this.calls.begin(principal, session, call.id, () => {
            cancelled.abort(new Problem('bad_request', 'The client cancelled the request.', { status: 499 }));
            // the protocol wants no answer to what was cancelled: the stream just ends
            void server.close();
          })
        : () => undefined;
    const transport = new Transport({ sessionIdGenerator: undefined });
    reply.raw.once('close', () => {
      end();
      void server.close();
    });
    await server.connect(transport);
    const response = await transport.handleRequest(toWebRequest(request), { parsedBody: request.body });
    void reply.status(response.status);
    for (const [name, value] of response.headers) void reply.header(name, value);
    void reply.header('cache-control', 'private, no-store');
    if (call?.method === 'initialize' && response.ok) void reply.header(sessionHeader, randomUUID());
    await reply.send(response.body ? Readable.fromWeb(response.body as ReadableStream) : undefined);
  }
}

/** Empty for a client that names no session, as is every text that cannot be one of ours. */
function readSession(request: FastifyRequest): string {
  const value = request.headers[sessionHeader];
  return typeof value === 'string' && value.length <= 100 ? value : '';
}

function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(`${request.protocol}://${request.host}${request.url}`, { method: 'POST', headers });
}
