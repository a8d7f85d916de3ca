import { z } from 'zod';
import { readQuery } from '../../common/read-query.js';
import type { ActivityStep } from '../../platform/database/functions.js';
import { quantile } from '../../platform/usage/latency-histogram.js';

const periods = {
  hour: { step: 60, points: 60 },
  day: { step: 900, points: 96 },
  week: { step: 7200, points: 84 },
};
export type Period = keyof typeof periods;
export const chooseSteps = (period: Period): { step: number; points: number } => periods[period];

const PeriodName = z.enum(Object.keys(periods) as [Period, ...Period[]]);
export const SeriesQuery = readQuery({
  period: PeriodName.default('hour').meta({
    description: 'The last hour by minute, the last day by quarter of an hour, the last week by two hours',
  }),
});

const share = z.number().nullable().meta({ description: '0…1; null without a question' });
const SeriesPoint = z
  .object({
    at: z.iso.datetime().meta({ description: 'When the step began' }),
    documents: z
      .int()
      .nullable()
      .meta({ description: 'At the end of the step; null where nothing was measured' }),
    questions: z.int(),
    answered_share: share,
    latency_ms_p50: z.number().nullable(),
    latency_ms_p95: z.number().nullable(),
    cache_share: share,
    queue_depth: z.int().nullable().meta({ description: 'Most tasks that waited at once' }),
    queue_oldest_seconds: z.number().nullable().meta({ description: 'Longest wait of a waiting task' }),
    tokens: z.int().meta({ description: 'Of chat, vision and embedding models' }),
  })
  .meta({ id: 'SeriesPoint' });
export const SeriesResponse = z
  .object({
    period: PeriodName,
    step_seconds: z.int(),
    points: z.array(SeriesPoint).meta({ description: 'Oldest first; the last step still runs' }),
  })
  .meta({
    id: 'Series',
    example: {
      period: 'hour',
      step_seconds: 60,
      points: [
        {
          at: '2026-03-02T09:00:00.000000Z',
          documents: 1204,
          questions: 12,
          answered_share: 0.83,
          latency_ms_p50: 420,
          latency_ms_p95: 1900,
          cache_share: 0.25,
          queue_depth: 3,
          queue_oldest_seconds: 1.4,
          tokens: 18_400,
        },
      ],
    },
  });

export function toPoint(step: ActivityStep): z.infer<typeof SeriesPoint> {
  const { at, documents, questions, answered, cached, latency, waiting, oldest_seconds, tokens } = step;
  const computeShare = (count: number) =>
    questions === 0 ? null : Math.round((count / questions) * 1000) / 1000;
  return {
    at,
    documents,
    questions,
    answered_share: computeShare(answered),
    latency_ms_p50: quantile(latency, 0.5),
    latency_ms_p95: quantile(latency, 0.95),
    cache_share: computeShare(cached),
    queue_depth: waiting,
    queue_oldest_seconds: oldest_seconds,
    tokens,
  };
}
