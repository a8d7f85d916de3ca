import { basename } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { scopes, type Principal } from '../../common/principal.js';
import { Env } from '../../config/env.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { ChatModel } from '../../platform/llm/llm.js';
import type { LocalModels } from '../../platform/models/local-models.js';
import { OptionalLocalModels } from '../../platform/models/models.module.js';
import { Reranker } from '../../platform/rerank/reranker.js';
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
      requests: z
        .object({ limit: z.int(), window_seconds: z.int() })
        .meta({ description: 'Requests of this principal; uploads, searches and answers count apart' }),
    }),
    models: z.object({
      chat: z.string().nullable().meta({ description: 'Null: answers are sentences of the documents' }),
      embedding: z.string().nullable().meta({ description: 'Null: searches find words, not meanings' }),
      vision: z.string().nullable(),
      reader: z
        .string()
        .nullable()
        .meta({ description: 'Finds the sentences that answer where no chat model is configured' }),
      reranker: z.string().nullable().meta({ description: 'Puts the best passages first' }),
      ocr: z
        .object({ driver: z.enum(['local', 'vision']), languages: z.array(z.string()) })
        .nullable()
        .meta({ description: 'Null: scans are not read by themselves' }),
      local: z
        .object({ state: z.enum(['ready', 'starting', 'failed']), detail: z.string().nullable() })
        .nullable()
        .meta({ description: 'The models that run in this process; null where none does' }),
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
      limits: {
        file_bytes: 104_857_600,
        files_per_upload: 10,
        requests: { limit: 100, window_seconds: 60 },
      },
      models: {
        chat: null,
        embedding: 'multilingual-e5-small-int8',
        vision: null,
        reader: 'docent-reader',
        reranker: null,
        ocr: { driver: 'local', languages: ['eng', 'deu'] },
        local: { state: 'ready', detail: null },
      },
    },
  });

@ApiTags('operations')
@Controller('agent')
export class MeController {
  constructor(
    private readonly env: Env,
    private readonly embedder: Embedder,
    private readonly model: ChatModel,
    private readonly reranker: Reranker,
    private readonly local: OptionalLocalModels,
  ) {}

  @Get('me')
  @ApiOperation({ summary: 'The caller, its permissions, and the features of this service' })
  @ApiOkResponse({ standardSchema: MeResponse })
  me(@CurrentPrincipal() principal: Principal): z.infer<typeof MeResponse> {
    const { tenant, subject, document_sets, via, rate_limit, expires_at } = principal;
    return {
      tenant,
      subject,
      scopes: [...principal.scopes],
      document_sets,
      via,
      expires_at: expires_at === null ? null : new Date(expires_at * 1000).toISOString(),
      limits: {
        file_bytes: this.env.MAX_FILE_SIZE,
        files_per_upload: this.env.MAX_FILES_PER_UPLOAD,
        requests: {
          limit:
            rate_limit ?? (via === 'none' ? this.env.ANONYMOUS_RATE_LIMIT : this.env.RATE_LIMIT_MAX_REQUESTS),
          window_seconds: this.env.RATE_LIMIT_WINDOW_SECONDS,
        },
      },
      models: this.describeModels(),
    };
  }

  private describeModels(): z.infer<typeof MeResponse>['models'] {
    const { READER_DRIVER, READER_MODEL_DIR, OCR_DRIVER, OCR_LANGUAGES } = this.env;
    const ocr =
      OCR_DRIVER === 'none' || (OCR_DRIVER === 'vision' && !this.model.visionModel) ? null : OCR_DRIVER;
    return {
      chat: this.model.model,
      embedding: this.embedder.identity?.model ?? null,
      vision: this.model.visionModel,
      reader: READER_DRIVER === 'local' ? basename(READER_MODEL_DIR) : null,
      reranker: this.reranker.model,
      ocr: ocr && { driver: ocr, languages: ocr === 'local' ? OCR_LANGUAGES : [] },
      local: describeLocal(this.local.models),
    };
  }
}

function describeLocal(models: LocalModels | null): z.infer<typeof MeResponse>['models']['local'] {
  if (!models) return null;
  const { problem, isUnusable } = models;
  return {
    state: problem === null ? 'ready' : isUnusable ? 'failed' : 'starting',
    detail: problem?.detail ?? null,
  };
}
