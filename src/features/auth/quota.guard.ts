import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Env } from '../../config/env.js';
import { Quotas } from './quotas.js';
import { spendsKey, type Spending } from './spends.js';

/** Refuses what would go over a quota of the tenant; uploads, whose size is known later, ask for themselves. */
@Injectable()
export class QuotaGuard implements CanActivate {
  constructor(
    private readonly env: Env,
    private readonly quotas: Quotas,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const spendings = this.reflector.get<Spending[] | undefined>(spendsKey, context.getHandler()) ?? [];
    const { principal, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!principal || spendings.length === 0) return true;
    const retrievalAlone = (body as { answer?: unknown } | undefined)?.answer === false;
    const asksModel = spendings.includes('tokens') || (spendings.includes('answer') && !retrievalAlone);
    // without a model answers are extracts, which cost nothing
    if (asksModel && this.env.LLM_DRIVER !== 'offline') await this.quotas.assertTokens(principal.tenant);
    if (spendings.includes('task')) await this.quotas.assertTask(principal.tenant);
    return true;
  }
}
