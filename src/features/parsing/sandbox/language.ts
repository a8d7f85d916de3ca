import { detectLanguage as detect } from '../../../common/text/language.js';
import type { ParsedPart } from '../parsed-document.js';

const sampleCharacters = 6000;
/** Below this many letters a guess is random, unless the script alone decides. */
const minLetters = 40;

/** The language of a document's text, ISO 639-1; null when unsure. */
export function detectLanguage(parts: ParsedPart[]): string | null {
  const sample = sampleText(parts);
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  const ideographs =
    sample.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu)
      ?.length ?? 0;
  if (letters < (ideographs * 2 > letters ? 8 : minLetters)) return null;
  return detect(sample);
}

/**
 * Prose from the beginning, the middle and the last third;
 * marks, addresses and numbers say nothing about a language.
 */
function sampleText(parts: ParsedPart[]): string {
  const total = parts.reduce((sum, part) => sum + part.markdown.length, 0);
  const pick = (from: number): string => {
    let at = from;
    let text = '';
    for (const part of parts) {
      if (at >= part.markdown.length) at -= part.markdown.length;
      else {
        text += `${part.markdown.slice(at, at + sampleCharacters)}\n`;
        at = 0;
      }
      if (text.length >= sampleCharacters) break;
    }
    return text.slice(0, sampleCharacters);
  };
  const starts = total <= sampleCharacters ? [0] : [0, Math.floor(total / 2), Math.floor((total * 2) / 3)];
  return (
    starts
      .map(pick)
      .join('\n')
      .replace(/```[^`]*```/g, ' ')
      // an address is a word that holds its mark: to search for one from every letter would cost the square of a long word
      .replace(/\S+/g, (word) => (/^https?:\/\/|.@./.test(word) ? ' ' : word))
      .replace(/[|#*_`>[\](){}<>=\\/-]+|\d+/g, ' ')
  );
}
