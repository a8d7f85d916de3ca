import { fold } from '../../common/text/stemming.js';

const space = 32;

/** Letters and digits, folded, single spaces between and around. */
function plainText(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
  return ` ${fold(words)} `;
}

// A cache by character: its one code unit, or one of these values.
const unmet = 0;
const dropped = 1;
const several = 2;
const dependent = 3;
const becomes = new Uint16Array(0x10000);
const longer = new Map<number, string>();
// combining marks and jamo join with their predecessor, surrogates are halves, and a capital sigma ends a
// word with another letter
const neighbourly = /[\p{M}\p{Surrogate}\u1100-\u11ff\u3130-\u318fΣ]/u;

function lookUp(unit: number): number {
  const character = String.fromCharCode(unit);
  const plain = plainText(character).trim();
  let found = plain.charCodeAt(0);
  if (neighbourly.test(character) || neighbourly.test(character.normalize('NFKC'))) found = dependent;
  else if (plain.length > 1) {
    longer.set(unit, plain);
    found = several;
  } else if (plain === '') found = /[\p{L}\p{N}]/u.test(character) ? dropped : space;
  becomes[unit] = found;
  return found;
}

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
    let next = becomes[unit] ?? unmet;
    if (next === unmet) next = lookUp(unit);
    if (next > dependent) {
      if (next === space && last === space) continue;
      units[length++] = last = next;
    } else if (next !== dropped) {
      const parts = next === several ? (longer.get(unit) ?? '') : undefined;
      // the rest must have room, each with two units
      if (parts === undefined || length + parts.length + 2 * (text.length - index) > units.length)
        return toUnits(plainText(text));
      for (let part = 0; part < parts.length; part++) units[length++] = last = parts.charCodeAt(part);
    }
  }
  if (last !== space) units[length++] = space;
  return units.subarray(0, length);
}

function toUnits(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return units;
}
