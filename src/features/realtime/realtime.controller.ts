import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Throws } from '../../common/throws.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Scopes } from '../auth/scopes.js';
import { Connections } from './connections.js';
import { EventStreams } from './event-streams.js';
import { EventsQuery, SocketsResponse } from './realtime.dto.js';

@ApiTags('events')
@Controller('agent')
export class RealtimeController {
  constructor(
    private readonly streams: EventStreams,
    private readonly connections: Connections,
  ) {}

  /** The events of the tenant as they happen; `Last-Event-ID` resumes up to two minutes back. */
  @Get('events')
  @Budget('watch')
  @ApiProduces('text/event-stream')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'The last event that was seen: the stream goes on behind it',
  })
  @ApiOkResponse({
    content: { 'text/event-stream': { schema: { type: 'string' } } },
    description:
      'Events `notification`, each with an id; `error` with a code before the server ends the stream',
  })
  @Throws('validation_failed', 'not_found', 'forbidden', 'too_many_connections')
  events(
    @Query({ schema: EventsQuery }) query: EventsQuery,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.streams.open(request, reply, principal, query);
  }

  /**
   * The listeners of all processes; those of a killed process disappear within ten seconds. At most 200 rooms
   * of each are named.
   */
  @Get('sockets')
  @Budget('watch')
  @Scopes('admin')
  @ApiOkResponse({ standardSchema: SocketsResponse })
  @Throws('forbidden', 'queue_unavailable')
  async sockets(@CurrentPrincipal() principal: Principal): Promise<SocketsResponse> {
    return { sockets: await this.connections.list(principal.tenant) };
  }
}
