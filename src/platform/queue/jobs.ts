import { z } from 'zod';

export const queueNames = ['ingestion', 'summary', 'default', 'embedding'] as const;
export type QueueName = (typeof queueNames)[number];

const uuid = z.uuid();
const DeletionReceipt = z.object({
  documents: z.int(),
  chunks: z.int(),
  embeddings: z.int(),
  blobs: z.int(),
  summaries: z.int(),
});
const Source = z.object({
  filename: z.string(),
  document_set: z.string(),
  document_id: z.string(),
  page: z.int().nullable(),
  heading: z.string().nullable(),
});
const Citation = z.object({
  marker: z.string(),
  result: z.int(),
  quote: z.string(),
  page: z.int().nullable(),
  verified: z.boolean(),
  filename: z.string().optional(),
});

const DocumentWarning = z.object({
  code: z.string(),
  detail: z.string(),
  pages: z.array(z.int()).optional(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

interface JobDefinition<P extends z.ZodObject, R extends z.ZodType> {
  queue: QueueName;
  payload: P;
  result: R;
  /**
   * Fields of the payload. While a task waits or runs, no other task with the same values is created: the
   * existing one is returned.
   */
  dedupe?: readonly (keyof z.infer<P> & string)[];
  /** Tasks with a higher number are taken first; 0 unless given. */
  priority?: number;
  /** The scope that may retry or cancel it; `write` when absent. */
  scope?: 'admin';
}
const job = <P extends z.ZodObject, R extends z.ZodType>(
  definition: JobDefinition<P, R>,
): JobDefinition<P, R> => definition;

/** Somebody waits for the result, so these tasks go before index builds and deletions of the same queue. */
const waitedFor = 1;

/** Every kind of work: queue, payload, result. Boot fails when one has no handler, or a handler no entry. */
export const jobs = {
  ingest: job({
    queue: 'ingestion',
    payload: z.object({ document_id: uuid, version: z.int().positive() }),
    result: z.object({
      document_id: uuid,
      version: z.int(),
      chunks: z.int(),
      pages: z.int().nullable(),
      language: z.string().nullable(),
      warnings: z.array(DocumentWarning).optional(),
    }),
    dedupe: ['document_id', 'version'],
  }),
  delete_set: job({
    queue: 'default',
    payload: z.object({ document_set: z.string() }),
    // never merged: each deletes the documents that were accepted before its request
    result: z.object({ deleted: DeletionReceipt }),
  }),
  summarize: job({
    queue: 'summary',
    payload: z.object({ document_id: uuid, version: z.int().positive() }),
    result: z.object({
      summary_id: uuid,
      summary: z.string(),
      document_id: uuid,
      filename: z.string(),
      model: z.string(),
    }),
    dedupe: ['document_id', 'version'],
  }),
  build_space: job({
    queue: 'default',
    scope: 'admin',
    payload: z.object({ space: z.int().positive() }),
    result: z.object({
      space: z.int(),
      embedded: z.int(),
      copied: z.int(),
      chunks: z.int(),
      missing: z.int(),
    }),
    dedupe: ['space'],
  }),
  /** Gives published chunks the vectors that they lack, where documents are ready before they have them. */
  embed_chunks: job({
    queue: 'embedding',
    payload: z.object({ space: z.int().positive() }),
    result: z.object({ space: z.int(), embedded: z.int(), copied: z.int(), missing: z.int() }),
    dedupe: ['space'],
  }),
  index_space: job({
    queue: 'default',
    scope: 'admin',
    payload: z.object({ space: z.int().positive() }),
    result: z.object({ space: z.int(), bytes: z.int() }),
    dedupe: ['space'],
  }),
  reindex: job({
    queue: 'default',
    payload: z.object({ analyzer: z.int().positive() }),
    result: z.object({ documents: z.int(), chunks: z.int() }),
    dedupe: ['analyzer'],
  }),
  /** Brings the documents of a source in step with it. */
  run_source: job({
    queue: 'default',
    scope: 'admin',
    payload: z.object({ source_id: uuid }),
    result: z.object({
      listed: z.int(),
      added: z.int(),
      changed: z.int(),
      unchanged: z.int(),
      removed: z.int(),
      failed: z.int(),
    }),
    dedupe: ['source_id'],
  }),
  check_knowledge_base: job({
    queue: 'default',
    priority: waitedFor,
    payload: z.object({ prompt: z.string(), sets: z.array(z.string()).nullable() }),
    result: z.object({ found: z.int(), supported: z.boolean(), sources: z.array(Source) }),
  }),
  answer_question: job({
    queue: 'default',
    priority: waitedFor,
    payload: z.object({ prompt: z.string(), sets: z.array(z.string()).nullable() }),
    result: z.object({
      answer: z.string(),
      answered: z.boolean(),
      citations: z.array(Citation),
      sources: z.array(Source),
    }),
  }),
} as const;

export type JobName = keyof typeof jobs;
export type Payload<J extends JobName> = z.infer<(typeof jobs)[J]['payload']>;
export type JobResult<J extends JobName> = z.infer<(typeof jobs)[J]['result']>;

export const isJobName = (name: string): name is JobName => name in jobs;

/**
 * The values of the fields that the catalogue names, joined by colons; null for jobs that are never the same.
 */
export function dedupeKey<J extends JobName>(name: J, payload: Payload<J>): string | null {
  const values = new Map(Object.entries(payload));
  const fields: readonly string[] = jobs[name].dedupe ?? [];
  return fields.length === 0 ? null : fields.map((field) => String(values.get(field))).join(':');
}
/** Jobs that only an administrator may retry or cancel. */
export const adminJobs = (Object.keys(jobs) as JobName[]).filter((name) => jobs[name].scope === 'admin');
