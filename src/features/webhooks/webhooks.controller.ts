import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { Principal } from '../../common/principal.js';
import { Throws } from '../../common/throws.js';
import { Env } from '../../config/env.js';
import { AddressGuard } from '../../platform/outbound/address-guard.js';
import { Audit } from '../auth/audit.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { Scopes } from '../auth/scopes.js';
import { ShownOnce } from '../../common/shown-once.js';
import { WebhookStore } from './webhook.store.js';
import {
  CreatedWebhook,
  CreateWebhookRequest,
  DeliveriesResponse,
  ListDeliveriesQuery,
  ListWebhooksQuery,
  Redelivered,
  RedeliverRequest,
  WebhookDeleted,
  WebhooksResponse,
} from './webhooks.dto.js';

const secretBytes = 24;

@ApiTags('webhooks')
@Controller('agent/webhooks')
@Scopes('admin')
export class WebhooksController {
  private readonly guard: AddressGuard;

  constructor(
    env: Env,
    private readonly store: WebhookStore,
    private readonly audit: Audit,
  ) {
    this.guard = new AddressGuard(env.WEBHOOK_ALLOW);
  }

  @Post()
  @HttpCode(201)
  @ShownOnce('secret')
  @ApiOperation({
    summary: 'Have events sent to an address',
    description:
      'Deliveries are signed as Standard Webhooks has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`). ' +
      'They carry ids and states, never text. A delivery without a 2xx answer within ten seconds is sent again, eight times over about 27 hours.',
  })
  @ApiCreatedResponse({ standardSchema: CreatedWebhook })
  @Throws('validation_failed', 'address_not_allowed', 'conflict', 'forbidden')
  async create(
    @Body({ schema: CreateWebhookRequest }) request: CreateWebhookRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    await this.guard.check(new URL(request.url));
    const secret = `whsec_${randomBytes(secretBytes).toString('base64')}`;
    const row = await this.store.create(principal.tenant, secret, request);
    await this.audit.record(principal, 'webhook.create', row.id, { url: row.url, events: row.events });
    return { ...row, secret };
  }

  @Get()
  @ApiOperation({ summary: 'List webhooks' })
  @ApiOkResponse({ standardSchema: WebhooksResponse })
  @Throws('validation_failed', 'forbidden')
  async list(
    @Query({ schema: ListWebhooksQuery }) query: ListWebhooksQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.list(principal.tenant, query);
    return { webhooks: rows, next_cursor };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a webhook and its deliveries' })
  @ApiOkResponse({ standardSchema: WebhookDeleted })
  @Throws('not_found', 'forbidden')
  async delete(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    await this.store.delete(principal.tenant, id);
    await this.audit.record(principal, 'webhook.delete', id, {});
    return { status: 'success', id };
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'List deliveries, newest first', description: 'Kept for two weeks.' })
  @ApiOkResponse({ standardSchema: DeliveriesResponse })
  @Throws('validation_failed', 'not_found', 'forbidden')
  async deliveries(
    @Param('id') id: string,
    @Query({ schema: ListDeliveriesQuery }) query: ListDeliveriesQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.deliveries(principal.tenant, id, query);
    return { deliveries: rows, next_cursor };
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send deliveries again',
    description: 'One, or all that failed. A webhook that was disabled is asked once more.',
  })
  @ApiAcceptedResponse({ standardSchema: Redelivered })
  @Throws('validation_failed', 'not_found', 'forbidden')
  async redeliver(
    @Param('id') id: string,
    @Body({ schema: RedeliverRequest }) request: RedeliverRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const delivery = request?.delivery_id ?? null;
    const redelivered = await this.store.redeliver(principal.tenant, id, delivery);
    await this.audit.record(principal, 'webhook.redeliver', id, { redelivered });
    return { redelivered };
  }
}
