import type { Citation, SearchResult } from '../client/types.js';
import { cell } from './cell.js';

/** The document that is open beside the answer, and the place in it. */
export interface OpenSource {
  documentId: string;
  filename: string;
  documentSet: string;
  page: number | null;
  /** The words to mark; null for the document as such. */
  quote: string | null;
  /** The passage that contains the words, which limits the search for them. */
  passage: string | null;
  boxes: Citation['boxes'];
  pageSize: { width: number; height: number } | null;
}

export const openSource = cell<OpenSource | null>(null);

function measureSize(size: Citation['page_size']): OpenSource['pageSize'] {
  if (!size) return null;
  return Array.isArray(size) ? { width: size[0], height: size[1] } : size;
}

export function openCitation(result: SearchResult, citation?: Citation): void {
  const { document_id, filename, document_set, page } = result.metadata;
  openSource.set({
    documentId: document_id,
    filename,
    documentSet: document_set,
    page: citation?.boxes?.[0]?.page ?? citation?.page ?? page,
    quote: citation?.quote ?? result.content,
    passage: result.content,
    boxes: citation?.boxes,
    pageSize: measureSize(citation?.page_size),
  });
}

export function openDocument(document: {
  id: string;
  filename: string;
  document_set: string;
  page?: number | null;
  passage?: string;
}): void {
  openSource.set({
    documentId: document.id,
    filename: document.filename,
    documentSet: document.document_set,
    page: document.page ?? null,
    quote: document.passage ?? null,
    passage: document.passage ?? null,
    boxes: null,
    pageSize: null,
  });
}
