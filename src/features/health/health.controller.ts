import { Controller, Get, HttpException, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthCheckResult, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Env } from '../../config/env.js';
import { Public } from '../auth/scopes.js';
import { HealthResponse, NotReadyResponse, StatusResponse } from './health.dto.js';
import { DiskHealth, MemoryHealth } from './machine-health.js';
import { BlobStoreHealth, DatabaseHealth, EmbedderHealth, QueueHealth } from './port-health.js';
import { Readiness } from './readiness.js';

interface Part {
  check(): Promise<HealthIndicatorResult>;
}

@ApiTags('operations')
@Controller('health')
@Public()
export class HealthController {
  constructor(
    private readonly env: Env,
    private readonly checks: HealthCheckService,
    private readonly readiness: Readiness,
    private readonly database: DatabaseHealth,
    private readonly queue: QueueHealth,
    private readonly blobs: BlobStoreHealth,
    private readonly embedder: EmbedderHealth,
    private readonly disk: DiskHealth,
    private readonly memory: MemoryHealth,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Every part of the service',
    description: 'The parts are shown to a principal; without one the status alone.',
  })
  @ApiOkResponse({ description: 'All parts are up', standardSchema: HealthResponse })
  @ApiServiceUnavailableResponse({
    description: 'Some part is down; the body names it and the reason',
    standardSchema: HealthResponse,
  })
  async full(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ok, result } = await this.check([
      this.database,
      this.queue,
      this.blobs,
      this.embedder,
      this.disk,
      this.memory,
    ]);
    const status = ok ? 'ok' : 'error';
    if (!ok) void reply.header('retry-after', '1');
    await reply
      .status(ok ? 200 : 503)
      .send(request.principal ? { ...result, status, version: this.env.APP_VERSION } : { status });
  }

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ description: 'It does', standardSchema: StatusResponse })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can take work now' })
  @ApiOkResponse({ description: 'It can', standardSchema: StatusResponse })
  @ApiServiceUnavailableResponse({
    description: 'It cannot; `reasons` says why',
    standardSchema: NotReadyResponse,
  })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    // Asks the process again at the end: a shutdown may have begun meanwhile.
    for (const parts of [[this.readiness], [this.database, this.queue], [this.readiness]]) {
      const { ok, result } = await this.check(parts);
      if (ok) continue;
      await reply
        .status(503)
        .header('retry-after', '1')
        .send({ status: 'error', reasons: this.reasonsIn(result) });
      return;
    }
    await reply.send({ status: 'ok' });
  }

  private async check(parts: Part[]): Promise<{ ok: boolean; result: Partial<HealthCheckResult> }> {
    try {
      return { ok: true, result: await this.checks.check(parts.map((part) => () => part.check())) };
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      return { ok: false, result: error.getResponse() as Partial<HealthCheckResult> };
    }
  }

  private reasonsIn({ error = {} }: Partial<HealthCheckResult>): string[] {
    return Object.entries(error).map(([name, part]) =>
      name === this.readiness.name ? String(part?.['message']) : `${name}: ${String(part?.['message'])}`,
    );
  }
}
