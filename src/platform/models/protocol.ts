import type { Reading, ReadPassage } from '../reader/reader.js';

/** Which text a vector is made of: models with prefixes treat the two differently. */
export type TextRole = 'query' | 'passage';

/** One computation of the child, in one run of a model. */
export type ModelJob =
  | { type: 'embed'; texts: string[]; role: TextRole }
  | { type: 'read'; question: string; passage: ReadPassage }
  | { type: 'match'; question: string; texts: string[] }
  /** Vectors of the matcher. */
  | { type: 'encode'; texts: string[]; role: TextRole }
  | { type: 'rank'; query: string; documents: string[] };

export interface ModelAnswer {
  embed: Float32Array[];
  read: Reading;
  /** The cosine of each text with the question. */
  match: number[];
  encode: Float32Array[];
  rank: number[];
}

/** A model folder and how its texts are marked. */
export interface EmbedderFolder {
  directory: string;
  queryPrefix: string;
  passagePrefix: string;
}

/** The models of one child, loaded before it says `ready`. */
export interface ModelsToLoad {
  embedder: EmbedderFolder | null;
  reader: string | null;
  matcher: string | null;
  reranker: string | null;
  /** Threads of one run. */
  threads: number;
}

export type ToChild = { type: 'load'; models: ModelsToLoad } | { type: 'job'; id: number; job: ModelJob };

export type FromChild =
  | { type: 'ready'; dimensions: number | null }
  /** The models cannot be loaded: another start would end the same way. */
  | { type: 'unusable'; cause: string }
  | { type: 'answer'; id: number; answer: ModelAnswer[keyof ModelAnswer] }
  | { type: 'failed'; id: number; cause: string };
