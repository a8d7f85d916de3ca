import { z } from 'zod';
import { PageQuery } from '../../common/cursor.js';
import { DocumentSetTarget } from '../../common/document-set.js';
import { orAbsent, orDefault } from '../../common/or-default.js';
import { readQuery } from '../../common/read-query.js';

const unitSeconds = { m: 60, h: 3600, d: 86_400 } as const;
const minEverySeconds = 300;
const maxEverySeconds = 30 * 86_400;

const webAddress = z.url({ protocol: /^https?$/ }).max(2000);
export const WebSettings = z.strictObject({
  url: webAddress.meta({
    description: 'A sitemap (`….xml`), or the first of the pages that links lead to',
    example: 'https://example.org/handbook/',
  }),
  below: orAbsent(webAddress).meta({
    description: 'Prefix of every page’s address; by default the folder of `url`, or the site of a sitemap',
  }),
  max_pages: orDefault(z.int().min(1).max(2000), 200),
});
export type WebSettings = z.infer<typeof WebSettings>;
export const FolderSettings = z.strictObject({
  path: z.string().min(1).max(1000).meta({ description: 'A folder of the server that the operator allows' }),
});
export const S3Settings = z.strictObject({
  bucket: z.string().min(1).max(255),
  prefix: orDefault(z.string().max(1000), ''),
  region: orDefault(z.string().min(1).max(100), 'us-east-1'),
  endpoint: orAbsent(webAddress).meta({
    description: 'Of a server other than Amazon’s; asked in path style',
  }),
  access_key_id: z.string().min(1).max(200),
  secret_access_key: z.string().min(1).max(200).meta({ description: 'Never shown again' }),
});
export type S3Settings = z.infer<typeof S3Settings>;

/** Settings that no answer shows. */
export const secretSettings: ReadonlySet<string> = new Set(['secret_access_key']);

const common = {
  document_set: DocumentSetTarget,
  schedule: z
    .string()
    .regex(/^[1-9]\d{0,4}[mhd]$/, 'must be a number of minutes, hours or days, such as 15m, 6h or 1d')
    .refine((text) => toSeconds(text) >= minEverySeconds, 'must be at least 5m')
    .refine((text) => toSeconds(text) <= maxEverySeconds, 'must be at most 30d')
    .nullish()
    .meta({ description: 'How often it runs by itself; nothing for runs by hand', example: '6h' }),
};
export const CreateSourceRequest = z
  .discriminatedUnion('driver', [
    z.strictObject({ driver: z.literal('web'), settings: WebSettings, ...common }),
    z.strictObject({ driver: z.literal('folder'), settings: FolderSettings, ...common }),
    z.strictObject({ driver: z.literal('s3'), settings: S3Settings, ...common }),
  ])
  .meta({
    example: {
      driver: 'web',
      settings: { url: 'https://example.org/handbook/' },
      document_set: 'website',
      schedule: '1d',
    },
  });
export type CreateSourceRequest = z.infer<typeof CreateSourceRequest>;

export const ListSourcesQuery = readQuery(PageQuery);
export type ListSourcesQuery = z.infer<typeof ListSourcesQuery>;

const counts = z.object({
  listed: z.int(),
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  removed: z.int(),
  failed: z.int(),
});
export const SourceView = z.object({
  id: z.uuid(),
  driver: z.enum(['folder', 's3', 'web']),
  settings: z.record(z.string(), z.unknown()).meta({ description: 'Without secrets' }),
  document_set: z.string(),
  schedule: z.string().nullable(),
  state: z
    .enum(['new', 'running', 'ok', 'failed'])
    .meta({ description: '`failed`: the last run, or an item of it, failed; see `last_error`' }),
  documents: z.int().meta({ description: 'How many documents are from it' }),
  counts: counts.nullable().meta({ description: 'Of the last run' }),
  last_error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  last_run_at: z.iso.datetime().nullable(),
  next_run_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
});
export type SourceView = z.infer<typeof SourceView>;
export const SourcesResponse = z.object({ sources: z.array(SourceView), next_cursor: z.string().nullable() });
export const SourceDeleted = z.object({ status: z.literal('success'), id: z.uuid() });
export const SourceRun = z.object({ status: z.literal('success'), task_id: z.uuid() });

/** `6h` in seconds. */
export const toSeconds = (schedule: string): number =>
  Number(schedule.slice(0, -1)) * unitSeconds[schedule.slice(-1) as keyof typeof unitSeconds];

/** Seconds as the largest unit that divides them: 21600 is `6h`. */
export function formatSchedule(seconds: number): string {
  const unit = (['d', 'h', 'm'] as const).find((name) => seconds % unitSeconds[name] === 0) ?? 'm';
  return `${seconds / unitSeconds[unit]}${unit}`;
}
