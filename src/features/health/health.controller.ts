import { Controller, Get, HttpException, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Env } from '../../config/env.js';
import { Public } from '../auth/scopes.js';
import { HealthParts } from './health-parts.js';
import { Readiness } from './readiness.js';

@ApiTags('operations')
@Controller('health')
@Public()
export class HealthController {
  constructor(
    private readonly env: Env,
    private readonly checks: HealthCheckService,
    private readonly parts: HealthParts,
    private readonly readiness: Readiness,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Every part of the service',
    description: 'The parts are shown to a principal; without one the status alone.',
  })
  @ApiOkResponse({ description: 'All parts are up' })
  @ApiServiceUnavailableResponse({ description: 'Some part is down; the body says which and why' })
  async full(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { ok, result } = await this.check();
    const status = ok ? 'ok' : 'error';
    if (!ok) void reply.header('retry-after', '1');
    await reply
      .status(ok ? 200 : 503)
      .send(request.principal ? { ...result, status, version: this.env.APP_VERSION } : { status });
  }

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ description: 'It does' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can take work now' })
  @ApiOkResponse({ description: 'It can' })
  @ApiServiceUnavailableResponse({ description: 'It cannot; `reasons` says why' })
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const reasons = await this.readiness.missing();
    if (reasons.length === 0) await reply.send({ status: 'ok' });
    else await reply.status(503).header('retry-after', '1').send({ status: 'error', reasons });
  }

  private async check(): Promise<{ ok: boolean; result: Partial<HealthCheckResult> }> {
    try {
      return { ok: true, result: await this.checks.check(this.parts.all()) };
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      return { ok: false, result: error.getResponse() as Partial<HealthCheckResult> };
    }
  }
}
