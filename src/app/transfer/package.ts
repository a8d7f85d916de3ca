import { z } from 'zod';
import { ChunkPlace } from '../../common/chunk-place.js';
import { DocumentSetName } from '../../common/document-set.js';
import { Problem } from '../../common/errors.js';
import { cleanFilename } from '../../common/filename.js';
import { Metadata } from '../../features/documents/documents.dto.js';
import { withoutWatchedKeys } from '../../common/watched-metadata.js';
import { formatTable, type Format } from '../../features/parsing/formats/formats.js';
import { ParseWarning } from '../../features/parsing/parsed-document.js';

/**
 * An exported folder contains `set.json`, and for each document `<place>.original`, `<place>.parsed` (if
 * kept) and `<place>.jsonl`.
 */
export const manifestName = 'set.json';
export const nameParts = (place: number) => ({
  original: `${place}.original`,
  parsed: `${place}.parsed`,
  chunks: `${place}.jsonl`,
});

const maxTitle = 10_000;
/** More than any chunk has, so that one line of a package cannot fill the memory of searches. */
const maxContent = 1_000_000;

const Space = z.object({ provider: z.string(), model: z.string(), dimensions: z.int() });
/** Throws what `clean` throws as a word about the package. */
const cleaned = (clean: (text: string) => string) =>
  z.string().transform((text, context) => {
    try {
      return clean(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not usable' });
      return z.NEVER;
    }
  });

const isFormat = (text: string): text is Format => Object.hasOwn(formatTable, text);

// a package may come from anybody: it is read as an upload would be
const PackagedDocument = z
  .object({
    filename: cleaned(cleanFilename),
    content_hash: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.int().nonnegative(),
    format: z.string(),
    media_type: z.string(),
    pipeline: z.enum(['standard', 'vlm']),
    include_hidden: z.boolean().default(false),
    metadata: Metadata.transform(withoutWatchedKeys),
    title: z.string().max(maxTitle).nullable(),
    language: z
      .string()
      .regex(/^[A-Za-z-]{2,35}$/)
      .nullable(),
    pages: z.int().nullable(),
    warnings: z.array(ParseWarning),
    parsed: z.boolean(),
    chunks: z.int().nonnegative(),
  })
  .refine(
    ({ format, media_type }) => isFormat(format) && formatTable[format].mediaTypes.includes(media_type),
    'the format or its media type is not known',
  );
export type PackagedDocument = z.infer<typeof PackagedDocument>;

export const Manifest = z.object({
  docent: z.literal(1),
  contents: z.literal('index').default('index'),
  document_set: DocumentSetName,
  /** The space of the vectors; null without vectors. */
  space: Space.nullable(),
  documents: z.array(PackagedDocument),
});
export type Manifest = z.infer<typeof Manifest>;

/**
 * The export of a service through its API: originals and metadata, without parse results, chunks and vectors.
 */
const ManifestOfOriginals = z.object({
  docent: z.literal(1),
  contents: z.literal('originals'),
  document_set: DocumentSetName,
  documents: z.array(
    z.object({
      file: z.string().regex(/^[0-9a-f-]{36}\.original$/),
      filename: cleaned(cleanFilename),
      content_hash: z.string().regex(/^[0-9a-f]{64}$/),
      bytes: z.int().nonnegative(),
      media_type: z.string(),
      pipeline: z.enum(['standard', 'vlm']),
      metadata: Metadata.transform(withoutWatchedKeys),
    }),
  ),
});
export type ManifestOfOriginals = z.infer<typeof ManifestOfOriginals>;

/** @throws validation_failed for a folder that holds no exported set */
export function readManifest(text: string, folder: string): Manifest | ManifestOfOriginals {
  const read = z.union([ManifestOfOriginals, Manifest]).safeParse(parseOrUndefined(text));
  if (read.success) return read.data;
  throw new Problem('validation_failed', `${folder} holds no exported document set.`);
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line of `<place>.jsonl`. */
export const PackagedChunk = z.object({
  ordinal: z.int(),
  content: z.string().max(maxContent),
  heading: z.string().max(maxTitle).nullable(),
  page: z.int().nullable(),
  page_end: z.int().nullable(),
  start: z.int(),
  end: z.int(),
  input_hash: z.string(),
  /** Absent in packages of earlier versions. */
  place: ChunkPlace.nullish(),
  embedding: z.string().nullable(),
});
