import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '../src/platform/database/database.js';
import type {
  Answer,
  NewDocument,
  NewTask,
  StagedChunk,
  TaskRow,
} from '../src/platform/database/functions.js';
import { templateFor } from '../src/platform/queue/task-producer.js';

export const failure = {
  code: 'upstream_timeout',
  detail: 'The model did not answer',
  retryable: true,
} as const;

/** A file as an upload would announce it; its blob still has to be declared. */
export function newDocument(filename: string, content: string, more: Partial<NewDocument> = {}): NewDocument {
  return {
    id: randomUUID(),
    task_id: randomUUID(),
    filename,
    document_set: 'default',
    blob_key: `blobs/${randomUUID()}`,
    content_hash: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    format: 'txt',
    media_type: 'text/plain',
    metadata: null,
    pipeline: 'standard',
    ...more,
  };
}

export async function createDocuments(
  database: Database,
  tenant: string,
  documents: NewDocument[],
): Promise<Answer<'create_documents'>> {
  await database.call('declare_blobs', {
    tenant,
    keys: documents.map(({ blob_key }) => blob_key),
    ttl_seconds: 60,
  });
  return database.call('create_documents', {
    tenant,
    subject: 'tester',
    batch_id: randomUUID(),
    documents,
    task: templateFor('ingest', 3),
  });
}

export function newTask(more: Partial<NewTask> = {}): NewTask {
  return { id: randomUUID(), type: 'summarize', queue: 'summary', payload: {}, ...more };
}

/** Puts one task into the queue and answers with its id. */
export async function createTask(
  database: Database,
  tenant: string,
  more: Partial<NewTask> = {},
): Promise<string> {
  const { tasks } = await database.call('create_tasks', {
    tenant,
    subject: 'tester',
    tasks: [newTask(more)],
  });
  return tasks[0]?.id ?? '';
}

export async function claim(
  database: Database,
  task: string,
  owner = 'worker',
  leaseSeconds = 30,
): Promise<TaskRow> {
  const row = await database.call('claim_task', { task, owner, lease_seconds: leaseSeconds });
  if (!row) throw new Error(`task ${task} could not be claimed`);
  return row;
}

export function chunk(ordinal: number, content: string, more: Partial<StagedChunk> = {}): StagedChunk {
  return {
    id: randomUUID(),
    ordinal,
    content,
    heading: null,
    page: null,
    page_end: null,
    start: ordinal * 100,
    end: ordinal * 100 + content.length,
    input_hash: createHash('sha256').update(content).digest('hex'),
    length: 1,
    fts: `'${content.toLowerCase().replace(/[^a-z0-9]/g, '') || 'x'}':1`,
    lex: '{1:0.5}/1000000000',
    ...more,
  };
}

/** Takes a queued document all the way to ready, with one chunk a text. */
export async function ingest(
  database: Database,
  documentId: string,
  version: number,
  taskId: string,
  texts: string[],
): Promise<Answer<'publish_document'>> {
  const { token } = await claim(database, taskId);
  const work = { task: taskId, token, document_id: documentId, version };
  await database.call('open_version', work);
  await database.call('stage_chunks', {
    ...work,
    chunks: texts.map((text, ordinal) => chunk(ordinal, text)),
    progress: 0.5,
  });
  return database.call('publish_document', {
    ...work,
    chunk_count: texts.length,
    result: { chunks: texts.length },
    stages: { parse: 1 },
  });
}

export async function ingested(
  database: Database,
  tenant: string,
  filename: string,
  texts: string[],
  more: Partial<NewDocument> = {},
): Promise<string> {
  const { documents } = await createDocuments(database, tenant, [
    newDocument(filename, texts.join('\n'), more),
  ]);
  const [document] = documents;
  if (!document) throw new Error('no document was made');
  await ingest(database, document.id, document.version, document.task_id, texts);
  return document.id;
}
