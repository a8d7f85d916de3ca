import { z } from 'zod';
import { orAbsent, orDefault } from '../../common/or-default.js';

const Space = z.object({
  id: z.int(),
  provider: z.string(),
  model: z.string(),
  dimensions: z.int(),
  state: z.enum(['building', 'active', 'retired']),
  created_at: z.string(),
});
const Index = z.object({
  state: z.enum(['none', 'building', 'unfinished', 'ready']),
  progress: z.number().nullable(),
  bytes: z.int(),
  sql: z.string(),
});
const Progress = z.object({ chunks: z.int(), missing: z.int(), inputs: z.int(), tokens: z.int() });

export const SpacesResponse = z
  .object({ spaces: z.array(Space.extend(Progress.shape).extend({ configured: z.boolean(), index: Index })) })
  .meta({
    examples: [
      {
        spaces: [
          {
            id: 1,
            provider: 'openai',
            model: 'text-embedding-3-small',
            dimensions: 1536,
            state: 'active',
            created_at: '2026-11-23T15:00:00.000000Z',
            chunks: 12_000,
            missing: 0,
            inputs: 0,
            tokens: 0,
            configured: true,
            index: {
              state: 'ready',
              progress: null,
              bytes: 98_000_000,
              sql: 'create index concurrently emb_1_graph on docent.emb_1 using hnsw ((embedding::halfvec(1536)) halfvec_ip_ops) with (m = 16, ef_construction = 64)',
            },
          },
        ],
      },
    ],
  });

export const BuildSpaceRequest = z
  .strictObject({
    model: orAbsent(z.string().min(1).max(200)).describe(
      'Embedding model of the configured server; default the configured one',
    ),
    dimensions: orAbsent(z.int().min(1).max(4000)).describe(
      'Dimensions of its vectors; default the configured ones',
    ),
    dry_run: orDefault(z.boolean(), false).describe('Only tell what there is to embed'),
  })
  .meta({ example: { model: 'text-embedding-3-large', dimensions: 1024 } });
export type BuildSpaceRequest = z.infer<typeof BuildSpaceRequest>;

export const BuildSpaceResponse = z.object({
  task_id: z.string().nullable(),
  space: Space.nullable(),
  model: z.string(),
  dimensions: z.int(),
  estimate: Progress,
});
export const IndexedResponse = z.object({ task_id: z.string() });
export const ActivatedResponse = z.object({ space: Space, task_id: z.string() });
export const DroppedResponse = z.object({ status: z.literal('success'), id: z.int() });
