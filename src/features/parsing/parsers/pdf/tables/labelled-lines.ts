import type { TextItem } from '@llamaindex/liteparse';
import { markdownLines } from '../../shared/markdown-text.js';
import type { PagePiece } from '../../shared/placed-text.js';
import { joinWords, type Segment, type TextLine, textLines } from '../text/lines.js';
import type { PageTable } from './page-table.js';
import { lettersOf } from '../headings/running-heads.js';

/** Words of a label and of a value: what is longer is running text. */
const maxLabelWords = 6;
const maxValueWords = 10;
/** Heights of a line between two lines of a block, and between the lines of one value. */
const maxPitch = 2.6;
const maxLeading = 1.7;
/** Points by which what stands below one another may miss its edge. */
const maxEdge = 4;
const minLines = 2;
/** Lines of a block: each is compared with all of them. */
const maxLines = 100;

interface Pair {
  label: Segment;
  value: Segment[];
}

/**
 * Finds labels with a colon whose values stand beside or below them, as in the heads and sums of forms, invoices
 * and records. The layout takes labels and values for columns, and reads all of the labels first.
 */
export function labelledLines(items: readonly TextItem[]): PageTable[] {
  const lines = textLines(items);
  const blocks: PageTable[] = [];
  for (let at = 0; at < lines.length;) {
    const block = readBeside(lines, at) ?? readBelow(lines, at);
    const table = block && asTable(block.pairs, items);
    if (table) blocks.push(table);
    at += block?.count ?? 1;
  }
  return blocks;
}

/** The blocks of which a page does not have each value behind its label. */
export function withoutRead(blocks: readonly PageTable[], markdown: string): PageTable[] {
  if (blocks.length === 0) return [];
  const read = lettersOf(markdown);
  return blocks.filter(({ lines = [] }) => !lines.every((line) => read.includes(lettersOf(line))));
}

interface Block {
  pairs: Pair[];
  /** Number of lines. */
  count: number;
}

/** Lines of labels with their values behind them, perhaps several pairs on a line. */
function readBeside(lines: readonly TextLine[], start: number): Block | null {
  const pairs: Pair[] = [];
  let [count, labelled] = [0, 0];
  for (const line of lines.slice(start, start + maxLines)) {
    const before = lines[start + count - 1];
    if (count > 0 && before && line.top - before.top > line.height * maxPitch) break;
    const own = pairsOn(line);
    const open = own ? null : continued(line, before, pairs);
    if (!own && !open) break;
    if (own) labelled += 1;
    if (own) pairs.push(...own);
    else if (open) open.value.push(...line.segments);
    count += 1;
  }
  return labelled >= minLines && standsInColumns(pairs) ? { pairs: byColumn(pairs), count } : null;
}

function pairsOn({ segments }: TextLine): Pair[] | null {
  if (segments.length < 2 || segments.length % 2 === 1) return null;
  const pairs: Pair[] = [];
  for (let at = 0; at < segments.length; at += 2) {
    const [label, value] = [segments[at], segments[at + 1]];
    if (!label || !value || !isLabel(label) || !isValue(value)) return null;
    pairs.push({ label, value: [value] });
  }
  return pairs;
}

/** The pair whose value goes on in a line that stands below it. */
function continued(line: TextLine, before: TextLine | undefined, pairs: readonly Pair[]): Pair | null {
  const [only, other] = line.segments;
  if (!only || other || !before || isLabel(only) || !isValue(only)) return null;
  if (line.top - before.top > line.height * maxLeading) return null;
  return pairs.findLast(({ value: [first] }) => first && Math.abs(first.left - only.left) < maxEdge) ?? null;
}

/** Labels and values keep to their edges; those of sentences do not. */
function standsInColumns(pairs: readonly Pair[]): boolean {
  const aligned = pairs.filter((pair) =>
    pairs.some((other) => other !== pair && isBelow(other.label, pair.label) && sharesValueEdge(other, pair)),
  );
  return aligned.length >= minLines && aligned.length * 2 >= pairs.length;
}

const sharesValueEdge = ({ value: [one] }: Pair, { value: [other] }: Pair): boolean =>
  one !== undefined && other !== undefined && isBelow(one, other);

const isBelow = (one: Segment, other: Segment): boolean =>
  Math.abs(one.left - other.left) < maxEdge || Math.abs(one.right - other.right) < maxEdge;

/** Blocks beside one another follow one another. */
function byColumn(pairs: readonly Pair[]): Pair[] {
  const columns: [Pair, ...Pair[]][] = [];
  for (const pair of pairs) {
    const column = columns.find(([first]) => isBelow(first.label, pair.label));
    if (column) column.push(pair);
    else columns.push([pair]);
  }
  return columns.flat();
}

/** A line of labels above a line of their values. */
function readBelow(lines: readonly TextLine[], at: number): Block | null {
  const [labels, values] = [lines[at], lines[at + 1]];
  if (!labels || !values || values.top - labels.top > labels.height * maxPitch) return null;
  if (labels.segments.length < 2 || labels.segments.length !== values.segments.length) return null;
  const pairs = labels.segments.map((label, index): Pair => ({
    label,
    value: values.segments.slice(index, index + 1),
  }));
  const isSure = pairs.every(
    ({ label, value: [value] }) =>
      value && isLabel(label) && isValue(value) && Math.abs(label.left - value.left) < maxEdge,
  );
  return isSure ? { pairs, count: 2 } : null;
}

const textOf = ({ words }: Segment): string => joinWords(words);
const countWords = (segment: Segment): number => textOf(segment).split(' ').length;
const isLabel = (segment: Segment): boolean =>
  countWords(segment) <= maxLabelWords && /\p{L}.*:$/u.test(textOf(segment));
const isValue = (segment: Segment): boolean =>
  countWords(segment) <= maxValueWords && !textOf(segment).endsWith(':');

/** Null where a piece of text belongs to a block in part. */
function asTable(pairs: readonly Pair[], items: readonly TextItem[]): PageTable | null {
  const segments = pairs.flatMap(({ label, value }) => [label, ...value]);
  const words = new Set(segments.flatMap((segment) => segment.words));
  const own = items.filter((item) => wordsOf(item).some((word) => words.has(word)));
  if (!own.every((item) => wordsOf(item).every((word) => words.has(word) || word.text.trim() === '')))
    return null;
  const all = [...words];
  return {
    rows: [],
    lines: pairs.map(({ label, value }) =>
      markdownLines(`${textOf(label)} ${joinWords(value.flatMap((segment) => segment.words))}`),
    ),
    left: Math.min(...segments.map(({ left }) => left)),
    right: Math.max(...segments.map(({ right }) => right)),
    top: Math.min(...all.map(({ y }) => y)),
    bottom: Math.max(...all.map(({ y, height }) => y + height)),
    items: new Set(own),
  };
}

const wordsOf = (item: TextItem): readonly PagePiece[] => (item.words?.length ? item.words : [item]);
