import type { NeighbouringChunk } from '../../platform/database/functions.js';

export type MergedChunk = Pick<NeighbouringChunk, 'ordinal' | 'content' | 'page'>;

interface Place {
  document_id: string;
  version: number;
  ordinal: number;
  content: string;
}

/** The table header that the chunker repeated before the text; '' for all others. */
const findHeader = ({ content, start, end }: NeighbouringChunk): string =>
  content.slice(0, Math.max(0, content.length - (end - start)));

/**
 * The new part of `next` after `text`, which ends with `last`: without their overlap and without the repeated
 * header of a table.
 */
function addition(text: string, last: NeighbouringChunk, next: NeighbouringChunk): string {
  const shared = last.end - next.start;
  const header = findHeader(next);
  const own = next.content.slice(header.length);
  if (shared > 0 && text.endsWith(own.slice(0, shared))) return own.slice(shared);
  const goesOn = shared >= -1 && header !== '' && last.content.startsWith(header);
  const separator = shared === 0 ? '' : shared === -1 ? '\n' : '\n\n';
  return separator + (goesOn ? own : next.content);
}

/** Chunks that follow each other, as one text. */
export function joined(chunks: NeighbouringChunk[]): string {
  let text = '';
  let last: NeighbouringChunk | undefined;
  for (const next of chunks) {
    text += last ? addition(text, last, next) : next.content;
    last = next;
  }
  return text;
}

/**
 * The hits with their content widened by the chunks around them, without a gap and at most `reach` on either
 * side. A hit that is not among `chunks` any more, since its document has changed, stays as it is.
 */
export function withNeighbours<T extends Place>(
  hits: T[],
  chunks: NeighbouringChunk[],
  reach: number,
): (T & { merged?: MergedChunk[] })[] {
  const places = new Map(
    chunks.map((chunk) => [`${chunk.document_id} ${chunk.version} ${chunk.ordinal}`, chunk]),
  );
  return hits.map((hit) => {
    const at = (ordinal: number) => places.get(`${hit.document_id} ${hit.version} ${ordinal}`);
    const own = at(hit.ordinal);
    if (!own) return hit;
    const run = [own];
    for (
      let ordinal = hit.ordinal - 1, chunk = at(ordinal);
      chunk && ordinal >= hit.ordinal - reach;
      chunk = at(--ordinal)
    )
      run.unshift(chunk);
    for (
      let ordinal = hit.ordinal + 1, chunk = at(ordinal);
      chunk && ordinal <= hit.ordinal + reach;
      chunk = at(++ordinal)
    )
      run.push(chunk);
    if (run.length === 1) return hit;
    return {
      ...hit,
      content: joined(run),
      merged: run.map(({ ordinal, content, page }) => ({ ordinal, content, page })),
    };
  });
}
