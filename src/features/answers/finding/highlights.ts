import { analyze } from '../../../common/text/analyzer.js';
import type { Asked } from './asked.js';

const maxHighlights = 24;
const maxCharacters = 20_000;

/** The words of a text that the question asks for, verbatim, each once and in order. */
export function highlightsIn(content: string, asked: Asked, language: string | null): string[] {
  const wanted = asked.termsIn(language).filter((term) => !term.startsWith('#'));
  const text = content.slice(0, maxCharacters);
  const found = new Map<string, string>();
  const terms = new Set(wanted);
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)) {
    if (found.size >= maxHighlights) break;
    if (found.has(word)) continue;
    for (const part of [word, ...word.split(/[-'’]/u)])
      if (part !== '' && analyze(part, language).terms.some((term) => terms.has(term))) found.set(part, part);
  }
  return [...found.keys()].slice(0, maxHighlights);
}
