import { z } from 'zod';
import type { ChunkPlace } from '../../common/chunk-place.js';
import { ParseWarning } from '../../features/parsing/parsed-document.js';

/** What lies in an exported folder: `set.json`, and for each document `<place>.original`, `<place>.parsed` (where kept) and `<place>.jsonl`. */
export const manifestName = 'set.json';
export const partsOf = (place: number) => ({
  original: `${place}.original`,
  parsed: `${place}.parsed`,
  chunks: `${place}.jsonl`,
});

const Space = z.object({ provider: z.string(), model: z.string(), dimensions: z.int() });
const PackagedDocument = z.object({
  filename: z.string(),
  content_hash: z.string(),
  bytes: z.int(),
  format: z.string(),
  media_type: z.string(),
  pipeline: z.enum(['standard', 'vlm']),
  include_hidden: z.boolean().default(false),
  metadata: z.record(z.string(), z.unknown()),
  title: z.string().nullable(),
  language: z.string().nullable(),
  pages: z.int().nullable(),
  warnings: z.array(ParseWarning),
  parsed: z.boolean(),
  chunks: z.int(),
});
export type PackagedDocument = z.infer<typeof PackagedDocument>;

export const Manifest = z.object({
  docent: z.literal(1),
  document_set: z.string(),
  /** Of the vectors; null without any. */
  space: Space.nullable(),
  documents: z.array(PackagedDocument),
});
export type Manifest = z.infer<typeof Manifest>;

/** One line of `<place>.jsonl`. */
export const PackagedChunk = z.object({
  ordinal: z.int(),
  content: z.string(),
  heading: z.string().nullable(),
  page: z.int().nullable(),
  page_end: z.int().nullable(),
  start: z.int(),
  end: z.int(),
  input_hash: z.string(),
  /** Absent in packages of earlier versions. */
  place: z.custom<ChunkPlace>().nullish(),
  embedding: z.string().nullable(),
});
