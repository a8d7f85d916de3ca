import { RecordReader, RecordWriter, type Place } from './arena.js';

/** A term of a set by its number, and its places in a chunk: 1-based, ascending. */
export interface NumberedPlaces {
  term: number;
  places: number[];
}

/** Terms of a question by their numbers in a set, ascending. */
export interface AskedTerms {
  numbers: number[];
  texts: string[];
}

const writer = new RecordWriter();

/**
 * The terms of a chunk and their places as one record: differences of
 * the numbers, how many places each has, differences of the places.
 * @param terms in ascending order @returns valid until the next call
 */
export function writeWords(terms: NumberedPlaces[]): Uint8Array {
  writer.start().number(terms.length);
  let last = 0;
  for (const { term, places } of terms) {
    writer.number(term - last).number(places.length);
    last = term;
    let before = 0;
    for (const place of places) {
      writer.number(place - before);
      before = place;
    }
  }
  return writer.record;
}

export function* readWords(record: Place): Generator<NumberedPlaces> {
  const reader = new RecordReader(record);
  let term = 0;
  for (let left = reader.number(); left > 0; left--) {
    term += reader.number();
    yield { term, places: readPlaces(reader, reader.number()) };
  }
}

/** The numbers of the terms alone. */
export function* readNumbers(record: Place): Generator<number> {
  const reader = new RecordReader(record);
  let term = 0;
  for (let left = reader.number(); left > 0; left--) {
    yield (term += reader.number());
    reader.skip(reader.number());
  }
}

/** The places of the asked terms, by their texts. */
export function findPlaces(record: Place, { numbers, texts }: AskedTerms): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const reader = new RecordReader(record);
  let term = 0;
  let next = 0;
  for (let left = reader.number(); left > 0; left--) {
    term += reader.number();
    while (next < numbers.length && (numbers[next] as number) < term) next++;
    if (next === numbers.length) break;
    const count = reader.number();
    if (numbers[next] === term) {
      // a word may be called like something that every object has
      const value = readPlaces(reader, count);
      Object.defineProperty(found, texts[next] ?? '', { value, enumerable: true });
    } else reader.skip(count);
  }
  return found;
}

const maxCount = 255;

/** How often a term stands in a chunk, as far as its impact counts them. @param places that are stored */
export const countPlaces = (places: number): number => Math.min(maxCount, Math.max(1, places));

/** How often each of the asked terms stands in the chunk. @param numbers ascending @param counts by term */
export function countTerms(record: Place, numbers: Uint32Array, counts: Uint8Array): void {
  counts.fill(0);
  const reader = new RecordReader(record);
  let term = 0;
  let next = 0;
  for (let left = reader.number(); left > 0; left--) {
    term += reader.number();
    while (next < numbers.length && (numbers[next] as number) < term) next++;
    if (next === numbers.length) break;
    const count = reader.number();
    if (numbers[next] === term) counts[next] = countPlaces(count);
    reader.skip(count);
  }
}

function readPlaces(reader: RecordReader, count: number): number[] {
  const places: number[] = [];
  let place = 0;
  for (let left = count; left > 0; left--) places.push((place += reader.number()));
  return places;
}
