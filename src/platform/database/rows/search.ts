/** A published document whose keyword rows are to be made again. */
export interface OutdatedDocument {
  tenant: string;
  document_id: string;
  version: number;
  filename: string;
  title: string | null;
  language: string | null;
}

export interface EmbeddingSpace {
  id: number;
  provider: string;
  model: string;
  dimensions: number;
  state: 'building' | 'active' | 'retired';
  created_at: string;
}

/** The graph over the vectors of a space. */
export interface SpaceIndex {
  /** `unfinished` means that a build was interrupted: searches ignore it. */
  state: 'none' | 'building' | 'unfinished' | 'ready';
  /** Progress of a build, 0 … 1. */
  progress: number | null;
  bytes: number;
}

/** How far a space is from holding every chunk. */
export interface SpaceProgress {
  chunks: number;
  /** Chunks without a vector in the space. */
  missing: number;
  /** Different texts among them that must be embedded; the rest is copied. */
  inputs: number;
  /** An estimate of the tokens of those texts. */
  tokens: number;
}

/** A chunk that lacks its vector or its windows. */
export interface MissingChunk {
  id: string;
  tenant: string;
  input_hash: string;
  heading: string | null;
  content: string;
  /** The document's; null when unknown. */
  language: string | null;
  /** True when only the windows are missing. */
  embedded: boolean;
}

/** The next chunks that a space lacks. */
export interface MissingChunks {
  /** Chunks that took the vector of an equal one. */
  copied: number;
  /** Where the next page begins; null at the end. */
  last: string | null;
  chunks: MissingChunk[];
}

/** Figures about the published chunks in the scope. */
export interface CorpusStats {
  chunks: number;
  /** Mean analysed terms of a chunk; 0 for an empty corpus. */
  average_length: number;
  /** Increases with every change that a search or a filter can see. */
  revision: number;
  /** Most chunks first; '' where the language is not known. */
  languages: { language: string; chunks: number; average_length: number }[];
}

/** The changes of a set since an earlier `horizon`. */
export interface SetChanges {
  /** The next call continues from here. */
  horizon: string;
  revision: number;
  /** `documents` are all of the set, and not only those that changed. */
  whole: boolean;
  /**
   * `chunks` is null for a document that the set does not have any more. A higher `stamp` is a later change.
   */
  documents: { id: string; stamp: number; chunks: number | null }[];
}

/** A published document with some of its chunks, as an index beside the rows is built from. */
export interface IndexedDocumentRow {
  id: string;
  version: number;
  filename: string;
  title: string | null;
  language: string | null;
  media_type: string;
  metadata: Record<string, unknown>;
  created_at: string;
  /** All of its chunks. */
  count: number;
  /**
   * `fingerprint` is a whole number, `words` a tsvector and
   * `vector` a vector as they go over the wire, in base64.
   */
  chunks: [
    id: string,
    ordinal: number,
    heading: string | null,
    page: number | null,
    page_end: number | null,
    length: number,
    fingerprint: string,
    content: string,
    words: string,
    vector: string | null,
  ][];
}

export interface FoundChunk {
  id: string;
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
  heading: string | null;
  page: number | null;
  page_end: number | null;
  filename: string;
  document_set: string;
  media_type: string;
  language: string | null;
  title: string | null;
  metadata: Record<string, unknown>;
  created_at: string;
  /** Analysed terms in the chunk. */
  length: number;
  /**
   * For each of the requested `terms`: its places (1-based, among the analysed terms) in the chunk; empty if
   * no terms were requested.
   */
  matched: Record<string, number[]>;
  /** Inner product with the sparse query; null where the keyword leg was not asked. */
  keyword: number | null;
  /** Cosine; null without a vector. */
  vector: number | null;
}

/** A chunk next to a found one, or the found one itself. */
export interface NeighbouringChunk {
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
  page: number | null;
  heading: string | null;
  /**
   * Characters of the parsed text, end exclusive. The content may
   * be longer: the header of a table is repeated before its rows.
   */
  start: number;
  end: number;
}

/** A query term after analysis: its hash is its place in the sparse vectors. */
export interface QueryTerm {
  term: string;
  hash: number;
  /** Times in the query. */
  count: number;
  /** Unknown terms of five letters or more may be replaced by near ones. */
  fuzzy: boolean;
  /** An unknown one may be a part of longer words. */
  compound?: boolean;
  /** The word of the query it stems from: one word has a stem in each plausible language. */
  word: string;
}

export interface WeighedTerm {
  term: string;
  /** The term of the query that it replaces (itself, or a misspelt one). */
  source: string;
  df: number;
  /** 1, or for a near term its trigram similarity. */
  similarity: number;
}
