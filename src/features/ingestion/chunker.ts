import { readSecondHead, splitCells } from '../../common/text/table-cells.js';
import { setImmediate } from 'node:timers/promises';
import type { RecursiveCharacterTextSplitter } from '@langchain/textsplitters';
import { splitBlocks, type Block } from './markdown-blocks.js';
import { DocumentPlaces } from './document-places.js';
import type { Chunk, ParsedDocument, ParsedPart } from '../parsing/parsed-document.js';

export interface ChunkerOptions {
  /** Characters of a chunk; a table's repeated header and single rows may exceed it. */
  chunkSize: number;
  /** Characters that neighbouring chunks of one section may share. */
  chunkOverlap: number;
}

interface Span {
  start: number;
  end: number;
  /** A table header to repeat before the text. */
  header?: string;
}

type Spans = AsyncGenerator<Span, void, undefined>;

interface Section {
  heading: string | null;
  /** The heading's own text, for sections without any other. */
  title: Span | null;
  blocks: Block[];
}

const partSeparator = '\n\n';
/** A row or a line above this many chunk sizes is split. */
const wholeUpTo = 16;
/** A table's header beyond this many chunk sizes is not repeated. */
const repeatUpTo = 4;
/** The splitter works on pieces of this size: its time grows faster than the text. */
const pieceCharacters = 50_000;
const pauseAfterMs = 8;

/** Cuts a parsed document into chunks along its structure. The same document gives the same chunks. */
export class Chunker {
  private splitter: Promise<RecursiveCharacterTextSplitter> | null = null;

  constructor(private readonly options: ChunkerOptions = { chunkSize: 1000, chunkOverlap: 100 }) {}

  /**
   * Chunks in reading order; none when no part has a letter
   * or digit. Lets the event loop run every few milliseconds.
   */
  async split(document: ParsedDocument): Promise<Chunk[]> {
    const text = document.parts.map((part) => part.markdown).join(partSeparator);
    const bounds = partBounds(document.parts);
    const places = new DocumentPlaces(bounds);
    const pause = pacer();
    const chunks: Chunk[] = [];
    for await (const section of splitSections(text, bounds, pause)) {
      for await (const { start, end, header } of this.findSpans(text, section)) {
        const own = text.slice(start, end);
        if (!/[\p{L}\p{N}]/u.test(own)) continue;
        const page = pageAt(bounds, start);
        const content = header === undefined ? own : header + own;
        chunks.push({
          ordinal: chunks.length,
          content,
          heading: section.heading,
          page,
          pageEnd: pageAt(bounds, end - 1),
          start,
          end,
          place: places.placeFor(start, end, header?.length ?? 0),
        });
        await pause();
      }
    }
    return chunks;
  }

  private async *findSpans(text: string, { blocks, title }: Section): Spans {
    const first = blocks[0];
    const last = blocks.at(-1);
    if (!first || !last) {
      if (title) yield title;
    } else if (last.end - first.start <= this.options.chunkSize) {
      yield trimmed(text, first.start, last.end);
    } else {
      for (const run of splitRuns(blocks, (block) => this.standsAlone(text, block))) {
        const start = run[0]?.start ?? 0;
        const end = run.at(-1)?.end ?? 0;
        if (run[0]?.kind === 'table') yield* this.tableSpans(text, start, end);
        else if (run[0] && this.standsAlone(text, run[0]))
          yield* this.packed(text, splitLines(text, start, end), 0);
        else yield* this.proseSpans(text, start, end);
      }
    }
  }

  /** Tables are cut by rows; code goes with its prose unless the splitter would cut one of its lines. */
  private standsAlone(text: string, block: Block): boolean {
    if (block.kind !== 'code') return block.kind === 'table';
    for (const line of splitLines(text, block.start, block.end))
      if (line.end - line.start >= this.options.chunkSize) return true;
    return false;
  }

  private async *tableSpans(text: string, start: number, end: number): Spans {
    const headerEnd = tableHeaderEnd(text, start, end);
    const header =
      headerEnd > start && headerEnd - start < this.options.chunkSize * repeatUpTo
        ? `${text.slice(start, headerEnd)}\n`
        : undefined;
    // A header too long to repeat is cut like the rows.
    const bodyStart = header === undefined ? start : headerEnd + 1;
    if (bodyStart >= end) {
      yield { start, end };
      return;
    }
    for await (const span of this.packed(text, splitLines(text, bodyStart, end), header?.length ?? 0)) {
      // the first rows follow the header directly: it is not repeated for them
      if (span.start === bodyStart && header !== undefined) yield { start, end: span.end };
      else yield { ...span, header };
    }
  }

