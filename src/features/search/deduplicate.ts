import { CharacterTable, dropped, reserved, space } from './character-table.js';
import { bytesOfCharacter, unitAt, Utf8Text } from './utf8-text.js';

const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const sentenceEnds = '.!?。！？\n';
const sentenceEnd = reserved;
const characters = new CharacterTable(words);
for (const end of sentenceEnds) characters.set(end, sentenceEnd);

/**
 * The content of a passage with each sentence once, so that a repetitive text does not fill the results with
 * pieces of different length.
 */
const fold = (content: string): string =>
  [...new Set(content.split(/[.!?。！？\n]+/u).map(words))].filter(Boolean).join(' ');

// A hash of 53 bits from two polynomials over units. Of a
// thousand passages, two that differ agree once in 10¹⁰ searches.
const highBase = 0x01000193;
const lowBase = 0x5bd1e995;
const combine = (high: number, low: number): number => (high >>> 0) * 2 ** 21 + (low >>> 11);

function power(base: number, exponent: number): number {
  let result = 1;
  for (let rest = exponent, square = base; rest > 0; rest >>>= 1, square = Math.imul(square, square))
    if ((rest & 1) === 1) result = Math.imul(result, square);
  return result;
}

function hashString(text: string): number {
  let [high, low] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    high = (Math.imul(high, highBase) + text.charCodeAt(index)) | 0;
    low = (Math.imul(low, lowBase) + text.charCodeAt(index)) | 0;
  }
  return combine(high, low);
}

/** Adds up the hash of sentences that follow each other, with a space between them and each once. */
class SentenceHash {
  private readonly seen = new Set<number>();
  private high = 0;
  private low = 0;
  private isEmpty = true;

  add(high: number, low: number, length: number): void {
    const hash = combine(high, low);
    if (length === 0 || this.seen.has(hash)) return;
    this.seen.add(hash);
    if (!this.isEmpty) {
      this.high = Math.imul(this.high, highBase) + space;
      this.low = Math.imul(this.low, lowBase) + space;
    }
    this.isEmpty = false;
    this.high = (Math.imul(this.high, power(highBase, length)) + high) | 0;
    this.low = (Math.imul(this.low, power(lowBase, length)) + low) | 0;
  }

  /** Null when there was nothing but empty sentences. */
  get value(): number | null {
    return this.isEmpty ? null : combine(this.high, this.low);
  }
}

/** The hash of what `fold` makes of the text, without making it; null when that is empty. */
function hashFolded(text: Utf8Text): number | null {
  const { bytes, start, end } = text;
  const sum = new SentenceHash();
  let [high, low, length] = [0, 0, 0];
  let isGap = false;
  for (let at = start; at < end;) {
    const byte = bytes[at] as number;
    const unit = byte < 0x80 ? byte : unitAt(bytes, at);
    at += bytesOfCharacter(byte);
    const next = characters.at(unit);
    if (next === space) isGap = length > 0;
    else if (next > reserved) {
      if (isGap) {
        high = (Math.imul(high, highBase) + space) | 0;
        low = (Math.imul(low, lowBase) + space) | 0;
        length++;
        isGap = false;
      }
      high = (Math.imul(high, highBase) + next) | 0;
      low = (Math.imul(low, lowBase) + next) | 0;
      length++;
    } else if (next === sentenceEnd) {
      sum.add(high, low, length);
      high = low = length = 0;
      isGap = false;
    } else if (next !== dropped) return hashWhole(text);
  }
  sum.add(high, low, length);
  return sum.value;
}

/** A place where no hash is known holds 0. */
const hashOfNothing = -1;

/** The hash of the text without what copies differ in; null for an empty one. An index remembers it for its texts. */
export function recallHash(text: Utf8Text): number | null {
  const { hashPlace } = text;
  const known = hashPlace?.values[hashPlace.at] ?? 0;
  if (known !== 0) return known === hashOfNothing ? null : known;
  const made = hashFolded(text);
  if (hashPlace) hashPlace.values[hashPlace.at] = made ?? hashOfNothing;
  return made;
}

function hashWhole(text: Utf8Text): number | null {
  const folded = fold(text.toString());
  return folded === '' ? null : hashString(folded);
}

/**
 * Moves passages that duplicate an earlier one behind all others.
 * @param enough number of passages that the result needs; copies behind them are not searched for
 */
export function copiesLast<T extends { content: string } | { text: Utf8Text }>(
  ranking: T[],
  enough = Infinity,
): T[] {
  const seen = new Set<number | string>();
  const firsts: T[] = [];
  const copies: T[] = [];
  let next = 0;
  for (; next < ranking.length && firsts.length < enough; next++) {
    const item = ranking[next];
    if (!item) continue;
    const text = 'text' in item ? item.text : Utf8Text.from(item.content);
    const key = recallHash(text) ?? text.toString();
    if (seen.has(key)) copies.push(item);
    else {
      seen.add(key);
      firsts.push(item);
    }
  }
  return [...firsts, ...ranking.slice(next), ...copies];
}
