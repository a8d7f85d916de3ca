export interface ReadPassage {
  heading: string | null;
  content: string;
}

/** Offsets are UTF-16 indexes into `content`; margin = best span − null span; relevance = logit. */
export interface Reading {
  start: number;
  end: number;
  margin: number;
  relevance: number;
  /** The margin of the best span from each token on, in the order of the text. */
  begins: Begin[];
}

/** The best of the spans that begin at a place. */
export interface Begin {
  at: number;
  margin: number;
}

/** Reads passages with a question in mind: where in them it is answered, and how sure that is. */
export abstract class Reader {
  /** False without a model, and while its process is down. */
  abstract readonly available: boolean;
  /**
   * One reading for each passage, in order; null when the model could not be asked. Never throws for an
   * absent model.
   */
  abstract read(question: string, passages: ReadPassage[], signal?: AbortSignal): Promise<(Reading | null)[]>;

  /** True when sentences of a language can be compared with a question; null is an unknown language. */
  abstract knows(language: string | null): boolean;

  /**
   * How similar the meaning of each text is to that of the question, as cosines in order; null when the model
   * could not be asked. Never throws for an absent model.
   */
  abstract match(question: string, texts: string[], signal?: AbortSignal): Promise<number[] | null>;
}
