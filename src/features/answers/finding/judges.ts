import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Judges } from './finder.js';

const Regression = z.strictObject({
  features: z.array(z.string()),
  mean: z.array(z.number()),
  scale: z.array(z.number()),
  weights: z.array(z.number()),
  bias: z.number(),
});
const Weights = z.strictObject({
  passage: Regression,
  unit: Regression,
  answer: Regression,
  few: Regression,
  /** Log odds from which on the words of the documents are given as the answer. */
  answers: z.number(),
  /** The same where few chunks were searched. */
  answersFromFew: z.number(),
  /**
   * The same for a later question of a conversation: it is completed with words of earlier turns, which make
   * passages look like answers.
   */
  answersInConversation: z.number(),
  /** Log odds below which not even a chat model is asked. */
  floor: z.number(),
});
/** Which signals a judge uses: words only, or other scores of the sources too. */
const File = z.strictObject({
  words: Weights,
  cosine: Weights,
  reader: Weights,
  all: Weights,
  /** As `reader` and `all`, with the matcher. */
  readerMatched: Weights,
  allMatched: Weights,
  /** As `cosine` and `allMatched`, with the windows of the sources. */
  windowed: Weights,
  allWindowed: Weights,
});

export type Weighed = Judges &
  Pick<z.infer<typeof Weights>, 'answers' | 'answersFromFew' | 'answersInConversation' | 'floor'>;

let loaded: z.infer<typeof File> | undefined;
/** Written by `scripts/train-answers.mjs`. Read at the first question. */
const load = (): z.infer<typeof File> =>
  (loaded ??= File.parse(JSON.parse(readFileSync(new URL('./weights.json', import.meta.url), 'utf8'))));

interface Known {
  cosine: boolean;
  windows: boolean;
  reader: boolean;
  matcher: boolean;
}

/** The regressions for the signals that there are. */
export function judgesFor({ cosine, windows, reader, matcher }: Known): Weighed {
  const weights = load();
  if (!cosine) return reader ? (matcher ? weights.readerMatched : weights.reader) : weights.words;
  if (!reader) return windows ? weights.windowed : weights.cosine;
  if (!matcher) return weights.all;
  return windows ? weights.allWindowed : weights.allMatched;
}
