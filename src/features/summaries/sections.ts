import { estimateTokens } from '../../common/tokens.js';
import type { ChunkRow } from '../../platform/database/functions.js';

/** Consecutive text under one heading, without the overlaps of its chunks. */
export interface Section {
  /** Heading path, null for text under none. */
  heading: string | null;
  text: string;
}

/** The text for one call of the model. */
export interface Part {
  /** 0-based place in the document. */
  index: number;
  text: string;
}

const maxOverlap = 400;
const minOverlap = 15;
const maxSectionLength = 12_000;

/** Characters at the beginning of `next` that repeat the end of `text`. */
function overlap(text: string, next: string): number {
  for (let length = Math.min(maxOverlap, text.length, next.length); length >= minOverlap; length--) {
    if (text.endsWith(next.slice(0, length))) return length;
  }
  return 0;
}

/** Puts the chunks of a document together again, section by section. */
export async function* splitSections(chunks: AsyncIterable<ChunkRow>): AsyncGenerator<Section> {
  let open: Section | null = null;
  for await (const { heading, content } of chunks) {
    if (open && open.heading === heading && open.text.length + content.length < maxSectionLength) {
      const repeated = overlap(open.text, content);
      open.text += repeated > 0 ? content.slice(repeated) : `\n\n${content}`;
      continue;
    }
    if (open) yield open;
    open = { heading, text: content };
  }
  if (open) yield open;
}

/** Sections in order, packed into parts of at most `tokens`; a longer one is cut between its lines. */
export async function* splitParts(sections: AsyncIterable<Section>, tokens: number): AsyncGenerator<Part> {
  let index = 0;
  let text = '';
  let size = 0;
  for await (const section of sections) {
    const whole = section.heading ? `## ${section.heading}\n\n${section.text}` : section.text;
    for (const piece of pieces(whole, tokens)) {
      const cost = estimateTokens(piece);
      if (text !== '' && size + cost > tokens) {
        yield { index: index++, text };
        text = '';
        size = 0;
      }
      text += (text === '' ? '' : '\n\n') + piece;
      size += cost + 1;
    }
  }
  if (text !== '') yield { index, text };
}

/**
 * `text` in pieces of at most `tokens`, cut in halves at the line, sentence or word nearest to the middle.
 */
export function pieces(text: string, tokens: number): string[] {
  if (estimateTokens(text) <= tokens || text.length < 2) return [text];
  const middle = Math.floor(text.length / 2);
  const near = (mark: string): number => {
    const before = text.lastIndexOf(mark, middle);
    return before > text.length / 4 ? before + mark.length : -1;
  };
  const cut = [near('\n\n'), near('\n'), near('. '), near('。'), near(' ')].find((at) => at > 0) ?? middle;
  return [...pieces(text.slice(0, cut), tokens), ...pieces(text.slice(cut), tokens)].filter(
    (piece) => piece.trim() !== '',
  );
}
