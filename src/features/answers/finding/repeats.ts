import { analyze } from '../../../common/text/analyzer.js';
import { foldSpace } from '../../../common/text/clean.js';
import { isAskingTerm } from '../../../common/text/question-words.js';

/** What a follow-up comes after. */
export interface Former {
  /** The follow-up as it was typed. */
  prompt: string;
  /** The last reply. */
  reply: string;
}

/** A shorter text stands in many replies. */
const minRepeated = 15;
const maxReply = 20_000;
const digits = /\p{N}/u;

/** Terms of a text, and its numbers in figures. */
function readTerms(text: string, language: string | null): Set<string> {
  const { terms, also = [] } = analyze(text, language);
  return new Set([...terms, ...also.map(([term]) => term)]);
}

/**
 * Finds texts that the last reply has said and that say nothing of what the follow-up adds: neither its numbers
 * nor any of its words. `And after ten years?` is not answered by the sentence about the first year once more.
 */
export function repeatFinder({ prompt, reply }: Former, language: string | null): (text: string) => boolean {
  const said = foldSpace(reply.slice(0, maxReply));
  const added = [...readTerms(prompt, language)].filter((term) => !isAskingTerm(term, language));
  const numbers = added.filter((term) => digits.test(term));
  if (added.length === 0) return () => false;
  return (text) => {
    const folded = foldSpace(text);
    if (folded.length < minRepeated || !said.includes(folded)) return false;
    const held = readTerms(folded, language);
    return numbers.some((term) => !held.has(term)) || !added.some((term) => held.has(term));
  };
}
