import { Injectable, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { errorCatalogue, type ErrorCode } from '../common/errors.js';
import { nameAnswers } from './openapi-names.js';
import { completeOperations, sharedHeaders, sharedResponses } from './openapi-operations.js';

const code = z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]);
const ProblemSchema = z.object({
  type: z.string().meta({ example: 'urn:docent:error:not_found' }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code,
  retryable: z.boolean(),
  request_id: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  rejected: z
    .array(z.object({ filename: z.string(), path: z.string().optional(), code, detail: z.string() }))
    .optional()
    .meta({ description: 'Every file of an upload of several files that were all rejected' }),
});

const OpenAiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
});

/** In the order in which somebody new meets them. */
const tags = [
  ['documents', 'Upload documents, list them, change and delete them.'],
  ['files', 'The originals, as they were uploaded.'],
  ['sources', 'Places that documents are taken from on a schedule.'],
  ['search and answers', 'Search, and ask questions. Every answer cites its passages.'],
  ['summaries', 'Summaries of whole documents.'],
  ['tasks', 'Work that goes on behind a request: its state, retry and cancel.'],
  ['events', 'What happens, as it happens.'],
  ['webhooks', 'Addresses that are told what became of documents and tasks.'],
  ['agent', 'Questions that take several steps.'],
  ['OpenAI-compatible', 'For clients of the OpenAI API.'],
  ['operations', 'Health, figures, workers and the audit log.'],
  ['keys', 'API keys, and subjects that are locked out.'],
  ['spaces', 'Embedding models and their vectors.'],
] as const;

/** Makes the OpenAPI 3.1 document; swagger's machinery is loaded at the first call, not at boot. */
export async function buildOpenApi(app: INestApplication, version: string): Promise<OpenAPIObject> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('docent')
    .setDescription(
      "Ingests an organisation's documents and answers questions about them, with citations that can be checked.",
    )
    .setVersion(version)
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A JWT of a configured issuer, or an API key',
    })
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'api_key')
    .addSecurityRequirements('bearer')
    .addSecurityRequirements('api_key')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.tags = tags.map(([name, description]) => ({ name, description }));
  const { $schema: _, ...problem } = z.toJSONSchema(ProblemSchema);
  const { $schema: __, ...openAiError } = z.toJSONSchema(OpenAiErrorSchema);
  document.components = {
    ...document.components,
    headers: { ...document.components?.headers, ...sharedHeaders },
    responses: { ...document.components?.responses, ...sharedResponses },
    schemas: {
      ...document.components?.schemas,
      Problem: problem as never,
      OpenAiError: openAiError as never,
    },
  };
  completeOperations(document, app);
  nameAnswers(document);
  keepKnownTags(document);
  return document;
}

/** Swagger adds the names of controllers that come from elsewhere. */
function keepKnownTags(document: OpenAPIObject): void {
  const known = new Set<string>(tags.map(([name]) => name));
  for (const item of Object.values(document.paths))
    for (const verb of ['get', 'put', 'post', 'patch', 'delete'] as const) {
      const operation = item[verb];
      if (operation) operation.tags = operation.tags?.filter((tag) => known.has(tag));
    }
}

/** Knows the running application, which the document describes. */
@Injectable()
export class OpenApiHolder {
  private document: Promise<OpenAPIObject> | undefined;
  private source: { app: INestApplication; version: string } | undefined;

  describe(app: INestApplication, version: string): void {
    this.source = { app, version };
  }

  get(): Promise<OpenAPIObject> {
    if (!this.source) throw new Error('the application is not described yet');
    return (this.document ??= buildOpenApi(this.source.app, this.source.version));
  }
}
