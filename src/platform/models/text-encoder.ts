import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';

/** Characters that the tokenizers of the reader take for white space. */
const separators = '\\x00-\\x20\\x7f\\u00a0\\u00ad\\u2000-\\u200f\\u202f\\u205f\\u3000\\ufeff';
const words = new RegExp(`[^${separators}]+`, 'g');
const unknownToken = '<unk>';

/** Tokens with their places in the text, as UTF-16 indexes. */
export interface PlacedTokens {
  ids: number[];
  starts: number[];
  ends: number[];
}

const tokenizers = new Map<string, Tokenizer>();

/** Turns text into the token ids of a model. Folders with the same tokenizer share one in memory. */
export class TextEncoder {
  private readonly tokenizer: Tokenizer;

  constructor(directory: string) {
    const text = readFileSync(join(directory, 'tokenizer.json'), 'utf8');
    const key = createHash('sha256').update(text).digest('base64');
    const known = tokenizers.get(key);
    const settings = JSON.parse(readFileSync(join(directory, 'tokenizer_config.json'), 'utf8')) as object;
    this.tokenizer = known ?? new Tokenizer(JSON.parse(text) as object, settings);
    tokenizers.set(key, this.tokenizer);
  }

  /** The ids with the model's special tokens, cut to `maxTokens` in a way that keeps the last special one. */
  encode(text: string, maxTokens: number): number[] {
    return cut(this.tokenizer.encode(text).ids as number[], maxTokens);
  }

  /** The ids of two texts with the special tokens around them; the second is cut. */
  encodePair(text: string, other: string, maxTokens: number): number[] {
    return cut(this.tokenizer.encode(text, { text_pair: other }).ids, maxTokens);
  }

  /** The ids without special tokens. */
  plain(text: string): number[] {
    return this.tokenizer.encode(text, { add_special_tokens: false }).ids;
  }

  /**
   * The ids without special tokens, each with its place. Needs a tokenizer that splits at white space first.
   */
  placed(text: string): PlacedTokens {
    const placed: PlacedTokens = { ids: [], starts: [], ends: [] };
    for (const match of text.matchAll(words)) this.placeWord(match[0], match.index, placed);
    return placed;
  }

  private placeWord(word: string, from: number, placed: PlacedTokens): void {
    const encoded = this.tokenizer.encode(word, { add_special_tokens: false });
    const { ids, tokens } = encoded as { ids: number[]; tokens: string[] };
    const map = normalizedPlaces(word);
    const pieces = tokens.map((token, at) => (at === 0 ? token.replace(/^▁/, '') : token));
    const isMapped =
      map !== null && pieces.join('').length === map.length - 1 && !tokens.includes(unknownToken);
    let at = 0;
    for (const [index, id] of ids.entries()) {
      const end = at + (pieces[index]?.length ?? 0);
      placed.ids.push(id);
      placed.starts.push(from + (isMapped ? (map[at] ?? 0) : 0));
      placed.ends.push(from + (isMapped ? findEnd(map, end, word.length) : word.length));
      at = end;
    }
  }
}

/**
 * Maps each index of the word's compatibility form to an index of the word; null where characters change with
 * their neighbours.
 */
function normalizedPlaces(word: string): number[] | null {
  const normalized = word.normalize('NFKC');
  const places: number[] = [];
  let joined = '';
  let at = 0;
  for (const character of word) {
    const own = character.normalize('NFKC');
    joined += own;
    for (let index = 0; index < own.length; index += 1) places.push(at);
    at += character.length;
  }
  places.push(word.length);
  return joined === normalized ? places : null;
}

/** The end of a token: a character of the word that became several is never cut. */
function findEnd(map: number[], end: number, length: number): number {
  let at = end;
  while (at < map.length - 1 && at > 0 && map[at] === map[at - 1]) at += 1;
  return map[at] ?? length;
}

const cut = (ids: number[], maxTokens: number): number[] =>
  ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ...ids.slice(-1)];