  /** Packs as many whole lines into each chunk as fit beside `reserved` characters. */
  private async *packed(text: string, lines: Iterable<Span>, reserved: number): Spans {
    const room = Math.max(this.options.chunkSize - reserved, this.options.chunkSize / 4);
    let open: Span | null = null;
    for (const line of lines) {
      if (open && line.end - open.start <= room) {
        open.end = line.end;
        continue;
      }
      if (open) yield open;
      open = null;
      if (line.end - line.start > this.options.chunkSize * wholeUpTo)
        yield* this.proseSpans(text, line.start, line.end);
      else open = line;
    }
    if (open) yield open;
  }

  private async *proseSpans(text: string, start: number, end: number): Spans {
    const splitter = await this.loadSplitter();
    let previous: Span | null = null;
    for (const piece of splitPieces(text, start, end)) {
      const source = text.slice(piece.start, piece.end);
      let last = 0;
      let searchFrom = 0;
      for (const part of await splitter.splitText(source)) {
        const further = source.indexOf(part, searchFrom);
        // A short part may be the whole overlap of the next one, which then begins at the same place.
        const found = further < 0 ? source.indexOf(part, last) : further;
        if (found < 0) continue;
        last = found;
        searchFrom = Math.max(found + 1, found + part.length - this.options.chunkOverlap - 2);
        const span = wholeCharacters(text, {
          start: piece.start + found,
          end: piece.start + found + part.length,
        });
        const next = withoutLeadingStop(text, span, previous);
        if (previous && previous.start < next.start) yield previous;
        previous = next;
      }
    }
    if (previous) yield previous;
  }

  /** Imported at the first split: it and its core cost 117 ms and 40 MB at boot. */
  private loadSplitter(): Promise<RecursiveCharacterTextSplitter> {
    this.splitter ??= import('@langchain/textsplitters').then(
      ({ RecursiveCharacterTextSplitter: Splitter }) =>
        new Splitter({ ...this.options, separators: ['\n\n', '\n', '。', '. ', '! ', '? ', ' ', ''] }),
    );
    return this.splitter;
  }
}

interface Bound extends Span {
  part: ParsedPart;
}

function partBounds(parts: ParsedPart[]): Bound[] {
  let at = 0;
  return parts.map((part) => {
    const bound = { part, start: at, end: at + part.markdown.length };
    at = bound.end + partSeparator.length;
    return bound;
  });
}

