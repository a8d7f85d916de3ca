import { z } from 'zod';

export const queueNames = ['ingestion', 'summary', 'default'] as const;
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
});

interface JobDefinition<P extends z.ZodType, R extends z.ZodType> {
  queue: QueueName;
  payload: P;
  result: R;
  /** What two equal waiting tasks share; the second one is the first. */
  dedupe?: (payload: z.infer<P>) => string;
  priority?: number;
}
const job = <P extends z.ZodType, R extends z.ZodType>(definition: JobDefinition<P, R>) => definition;

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
    dedupe: (payload) => `${payload.document_id}:${payload.version}`,
  }),
  delete_set: job({
    queue: 'default',
    payload: z.object({ document_set: z.string() }),
    result: z.object({ deleted: DeletionReceipt }),
    dedupe: (payload) => payload.document_set,
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
    dedupe: (payload) => `${payload.document_id}:${payload.version}`,
  }),
  build_space: job({
    queue: 'default',
    payload: z.object({ space: z.int().positive() }),
    result: z.object({
      space: z.int(),
      embedded: z.int(),
      copied: z.int(),
      chunks: z.int(),
      missing: z.int(),
    }),
    dedupe: (payload) => String(payload.space),
  }),
  index_space: job({
    queue: 'default',
    payload: z.object({ space: z.int().positive() }),
    result: z.object({ space: z.int(), bytes: z.int() }),
    dedupe: (payload) => String(payload.space),
  }),
  check_knowledge_base: job({
    queue: 'default',
    payload: z.object({ prompt: z.string(), sets: z.array(z.string()).nullable() }),
    result: z.object({ found: z.int(), supported: z.boolean(), sources: z.array(Source) }),
  }),
  answer_question: job({
    queue: 'default',
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
