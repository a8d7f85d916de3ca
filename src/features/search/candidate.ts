import type { FoundChunk } from '../../platform/database/functions.js';
import { Utf8Text } from './utf8-text.js';

/**
 * A chunk that a leg found. Most of them are ordered and
 * not shown, so their content is not made into a string.
 */
export interface Candidate extends Omit<FoundChunk, 'content'> {
  text: Utf8Text;
}

export const toCandidate = ({ content, ...chunk }: FoundChunk): Candidate => ({
  ...chunk,
  text: Utf8Text.from(content),
});

/** The texts that the words of a question are compared with. */
export type Matched = Pick<FoundChunk, 'language' | 'length' | 'matched'>;
export type Compared = Matched & Pick<FoundChunk, 'vector'>;
