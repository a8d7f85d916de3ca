import { z } from 'zod';

const Parts = z.record(z.string(), z.looseObject({ status: z.enum(['up', 'down']) }));

export const HealthResponse = z
  .object({
    status: z.enum(['ok', 'error']),
    version: z.string().optional(),
    info: Parts.optional(),
    error: Parts.optional(),
    details: Parts.optional(),
  })
  .meta({
    id: 'HealthResponse',
    description: 'The parts are listed for a principal; others see only the status.',
    example: { status: 'ok' },
  });
export const StatusResponse = z
  .object({ status: z.literal('ok') })
  .meta({ id: 'StatusResponse', example: { status: 'ok' } });
export const NotReadyResponse = z
  .object({ status: z.literal('error'), reasons: z.array(z.string()) })
  .meta({ id: 'NotReadyResponse', example: { status: 'error', reasons: ['the process is stopping'] } });
