import { fold } from '../../common/text/stemming.js';
import { CharacterTable, dependent, dropped, several, space } from './character-table.js';

/** Letters and digits, folded, single spaces between and around. */
function normalize(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? ' ' : ` ${fold(words)} `;
}

/** Units of texts for comparing grams. */
export const plainCharacters = new CharacterTable(normalize);

/**
 * The code units of a text for comparing grams: letters and digits in lower case, folded, single spaces
 * between and around. Works character by character where they are independent, which is many times faster.
 */
export function plainUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length * 2 + 2);
  let length = 1;
  let last = space;
  units[0] = space;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const next = plainCharacters.at(unit);
    if (next > dependent) {
      if (next === space && last === space) continue;
      units[length++] = last = next;
    } else if (next !== dropped) {
      const parts = next === several ? plainCharacters.expansion(unit) : undefined;
      // the rest must have room, each with two units
      if (parts === undefined || length + parts.length + 2 * (text.length - index) > units.length)
        return foldedUnits(text);
      for (let part = 0; part < parts.length; part++) units[length++] = last = parts.charCodeAt(part);
    }
  }
  if (last !== space) units[length++] = space;
  return units.subarray(0, length);
}

/** The same from the rules of Unicode for the whole text, whatever its characters are. */
export const foldedUnits = (text: string): Uint16Array => toUnits(normalize(text));

function toUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return units;
}