function pageAt(bounds: Bound[], offset: number): number | null {
  let low = 0;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((bounds[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return bounds[low]?.part.page ?? null;
}

/** Pages flow into one another; a slide, a sheet or a named part starts a new section. */
async function* splitSections(
  text: string,
  bounds: Bound[],
  pause: () => Promise<void>,
): AsyncGenerator<Section, void, undefined> {
  let path: { level: number; title: string }[] = [];
  for (let first = 0; first < bounds.length;) {
    const flows = isFlowing(bounds[first]);
    const last = flows ? lastFlowing(bounds, first) : first;
    const label = bounds[first]?.part.label ?? null;
    if (!flows) path = [];
    let open: Section = { heading: findHeading(label, path), title: null, blocks: [] };
    for await (const block of splitBlocks(text, bounds[first]?.start ?? 0, bounds[last]?.end ?? 0, pause)) {
      if (block.kind !== 'heading') {
        open.blocks.push(block);
        continue;
      }
      // A heading above deeper ones says nothing alone: their paths carry it.
      if (open.blocks.length === 0 && (path.at(-1)?.level ?? 7) < block.level) open.title = null;
      yield open;
      path = [
        ...path.filter((entry) => entry.level < block.level),
        { level: block.level, title: block.title },
      ];
      open = { heading: findHeading(label, path), title: titleSpan(text, block), blocks: [] };
    }
    yield open;
    first = last + 1;
  }
}

function lastFlowing(bounds: Bound[], first: number): number {
  let last = first;
  while (isFlowing(bounds[last + 1])) last += 1;
  return last;
}

function isFlowing(bound: Bound | undefined): boolean {
  return (
    bound !== undefined &&
    bound.part.label === null &&
    (bound.part.kind === 'page' || bound.part.kind === 'body')
  );
}

function findHeading(label: string | null, path: { title: string }[]): string | null {
  const titles = path.map((entry) => entry.title).filter((title) => title !== '');
  const all = label !== null && titles[0] !== label ? [label, ...titles] : titles;
  return all.length === 0 ? null : all.join(' > ').slice(0, 1000);
}

function titleSpan(text: string, block: Block): Span {
  const line = text.slice(block.start, block.end).split('\n')[0] ?? '';
  const marks = /^\s*#{1,6}[ \t]*/.exec(line)?.[0].length ?? 0;
  return trimmed(text, block.start + marks, block.start + line.length);
}

function splitRuns(blocks: Block[], alone: (block: Block) => boolean): Block[][] {
  const runs: Block[][] = [];
  let prose: Block[] | null = null;
  for (const block of blocks) {
    if (alone(block)) {
      runs.push([block]);
      prose = null;
    } else if (prose) {
      prose.push(block);
    } else {
      prose = [block];
      runs.push(prose);
    }
  }
  return runs;
}

function* splitLines(text: string, start: number, end: number): Generator<Span, void, undefined> {
  for (let at = start; at < end;) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 || newline > end ? end : newline;
    if (stop > at) yield { start: at, end: stop };
    at = stop + 1;
  }
}

/**
 * The end of a table's first two lines when the second is its rule, of a second row of titles where there is
 * one; else the table's start.
 */
function tableHeaderEnd(text: string, start: number, end: number): number {
  const [first, second, third] = [...take(splitLines(text, start, end), 3)];
  if (!first || !second || second.end - start > 200_000) return start;
  if (!/^\s*\|[\s:|-]+\|\s*$/.test(text.slice(second.start, second.end))) return start;
  if (!third || third.end - third.start > 100_000) return second.end;
  const head = splitCells(text.slice(first.start, first.end));
  return readSecondHead(head, text.slice(third.start, third.end)) ? third.end : second.end;
}

function* take<T>(items: Iterable<T>, count: number): Generator<T, void, undefined> {
  let taken = 0;
  for (const item of items) {
    yield item;
    if ((taken += 1) >= count) return;
  }
}

/** Gives the event loop its turn when this work has held it for long enough. */
function pacer(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < pauseAfterMs) return;
    await setImmediate();
    since = performance.now();
  };
}

/** Cuts very long text at a blank line, else a line end, else a blank, before the splitter sees it. */
function splitPieces(text: string, start: number, end: number): Span[] {
  const pieces: Span[] = [];
  let at = start;
  while (end - at > pieceCharacters) {
    const window = text.slice(at, at + pieceCharacters);
    const cut =
      [window.lastIndexOf('\n\n'), window.lastIndexOf('\n'), window.lastIndexOf(' ')].find(
        (place) => place > pieceCharacters / 2,
      ) ?? pieceCharacters;
    const whole = wholeCharacters(text, { start: at, end: at + cut });
    pieces.push(whole);
    at = whole.end;
  }
  pieces.push({ start: at, end });
  return pieces;
}

/** The splitter counts UTF-16 units and may cut a surrogate pair: takes the pair in whole. */
function wholeCharacters(text: string, { start, end }: Span): Span {
  return {
    start: isLowSurrogate(text, start) ? start - 1 : start,
    end: isLowSurrogate(text, end) ? end + 1 : end,
  };
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The splitter leaves a sentence's full stop at the head of the next chunk. */
function withoutLeadingStop(text: string, span: Span, previous: Span | null): Span {
  const stop = /^[.!?。]\s*/.exec(text.slice(span.start, Math.min(span.end, span.start + 8)))?.[0];
  if (!stop || stop.length >= span.end - span.start) return span;
  if (previous && previous.end === span.start) previous.end += 1;
  return { ...span, start: span.start + stop.length };
}

function trimmed(text: string, start: number, end: number): Span {
  let from = start;
  let to = end;
  // Leading blanks of the first line stay: they may be a list's or a code line's indentation.
  while (from < to && /[\n\r]/.test(text[from] ?? '')) from += 1;
  while (to > from && /\s/.test(text[to - 1] ?? '')) to -= 1;
  return { start: from, end: to };
}
