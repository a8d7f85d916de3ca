import type { SearchHit } from '../search/search.service.js';
import type { Asked } from './finding/asked.js';
import { highlightsIn } from './finding/highlights.js';
import type { SearchResult } from './answers.dto.js';
import type { Source } from './sources.js';

/** A hit in the form for clients. Metadata of the upload never hide the server's own fields. */
export const toResult = (hit: SearchHit, asked: Asked): SearchResult => ({
  id: hit.id,
  content: hit.content,
  score: hit.score,
  highlights: highlightsIn(hit.content, asked, hit.language),
  metadata: {
    ...hit.metadata,
    filename: hit.filename,
    document_set: hit.document_set,
    document_id: hit.document_id,
    page: hit.page,
    page_end: hit.page_end,
    heading: hit.heading,
    version: hit.version,
    ordinal: hit.ordinal,
    neighbours: (hit.merged ?? []).map(({ ordinal }) => ordinal).filter((ordinal) => ordinal !== hit.ordinal),
    title: hit.title,
    media_type: hit.media_type,
    language: hit.language,
    created_at: hit.created_at,
  },
});

const findCore = ({ merged = [], ordinal, content }: SearchHit): string =>
  merged.find((part) => part.ordinal === ordinal)?.content ?? content;

export const toSource = (hit: SearchHit): Source => ({
  content: hit.content,
  title: hit.title,
  filename: hit.filename,
  heading: hit.heading,
  page: hit.page,
  language: hit.language,
  score: hit.score,
  cosine: hit.cosine,
  window: hit.window,
  isOfAnother: hit.of_another,
  ...(hit.merged && !hit.is_section && { core: findCore(hit) }),
  ...(hit.merged && {
    parts: hit.merged.map(({ content, page }) => ({ content, page })),
  }),
});

const toText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, 1000) : null;
const toPage = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

/** Converts a result that a client sends back. Only its text is used. */
export const givenSource = (
  { content, metadata }: { content: string; metadata?: Record<string, unknown> | null },
  index: number,
): Source => ({
  content,
  title: toText(metadata?.['title']),
  filename: toText(metadata?.['filename']) ?? `result ${index + 1}`,
  heading: toText(metadata?.['heading']),
  page: toPage(metadata?.['page']),
  language: toText(metadata?.['language']),
});
