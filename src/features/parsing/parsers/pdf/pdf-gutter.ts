import type { TextItem } from '@llamaindex/liteparse';
import { median, type TextLine, textLines } from './pdf-lines.js';

/**
 * Points that two columns of text stand apart at least, and lines in a hundred that may cross between them.
 */
const minGutter = 7;
const maxCrossing = 0.12;
/** Lines and words of a line of running text in each column. */
const minLines = 8;
const minWords = 4;

interface Strip {
  from: number;
  to: number;
}

/**
 * Parts the text of a page that is set in columns, so that no table is looked for across them.
 * @returns one group for each column; all text as one group for other pages
 */
export function splitAtGutters(items: readonly TextItem[], depth = 0): TextItem[][] {
  const strip = depth < 2 ? findGutter(textLines(items)) : null;
  if (!strip) return [[...items]];
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

/** True if running text stands on both sides, whose lines do not keep to one another. */
function isBetweenText(lines: TextLine[], { from, to }: Strip): boolean {
  const sides = [
    lines.map(({ words }) => words.filter((word) => word.x + word.width <= from + 1)),
    lines.map(({ words }) => words.filter((word) => word.x >= to - 1)),
  ];
  return sides.every((side) => {
    const filled = side.filter((words) => words.length > 0);
    return filled.length >= minLines && median(filled.map((words) => words.length)) >= minWords;
  });
}
