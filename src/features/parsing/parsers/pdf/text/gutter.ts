import type { TextItem } from '@llamaindex/liteparse';
import { median, type Segment, type TextLine, textLines } from './lines.js';

/**
 * Points that two columns of text stand apart at least, and lines in a hundred that may cross between them.
 */
const minGutter = 7;
const maxCrossing = 0.12;
/** Lines and words of a line of running text in each column. */
const minLines = 8;
const minWords = 4;
/** Points within which two edges count as one, and the share of the lines that have it in a column. */
const edgeStep = 3;
const minShared = 0.2;

interface Strip {
  from: number;
  to: number;
}

/**
 * Parts the text of a page that is set in columns, so that no table is looked for across them.
 * @returns one group for each column; all text as one group for other pages
 */
export function splitAtGutters(items: TextItem[], depth = 0): TextItem[][] {
  const strip = depth < 2 ? findGutter(textLines(items)) : null;
  if (!strip) return [items];
  const middle = (strip.from + strip.to) / 2;
  const left = items.filter(({ x, width }) => x + width <= middle + 1);
  const right = items.filter(({ x }) => x >= middle - 1);
  return [...splitAtGutters(left, depth + 1), ...splitAtGutters(right, depth + 1)];
}

function findGutter(lines: TextLine[]): Strip | null {
  if (lines.length < minLines) return null;
  const allowed = Math.floor(lines.length * maxCrossing);
  const strips = freeStrips(lines, allowed).toSorted((a, b) => b.to - b.from - (a.to - a.from));
  return strips.slice(0, 6).find((strip) => isBetweenText(lines, strip)) ?? null;
}

/** Strips that hardly any line crosses. */
function freeStrips(lines: TextLine[], allowed: number): Strip[] {
  const edges = lines
    .flatMap(({ segments }) => segments)
    .flatMap(({ left, right }) => [
      { at: left, step: 1 },
      { at: right, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  const strips: Strip[] = [];
  let [count, free] = [0, Infinity];
  for (const { at, step } of edges) {
    if (count <= allowed && count + step > allowed && at - free >= minGutter)
      strips.push({ from: free, to: at });
    if (count > allowed && count + step <= allowed) free = at;
    count += step;
  }
  return strips;
}

/** True if running text stands on both sides. */
function isBetweenText(lines: TextLine[], { from, to }: Strip): boolean {
  return [
    lines.map(({ segments }) => segments.filter(({ right }) => right <= from + 1)),
    lines.map(({ segments }) => segments.filter(({ left }) => left >= to - 1)),
  ].every((side) => isText(side.filter((segments) => segments.length > 0)));
}

/** Rows of a table have as many words as lines of text, in several cells that stand below one another. */
function isText(lines: Segment[][]): boolean {
  const counts = lines.map((segments) => segments.map(({ words }) => words.length));
  return (
    lines.length >= minLines &&
    median(counts.map((words) => words.reduce((sum, count) => sum + count, 0))) >= minWords &&
    (median(counts.map((words) => Math.max(...words))) >= minWords || !standsInColumns(lines))
  );
}

/** True if most pieces within lines share an edge with pieces of many other lines: gaps of justified text do not. */
function standsInColumns(lines: Segment[][]): boolean {
  const inner = lines.flatMap((segments) => segments.slice(1));
  const shares = (edge: (segment: Segment) => number): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const segment of inner) {
      const at = Math.round(edge(segment) / edgeStep);
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    return counts;
  };
  const [lefts, rights] = [shares(({ left }) => left), shares(({ right }) => right)];
  const least = lines.length * minShared;
  const aligned = inner.filter(
    ({ left, right }) =>
      (lefts.get(Math.round(left / edgeStep)) ?? 0) >= least ||
      (rights.get(Math.round(right / edgeStep)) ?? 0) >= least,
  );
  return aligned.length > inner.length / 2;
}
