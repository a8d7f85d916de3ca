import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = Record<string, unknown>;
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** Names of answers that no schema names itself, by operation; then the names of what their lists hold. */
const answerNames: Readonly<Record<string, { name: string; items?: Record<string, string> }>> = {
  UploadsController_upload: upload(),
  UploadsController_ingest: upload(),
  UploadsController_put: { name: 'PutAnswer' },
  DocumentsController_list: { name: 'Documents' },
  DocumentsController_delete: { name: 'DeletionReceipt' },
  DocumentsController_chunks: { name: 'Chunks', items: { chunks: 'Chunk' } },
  DocumentsController_sets: { name: 'DocumentSets', items: { sets: 'DocumentSet' } },
  DocumentsController_deleteSet: { name: 'TaskReference' },
  TasksController_list: { name: 'Tasks', items: { tasks: 'ListedTask' } },
  TasksController_retryAll: { name: 'RetriedTasks' },
  TasksController_retry: { name: 'RetriedTask' },
  TasksController_cancel: { name: 'CancelledTask' },
  AnswersController_search: { name: 'Answer' },
  AnswersController_answerFrom: { name: 'AnswerFromContext' },
  SummariesController_summarize: { name: 'SummaryAccepted' },
  SummariesController_list: { name: 'Summaries', items: { summaries: 'Summary' } },
  SummariesController_answer: { name: 'SummaryAnswer' },
  AgentController_run: { name: 'AgentAnswer', items: { steps: 'AgentStep' } },
  AgentController_start: { name: 'AgentAccepted' },
  SpacesController_list: { name: 'Spaces', items: { spaces: 'Space' } },
  SpacesController_build: { name: 'SpaceBuild' },
  SpacesController_activate: { name: 'SpaceActivated' },
  SpacesController_index: { name: 'SpaceIndexing' },
  SpacesController_drop: { name: 'SpaceDropped' },
  KeysController_create: { name: 'CreatedKey' },
  KeysController_list: { name: 'ApiKeys', items: { keys: 'ApiKey' } },
  KeysController_revoke: { name: 'KeyRevoked' },
  QuotaController_usage: { name: 'Quota' },
  SuspensionsController_suspend: { name: 'Suspension' },
  SuspensionsController_resume: { name: 'Suspension' },
  OpenAiController_listModels: { name: 'OpenAiModels', items: { data: 'OpenAiModel' } },
  OpenAiController_getModel: { name: 'OpenAiModel' },
  OpenAiController_getSetModel: { name: 'OpenAiModel' },
  OpenAiController_complete: { name: 'OpenAiCompletion' },
  OpenAiController_embed: { name: 'OpenAiEmbeddings' },
  PagesController_text: { name: 'DocumentText', items: { parts: 'TextPart' } },
  WebhooksController_create: { name: 'CreatedWebhook' },
  WebhooksController_list: { name: 'Webhooks', items: { webhooks: 'Webhook' } },
  WebhooksController_delete: { name: 'WebhookDeleted' },
  WebhooksController_deliveries: { name: 'Deliveries', items: { deliveries: 'Delivery' } },
  WebhooksController_redeliver: { name: 'Redelivered' },
  SourcesController_create: { name: 'Source' },
  SourcesController_list: { name: 'Sources', items: { sources: 'Source' } },
  SourcesController_delete: { name: 'SourceDeleted' },
  SourcesController_run: { name: 'SourceRun' },
};

function upload() {
  return { name: 'UploadAnswer', items: { documents: 'AcceptedDocument', rejected: 'RejectedFile' } };
}

/** Gives every JSON answer a schema with a name, so that generated clients have types that one can name. */
export function nameAnswers(document: OpenAPIObject): void {
  const schemas = ((document.components ??= {}).schemas ??= {}) as Record<string, Schema>;
  for (const item of Object.values(document.paths))
    for (const operation of Object.values(item) as Operation[]) {
      const naming = answerNames[operation?.operationId ?? ''];
      if (!naming) continue;
      for (const [status, response] of Object.entries(operation.responses)) {
        const json =
          status.startsWith('2') && response && 'content' in response
            ? response.content?.['application/json']
            : undefined;
        if (!json?.schema || '$ref' in json.schema) continue;
        const schema = json.schema as Schema;
        for (const [property, name] of Object.entries(naming.items ?? {}))
          nameItems(schemas, schema, property, name);
        json.schema = hoist(schemas, naming.name, schema) as never;
      }
    }
}

function nameItems(schemas: Record<string, Schema>, schema: Schema, property: string, name: string): void {
  const list = (schema['properties'] as Record<string, { items?: Schema }> | undefined)?.[property];
  if (!list?.items || '$ref' in list.items) return;
  list.items = hoist(schemas, name, list.items);
}

/** Moves a schema to its name. @throws Error when the name already stands for another schema */
function hoist(schemas: Record<string, Schema>, name: string, schema: Schema): Schema {
  const known = schemas[name];
  if (known && !isDeepStrictEqual(known, schema))
    throw new Error(`two schemas of the OpenAPI document are named ${name}`);
  schemas[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}
