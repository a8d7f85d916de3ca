import { z } from 'zod';
import { PageQuery } from '../../common/cursor.js';
import { errorCatalogue, type ErrorCode } from '../../common/errors.js';
import { orAbsent } from '../../common/or-default.js';
import { queryNumber } from '../../common/query-number.js';
import { readQuery } from '../../common/read-query.js';

const apiStatuses = ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
export type ApiStatus = (typeof apiStatuses)[number];
const code = z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]);

export const StatusQuery = readQuery({
  wait: queryNumber(0, 30, 'fraction')
    .default(0)
    .meta({ description: 'Seconds to wait for the end', example: 10 }),
});
export type StatusQuery = z.infer<typeof StatusQuery>;
const parseList = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
/** The parameter is at fault, and not a part of it: its text has no fields. */
const parseStatuses = (text: string, context: z.RefinementCtx): ApiStatus[] => {
  const parts = parseList(text);
  const known = apiStatuses.filter((status) => parts.includes(status));
  if (parts.length === 0 || parts.some((part) => !known.includes(part as ApiStatus)))
    context.addIssue({ code: 'invalid_value', values: [...apiStatuses], input: text });
  return known;
};
export const ListTasksQuery = readQuery({
  ...PageQuery,
  status: z
    .string()
    .max(1000)
    .meta({ pattern: `^(${apiStatuses.join('|')})(,(${apiStatuses.join('|')}))*$` })
    .transform(parseStatuses)
    .optional()
    .meta({ description: 'One or several, separated by commas, such as `PENDING,STARTED,RETRY`' }),
  type: z
    .string()
    .max(1000)
    .meta({ pattern: '[^\\s,]' })
    .transform(parseList)
    .refine((parts) => parts.length > 0, 'names no type')
    .optional()
    .meta({ description: 'One or several, separated by commas, such as `ingest,summarize`' }),
});
export type ListTasksQuery = z.infer<typeof ListTasksQuery>;
export const RetryRequest = z
  .strictObject({ type: orAbsent(z.string().max(100)), code: orAbsent(code) })
  .meta({ example: { type: 'ingest' } });
export type RetryRequest = z.infer<typeof RetryRequest>;

const taskFields = {
  task_id: z.uuid(),
  type: z.string(),
  status: z.enum(apiStatuses),
  result: z.unknown(),
  stage: z.string().nullable(),
  /** Milliseconds spent in each stage. */
  stages: z.record(z.string(), z.number()),
  progress: z.number(),
  position: z.int().nullable(),
  attempts: z.int(),
  error: z.object({ code, detail: z.string(), retryable: z.boolean() }).nullable(),
  waiting_on: z.string().nullable(),
  document_id: z.uuid().nullable(),
  filename: z.string().nullable(),
  document_set: z.string().nullable(),
  request_id: z
    .string()
    .nullable()
    .meta({ description: 'Of the request that caused it, as in its `X-Request-Id`' }),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
};
export const TaskResponse = z
  .object({
    ...taskFields,
    eta_seconds: z
      .number()
      .nullable()
      .meta({ description: 'Estimated seconds until the end, from its pace and the last hour' }),
    children: z.array(z.object(taskFields)).optional(),
  })
  .meta({ id: 'Task' });
export const TasksResponse = z.object({
  tasks: z.array(z.object(taskFields)),
  next_cursor: z.string().nullable(),
});
export const RetryResponse = z.object({ retried: z.int() });
export const RetryOneResponse = z.object({ task_id: z.uuid() });
export const CancelResponse = z.object({ task_id: z.uuid(), status: z.enum(apiStatuses) });
