export interface IndexedChunkRow {
  id: string;
  ordinal: number;
  heading: string | null;
  page: number | null;
  page_end: number | null;
  length: number;
  fingerprint: bigint;
  content: string;
  /** A tsvector as Postgres sends it. */
  words: Buffer;
  /** A vector as pgvector sends it; null where the chunk has none in the space. */
  vector: Buffer | null;
}

/** The values that all chunks of a document share. */
export interface DocumentFacts {
  id: string;
  version: number;
  filename: string;
  title: string | null;
  language: string | null;
  media_type: string;
  metadata: Record<string, unknown>;
  created_at: string;
}

/** The embedding space whose vectors an index has. */
export interface IndexedSpace {
  id: number;
  dimensions: number;
}
