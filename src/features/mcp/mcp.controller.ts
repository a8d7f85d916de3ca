import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { McpServers } from './mcp-server.js';

/**
 * MCP over streamable HTTP, without sessions: each request
 * carries its credential and is answered by any process.
 */
@ApiExcludeController()
@Controller('mcp')
export class McpController {
  constructor(private readonly servers: McpServers) {}

  @Post()
  @Budget('search')
  async handle(
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // a batch would be one request to the limits and a hundred searches to the service
    if (Array.isArray(request.body))
      throw new Problem('validation_failed', 'Send one message in each request. Batches are not taken.');
    const { WebStandardStreamableHTTPServerTransport: Transport } =
      await import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js');
    const gone = goneSignal(reply);
    const server = await this.servers.create(principal, gone);
    const transport = new Transport({ sessionIdGenerator: undefined });
    reply.raw.once('close', () => void server.close());
    await server.connect(transport);
    const response = await transport.handleRequest(toWebRequest(request), { parsedBody: request.body });
    void reply.status(response.status);
    for (const [name, value] of response.headers) void reply.header(name, value);
    void reply.header('cache-control', 'private, no-store');
    await reply.send(response.body ? Readable.fromWeb(response.body as ReadableStream) : undefined);
  }
}

function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return new Request(`${request.protocol}://${request.host}${request.url}`, { method: 'POST', headers });
}
