/** A passage for an answer; its number in the prompt and in the markers is its place + 1. */
export interface Source {
  content: string;
  title: string | null;
  filename: string;
  heading: string | null;
  page: number | null;
  /** ISO 639-1, null when unknown. */
  language: string | null;
  /** Support by the search, 0…1; absent without a search. */
  score?: number;
  /** Cosine of the question's vector with the passage's; null or absent without vectors. */
  cosine?: number | null;
  /** Cosine of the question with the most similar window of the passage; null or absent where none was compared. */
  window?: number | null;
  /**
   * True when the question names a code and this is about
   * another one of the same form: then it answers nothing.
   */
  isOfAnother?: boolean;
  /** The chunk that was found, where `content` is wider. */
  core?: string;
  /** The parts of the content in order; absent if it is one piece. */
  parts?: { content: string; page: number | null }[];
}

/** Words of a source, by the source's place. */
export interface Quote {
  source: number;
  text: string;
}
