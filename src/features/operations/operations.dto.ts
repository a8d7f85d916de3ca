import { z } from 'zod';

const Queues = z.array(
  z.object({
    queue: z.string(),
    waiting: z.number(),
    running: z.number(),
    oldest_seconds: z.number(),
    failed: z.number(),
  }),
);
const milliseconds = z.number().nullable();

export const StatsResponse = z
  .object({
    documents: z.object({
      total: z.int(),
      queued: z.int(),
      processing: z.int(),
      ready: z.int(),
      failed: z.int(),
      bytes: z.number().describe('Of the originals'),
    }),
    chunks: z.int(),
    document_sets: z.int(),
    queues: Queues,
    last_hour: z
      .record(
        z.string(),
        z.object({
          succeeded: z.int(),
          failed: z.int(),
          run_ms_p50: milliseconds,
          run_ms_p95: milliseconds,
          total_ms_p50: milliseconds,
          total_ms_p95: milliseconds,
        }),
      )
      .describe('Ended tasks by type; `total` counts the waiting too'),
    cache: z
      .object({ hits: z.int(), misses: z.int() })
      .describe('Of cached answers, in the process that answers'),
  })
  .meta({ id: 'StatsResponse' });

export const AuditResponse = z
  .object({
    entries: z.array(
      z.object({
        id: z.string(),
        subject: z.string(),
        action: z.string(),
        target: z.string().nullable(),
        detail: z.record(z.string(), z.unknown()),
        request_id: z.string().nullable(),
        at: z.iso.datetime(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AuditResponse' });

export const WorkersResponse = z
  .object({
    queues: Queues,
    state: z
      .enum(['none', 'idle', 'busy', 'unknown'])
      .describe(
        '`none`: nobody takes from the queues; `idle`: workers are there, and none holds a task of yours; `unknown`: the queue cannot tell',
      ),
    present: z
      .array(z.object({ owner: z.string(), queues: z.array(z.string()) }))
      .nullable()
      .describe('Workers that take from queues, idle ones too; null where that is unknown'),
    workers: z
      .array(
        z.object({
          owner: z.string(),
          lease_until: z.iso.datetime(),
          lease_seconds: z.number(),
          tasks: z.array(
            z.object({
              task_id: z.uuid(),
              type: z.string(),
              queue: z.string(),
              stage: z.string().nullable(),
              progress: z.number(),
              attempts: z.number(),
              losses: z.number(),
              document_id: z.uuid().nullable(),
              filename: z.string().nullable(),
              started_at: z.iso.datetime(),
            }),
          ),
        }),
      )
      .describe(
        'Who holds tasks; one that is not among `present` has died, and its tasks go back when the lease ends',
      ),
  })
  .meta({
    id: 'WorkersResponse',
    example: {
      queues: [{ queue: 'ingestion', waiting: 12, running: 1, oldest_seconds: 3.2, failed: 0 }],
      state: 'busy',
      present: [{ owner: 'worker-1:42:9f3a1c20', queues: ['default', 'ingestion', 'summary'] }],
      workers: [
        {
          owner: 'worker-1:42:9f3a1c20',
          lease_until: '2026-03-02T09:00:30.000Z',
          lease_seconds: 29.1,
          tasks: [
            {
              task_id: '0190a0b0-0000-7000-8000-000000000001',
              type: 'ingest',
              queue: 'ingestion',
              stage: 'embed',
              progress: 0.6,
              attempts: 1,
              losses: 0,
              document_id: '0190a0b0-0000-7000-8000-000000000002',
              filename: 'handbook.pdf',
              started_at: '2026-03-02T09:00:00.000Z',
            },
          ],
        },
      ],
    },
  });
