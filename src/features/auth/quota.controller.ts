import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentPrincipal } from './current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Quotas } from './quotas.js';

const quota = { used: z.int(), limit: z.int().nullable().meta({ description: 'Null for no limit' }) };
const QuotaResponse = z.object({
  documents: z.object(quota),
  bytes: z.object(quota).meta({ description: 'Of originals, older versions included that are still kept' }),
  tasks: z.object(quota).meta({ description: 'Queued or running' }),
  tokens: z
    .object({ ...quota, resets_at: z.iso.datetime() })
    .meta({ description: 'Of chat, vision and embedding models since midnight UTC' }),
});

@ApiTags('operations')
@Controller('agent')
export class QuotaController {
  constructor(private readonly quotas: Quotas) {}

  @Get('quota')
  @ApiOperation({
    summary: 'Show how much of its quotas the tenant has used',
    description: 'A request that would exceed a quota gets 429 `quota_exceeded`.',
  })
  @ApiOkResponse({ standardSchema: QuotaResponse })
  usage(@CurrentPrincipal() principal: Principal): Promise<z.infer<typeof QuotaResponse>> {
    return this.quotas.usage(principal.tenant);
  }
}
