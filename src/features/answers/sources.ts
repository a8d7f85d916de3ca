/** A passage that an answer may rest on; its number in the prompt and in the markers is its place + 1. */
export interface Source {
  content: string;
  title: string | null;
  filename: string;
  heading: string | null;
  page: number | null;
  /** ISO 639-1, null when unknown. */
  language: string | null;
  /** Support by the search, 0…1; absent where none was made. */
  score?: number;
  /** Cosine of the question's vector with the passage's; null or absent where there is none. */
  cosine?: number | null;
  /** The chunk that was found, where `content` is wider. */
  core?: string;
  /** What the content was put together of, in order; absent where it is one piece. */
  parts?: { content: string; page: number | null }[];
}

/** Words of a source, by the source's place. */
export interface Quote {
  source: number;
  text: string;
}
