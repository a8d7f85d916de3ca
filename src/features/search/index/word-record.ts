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

const [head, body] = [new RecordWriter(), new RecordWriter()];

/**
 * The terms of a chunk and their places as one record. First how many bytes describe the terms, then how many
 * terms there are and, for each, the difference to the number before and how many places it has; then the
 * differences of all places. So a reader that only counts does not pass the places.
 * @param terms in ascending order @returns valid until the next call
 */
export function writeWords(terms: NumberedPlaces[]): Uint8Array {
  head.start().number(terms.length);
  body.start();
  let last = 0;
  for (const { term, places } of terms) {
    head.number(term - last).number(places.length);
    last = term;
    let before = 0;
    for (const place of places) {
      body.number(place - before);
      before = place;
    }
  }
  const described = Buffer.from(head.record);
  return head.start().number(described.length).raw(described).raw(body.record).record;
}

/** Opens a record at its terms and at its places. */
function openRecord({ page, offset }: Place): { terms: RecordReader; places: RecordReader } {
  const terms = new RecordReader({ page, offset });
  const bytes = terms.number();
  return { terms, places: new RecordReader({ page, offset: terms.offset + bytes }) };
}

export function* readWords(record: Place): Generator<NumberedPlaces> {
  const { terms, places } = openRecord(record);
  let term = 0;
  for (let left = terms.number(); left > 0; left--) {
    term += terms.number();
    yield { term, places: readPlaces(places, terms.number()) };
  }
}

/** The numbers of the terms alone. */
export function* readNumbers(record: Place): Generator<number> {
  const { terms } = openRecord(record);
  let term = 0;
  for (let left = terms.number(); left > 0; left--) {
    yield (term += terms.number());
    terms.skip(1);
  }
}

/** The places of the asked terms, by their texts. */
export function findPlaces(record: Place, { numbers, texts }: AskedTerms): Record<string, number[]> {
  // a word may be called like something that every other object has
  const found = Object.create(null) as Record<string, number[]>;
  const { terms, places } = openRecord(record);
  let term = 0;
  let next = 0;
  let skipped = 0;
  for (let left = terms.number(); left > 0; left--) {
    term += terms.number();
    while (next < numbers.length && (numbers[next] as number) < term) next++;
    if (next === numbers.length) break;
    const count = terms.number();
    if (numbers[next] === term) {
      places.skip(skipped);
      skipped = 0;
      found[texts[next] ?? ''] = readPlaces(places, count);
    } else skipped += count;
  }
  return found;
}

const maxCount = 255;

/** How often a term stands in a chunk, as far as its impact counts them. @param places that are stored */
export const countPlaces = (places: number): number => Math.min(maxCount, Math.max(1, places));

/** How often each of the asked terms stands in the chunk. @param numbers ascending @param counts by term */
export function countTerms({ page, offset }: Place, numbers: Uint32Array, counts: Uint8Array): void {
  counts.fill(0);
  const reader = new RecordReader({ page, offset });
  reader.skip(1);
  let left = reader.number();
  let at = reader.offset;
  let term = 0;
  // numbers of one byte are read here: most are, and this is done for each chunk that a question compares
  for (let next = 0; left > 0; left--) {
    let byte = page[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = page[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    term += value;
    while ((numbers[next] as number) < term) if (++next === numbers.length) return;
    byte = page[at++] as number;
    value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = page[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    if (numbers[next] === term) counts[next] = countPlaces(value);
  }
}

function readPlaces(reader: RecordReader, count: number): number[] {
  const places: number[] = [];
  let place = 0;
  for (let left = count; left > 0; left--) places.push((place += reader.number()));
  return places;
}
