import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Problem } from '../../common/errors.js';
import { defaultTenant, type Principal } from '../../common/principal.js';
import { Throws } from '../../common/throws.js';
import type { ApiKeyRow } from '../../platform/database/functions.js';
import { ShownOnce } from '../../common/shown-once.js';
import { ApiKeys } from './api-keys.js';
import { Audit } from './audit.js';
import { CurrentPrincipal } from './current-principal.js';
import {
  CreatedKeyResponse,
  CreateKeyRequest,
  KeysResponse,
  ListKeysQuery,
  RevokedResponse,
} from './keys.dto.js';
import { Scopes } from './scopes.js';

// the tenant is the principal's own and needs no telling
const shown = <T extends ApiKeyRow>({ tenant: _tenant, ...row }: T) => row;

@ApiTags('keys')
@Controller('agent/keys')
@Scopes('admin')
export class KeysController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly audit: Audit,
  ) {}

  @Post()
  @HttpCode(201)
  @ShownOnce('key')
  @ApiOperation({
    summary: 'Make an API key',
    description:
      'Only the first answer contains the key itself; a repeated request with the same Idempotency-Key gets null.',
  })
  @ApiCreatedResponse({ standardSchema: CreatedKeyResponse })
  @Throws('validation_failed', 'forbidden')
  async create(
    @Body({ schema: CreateKeyRequest }) body: CreateKeyRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    // the limit protects the service, so the administrator of another tenant may not lift it
    if (body.rate_limit && principal.tenant !== defaultTenant) {
      throw new Problem(
        'forbidden',
        `Only an administrator of the tenant ${defaultTenant} may set rate_limit. Leave it out.`,
      );
    }
    const key = await this.keys.create(principal.tenant, body);
    const { name, scopes, rate_limit } = key;
    await this.audit.record(principal, 'key.create', key.id, {
      name,
      scopes,
      ...(rate_limit !== null && { rate_limit }),
    });
    return shown(key);
  }

  @Get()
  @ApiOperation({ summary: 'List API keys' })
  @ApiOkResponse({ standardSchema: KeysResponse })
  @Throws('validation_failed', 'forbidden')
  async list(
    @Query({ schema: ListKeysQuery }) query: ListKeysQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.keys.list(principal.tenant, query);
    return { keys: rows.map(shown), next_cursor };
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Revoke an API key',
    description: 'It is dead on every process within five seconds.',
  })
  @ApiOkResponse({ standardSchema: RevokedResponse })
  @Throws('not_found', 'forbidden')
  async revoke(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    await this.keys.revoke(principal.tenant, id);
    await this.audit.record(principal, 'key.revoke', id, {});
    return { status: 'success', id };
  }
}
