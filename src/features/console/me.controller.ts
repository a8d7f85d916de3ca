import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { scopes, type Principal } from '../../common/principal.js';
import { Env } from '../../config/env.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { ChatModel } from '../../platform/llm/llm.js';
import { CurrentPrincipal } from '../auth/current-principal.js';

const MeResponse = z
  .object({
    tenant: z.string(),
    subject: z.string(),
    scopes: z.array(z.enum(scopes)),
    document_sets: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The only sets this principal may see; null for all' }),
    via: z
      .enum(['none', 'jwt', 'api_key'])
      .meta({ description: '`none` if the service does not authenticate' }),
    expires_at: z.iso.datetime().nullable().meta({ description: 'When the credential ends' }),
    limits: z.object({
      file_bytes: z.int(),
      files_per_upload: z.int(),
    }),
    models: z.object({
      chat: z.string().nullable().meta({ description: 'Null: answers are sentences of the documents' }),
      embedding: z.string().nullable().meta({ description: 'Null: searches find words, not meanings' }),
      vision: z.string().nullable(),
    }),
  })
  .meta({
    id: 'Me',
    example: {
      tenant: 'default',
      subject: 'anonymous',
      scopes: ['read', 'write', 'admin'],
      document_sets: null,
      via: 'none',
      expires_at: null,
      limits: { file_bytes: 104_857_600, files_per_upload: 10 },
      models: { chat: null, embedding: null, vision: null },
    },
  });

@ApiTags('operations')
@Controller('agent')
export class MeController {
  constructor(
    private readonly env: Env,
    private readonly embedder: Embedder,
    private readonly model: ChatModel,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'The caller, its permissions, and the features of this service' })
  @ApiOkResponse({ standardSchema: MeResponse })
  me(@CurrentPrincipal() principal: Principal): z.infer<typeof MeResponse> {
    const { tenant, subject, document_sets, via, expires_at } = principal;
    return {
      tenant,
      subject,
      scopes: [...principal.scopes],
      document_sets,
      via,
      expires_at: expires_at === null ? null : new Date(expires_at * 1000).toISOString(),
      limits: { file_bytes: this.env.MAX_FILE_SIZE, files_per_upload: this.env.MAX_FILES_PER_UPLOAD },
      models: {
        chat: this.model.model,
        embedding: this.embedder.identity?.model ?? null,
        vision: this.model.visionModel,
      },
    };
  }
}
