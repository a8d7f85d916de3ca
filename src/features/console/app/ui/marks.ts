import type { Block, Run } from './markdown.js';

/** A range of a text's folded characters. */
export interface Mark {
  start: number;
  end: number;
  kind: 'cited' | 'hit' | 'current';
}

interface Folded {
  text: string;
  /** The place of each folded character in the original. */
  places: number[];
}

const kept = /[\p{L}\p{N}]/u;

/**
 * Letters and digits in lower case: white space, markup and
 * punctuation differ between a quote and its place in a document.
 */
export function fold(original: string): Folded {
  let text = '';
  const places: number[] = [];
  let place = 0;
  for (const character of original.normalize('NFC')) {
    if (kept.test(character)) {
      const lower = character.toLowerCase();
      text += lower;
      for (let unit = 0; unit < lower.length; unit++) places.push(place);
    }
    place += character.length;
  }
  return { text, places };
}

function* splitRuns(blocks: Block[]): Generator<Run> {
  for (const block of blocks) {
    if (block.kind === 'heading' || block.kind === 'paragraph') yield* block.runs;
    else if (block.kind === 'code') yield { text: block.text };
    else if (block.kind === 'quote') yield* splitRuns(block.blocks);
    else if (block.kind === 'list') for (const item of block.items) yield* splitRuns(item);
    else if (block.kind === 'table') for (const cells of [block.header, ...block.rows]) yield* cells.flat();
  }
}

/** The folded text of a whole part. */
export function foldBlocks(blocks: Block[]): string {
  let text = '';
  for (const run of splitRuns(blocks)) text += fold(run.text).text;
  return text;
}

/** Every place of `needle`, at most `max` of them. */
export function findAll(haystack: string, needle: string, max = 500): number[] {
  const places: number[] = [];
  if (needle === '') return places;
  for (
    let at = haystack.indexOf(needle);
    at !== -1 && places.length < max;
    at = haystack.indexOf(needle, at + 1)
  )
    places.push(at);
  return places;
}

export interface Piece {
  text: string;
  mark: Mark['kind'] | null;
}

/** Cuts a run where marks begin and end. `offset` counts the folded characters before the run. */
export function cutRun(text: string, offset: number, marks: Mark[]): { pieces: Piece[]; length: number } {
  const normal = text.normalize('NFC');
  const { text: folded, places } = fold(normal);
  const end = offset + folded.length;
  const touching = marks
    .filter((mark) => mark.start < end && mark.end > offset)
    .sort((left, right) => left.start - right.start);
  const pieces: Piece[] = [];
  let last = 0;
  for (const mark of touching) {
    const from = mark.start <= offset ? 0 : (places[mark.start - offset] ?? normal.length);
    const until = mark.end >= end ? normal.length : (places[mark.end - offset - 1] ?? normal.length - 1) + 1;
    if (until <= last) continue;
    if (from > last) pieces.push({ text: normal.slice(last, from), mark: null });
    pieces.push({ text: normal.slice(Math.max(from, last), until), mark: mark.kind });
    last = until;
  }
  if (last < normal.length) pieces.push({ text: normal.slice(last), mark: null });
  return { pieces, length: folded.length };
}
