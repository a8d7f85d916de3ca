import { WindowEncoder } from '../src/platform/models/window-encoder.js';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { uuidv7 } from '../src/common/ids.js';
import { ChunkStager } from '../src/features/ingestion/chunk-stager.js';
import { DeleteSetHandler } from '../src/features/documents/delete-set.handler.js';
import { IngestHandler } from '../src/features/ingestion/ingest.handler.js';
import { LaterVectors } from '../src/features/ingestion/later-vectors.js';
import { OcrPipeline } from '../src/features/ingestion/ocr.js';
import { ParsedTexts } from '../src/features/ingestion/parsed-texts.js';
import { SourceFiles } from '../src/features/ingestion/source-files.js';
import { VersionStore } from '../src/features/ingestion/version-store.js';
import { VisionPipeline } from '../src/features/ingestion/vision.js';
import { Chunker } from '../src/features/ingestion/chunker.js';
import { sniff } from '../src/features/parsing/formats/formats.js';
import type { ParserPool } from '../src/features/parsing/sandbox/pool.js';
import { blobKey } from '../src/platform/blob/blob-store.js';
import type { Database } from '../src/platform/database/database.js';
import type { CreatedDocument, DocumentRow, Pipeline, TaskView } from '../src/platform/database/functions.js';
import { Embedder } from '../src/platform/embedding/embedder.js';
import type { ChatModel } from '../src/platform/llm/llm.js';
import { OfflineChatModel } from '../src/platform/llm/offline.js';
import { TaskProducer } from '../src/platform/queue/task-producer.js';
import type { Handlers } from '../src/platform/queue/handlers.js';
import { templateFor } from '../src/platform/queue/task-producer.js';
import type { TestWorker } from './worker.js';

const dimensions = 8;

/** Unit vectors made of the text's hash; says what it was asked for, and can be held up. */
export class CountingEmbedder extends Embedder {
  override readonly identity = { provider: 'test', model: 'hashes', dimensions };
  /** Every text so far, in order. */
  readonly embedded: string[] = [];
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;

  /** @param onBatch hears of each batch before it is answered */
  constructor(private readonly onBatch: (texts: string[]) => void | Promise<void> = () => undefined) {
    super();
  }

  /** Calls from now on wait for `release`; an abort ends the wait only when `deaf` is not set. */
  hold({ deaf = false } = {}): void {
    this.deaf = deaf;
    this.gate = new Promise((resolve) => (this.open = resolve));
  }
  private deaf = false;

  release(): void {
    this.open();
  }

  override async embed(texts: string[], signal?: AbortSignal): Promise<number[][]> {
    this.embedded.push(...texts);
    await this.onBatch(texts);
    await Promise.race([this.gate, ...(signal && !this.deaf ? [aborted(signal)] : [])]);
    return texts.map(makeVector);
  }
  override async embedQuery(text: string): Promise<number[]> {
    return makeVector(text);
  }
  override async ping(): Promise<void> {
    // In the process itself.
  }
  override async close(): Promise<void> {
    // Holds nothing.
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

function makeVector(text: string): number[] {
  const bytes = createHash('sha256').update(text).digest().subarray(0, dimensions);
  const length = Math.hypot(...bytes) || 1;
  return [...bytes].map((byte) => byte / length);
}

/** The handlers of the ingestion feature on the parts of a worker. */
export function ingestionHandlers(
  worker: TestWorker,
  database: Database,
  pool: ParserPool,
  embedder: Embedder,
  model: ChatModel = new OfflineChatModel(),
): Handlers {
  const { env, blobs, metrics, tasks, announcer, events } = worker;
  const versions = new VersionStore(database);
  const texts = new ParsedTexts(
    env,
    blobs,
    new SourceFiles(blobs),
    pool,
    new VisionPipeline(model, pool, tasks),
    new OcrPipeline(env, pool, tasks),
  );
  const stager = new ChunkStager(env, database, versions, embedder, metrics);
  const producer = new TaskProducer(env, tasks, announcer);
  const later = new LaterVectors(env, database, embedder, new WindowEncoder(null), producer, metrics);
  return new Map<string, IngestHandler | DeleteSetHandler>([
    ['ingest', new IngestHandler(env, versions, texts, new Chunker(), stager, later, metrics)],
    ['delete_set', new DeleteSetHandler(database, tasks, announcer, events)],
  ]) as Handlers;
}

/** What the upload route does, without HTTP. */
export async function upload(
  worker: TestWorker,
  database: Database,
  filename: string,
  content: string | Buffer,
  { tenant = 'default', set = 'default', attempts = 3, ring = true, pipeline = 'standard' as Pipeline } = {},
): Promise<CreatedDocument> {
  const bytes = Buffer.from(content);
  const key = blobKey('originals', uuidv7());
  await database.call('declare_blobs', { tenant, keys: [key], ttl_seconds: 3600 });
  const stored = await worker.blobs.put(key, Readable.from([bytes]));
  const { format, mediaType } = await sniff(
    async (start, end) => bytes.subarray(start, end),
    bytes.length,
    filename,
  );
  const { documents, rings } = await database.call('create_documents', {
    tenant,
    subject: 'tester',
    request_id: 'request-1',
    trace_context: null,
    batch_id: uuidv7(),
    task: templateFor('ingest', attempts),
    documents: [
      {
        id: uuidv7(),
        task_id: uuidv7(),
        filename,
        document_set: set,
        blob_key: key,
        content_hash: stored.sha256,
        bytes: stored.bytes,
        format,
        media_type: mediaType,
        metadata: null,
        pipeline,
      },
    ],
  });
  if (ring) await worker.queue.ring(rings);
  const [created] = documents;
  if (!created) throw new Error('nothing was created');
  return created;
}

export async function findDocument(
  database: Database,
  id: string,
  tenant = 'default',
): Promise<DocumentRow | null> {
  return database.call('get_document', { tenant, sets: null, id });
}

export async function readTask(database: Database, task: string, tenant = 'default'): Promise<TaskView> {
  const view = await database.call('get_task', { tenant, sets: null, task });
  if (!view) throw new Error('no such task');
  return view;
}
