import type { TextItem } from '@llamaindex/liteparse';
import { median, type Segment, type TextLine, textLines } from '../text/lines.js';
import { isNumeric } from '../tables/number-columns.js';

/** Cuts within cuts, places of a page that are tried for a cut, and the least lines on each side of one. */
const maxDepth = 4;
const maxTries = 8;
const most = 10_000;
const minLines = 5;
/** Points that two regions stand apart at least, and within which two left edges count as one. */
const minGap = 8;
const edgeStep = 2;
/** Share of the width of running text that most of its lines fill, their words, and the share of equal pitches. */
const [minFilled, minFullLines, minWords, minEvenPitches] = [0.7, 0.55, 3, 0.6];
const maxDigits = 0.2;
/** Regions beside one another have their own lines: share of lines that stand level, in heights of a line. */
const [maxLevel, levelOffset] = [0.45, 0.2];
const [minOwnWords, minClose] = [12, 0.2];
/** Heights of a line: a wider gap ends a column; text that goes on beside, above and below a box has less. */
const [maxGapInColumn, maxPitchOfText] = [2.1, 1.7];
const maxLinesOfBox = 15;
/** Share of its pitch by which text may stand off from the lines above and below a box. */
const maxOffPitch = 0.2;
const minGapAtEdge = 1.2;

interface Cut {
  x: number;
  top: number;
  bottom: number;
  lines: number;
  /** The side that is a box beside running text. */
  box: 'left' | 'right' | null;
}

/**
 * The text of a page in regions that are read one after another: columns below a title, a sidebar, a box in the
 * text. The layout finds columns that run over a whole page; on others it goes from line to line across them.
 * @returns all text as one region for a page without such regions
 */
export function splitRegions(items: TextItem[]): TextItem[][] {
  const lines = textLines(items);
  const [top, bottom] = [edgeOf(lines[0], lines[1]), edgeOf(lines.at(-2), lines.at(-1))];
  const middleOf = ({ y, height }: TextItem): number => y + height / 2;
  const head = items.filter((item) => middleOf(item) < top.before);
  const foot = items.filter((item) => middleOf(item) > bottom.after);
  const outer = new Set([...head, ...foot]);
  const inner = lines.slice(head.length > 0 ? 1 : 0, foot.length > 0 ? -1 : undefined);
  const cut = findCut(inner);
  if (!cut) return [items];
  const regions = parted(
    items.filter((item) => !outer.has(item)),
    cut,
    0,
  );
  return regions.length > 1 ? [head, ...regions, foot].filter(({ length }) => length > 0) : [items];
}

/** Where the first or the last line of a page ends that stands away from the text: a running head or foot. */
function edgeOf(above: TextLine | undefined, below: TextLine | undefined): { before: number; after: number } {
  const none = { before: -Infinity, after: Infinity };
  if (!above || !below) return none;
  const edge = (above.bottom + below.top) / 2;
  return below.top - above.bottom > below.height * minGapAtEdge ? { before: edge, after: edge } : none;
}

function splitInner(items: TextItem[], depth: number): TextItem[][] {
  const cut = depth < maxDepth ? findCut(textLines(items)) : null;
  if (cut) return parted(items, cut, depth);
  return items.length > 0 ? [items] : [];
}

function parted(items: TextItem[], cut: Cut, depth: number): TextItem[][] {
  const sides = { above: [], left: [], right: [], below: [] } as Record<string, TextItem[]>;
  for (const item of items) {
    const middle = item.y + item.height / 2;
    const side =
      middle < cut.top
        ? 'above'
        : middle > cut.bottom
          ? 'below'
          : item.x + item.width / 2 < cut.x
            ? 'left'
            : 'right';
    sides[side]?.push(item);
  }
  const { above = [], left = [], right = [], below = [] } = sides;
  if (!cut.box) return [above, left, right, below].flatMap((region) => splitInner(region, depth + 1));
  // the text around a box is not parted, and the box is read behind it
  const [box, text] = cut.box === 'left' ? [left, right] : [right, left];
  const end = endOfText(below, cut.bottom);
  const around = [...above, ...text, ...below.filter(({ y }) => y < end)];
  return [around, box, below.filter(({ y }) => y >= end)].flatMap((region) => splitInner(region, depth + 1));
}

/** Where the text below a box ends: at the first wide gap. */
function endOfText(below: TextItem[], from: number): number {
  let bottom = from;
  for (const line of textLines(below)) {
    if (line.top - bottom > line.height * (maxPitchOfText - 1)) return (line.top + bottom) / 2;
    bottom = line.bottom;
  }
  return Infinity;
}

function findCut(lines: TextLine[]): Cut | null {
  const segments = lines.flatMap((line) => line.segments);
  const [left, right] = [segments.map((own) => own.left), segments.map((own) => own.right)];
  const [from, to] = [Math.min(...left.slice(0, most)), Math.max(...right.slice(0, most))];
  // text that begins at one edge stands beside nothing
  const onRight = left.filter((edge) => edge > from + (to - from) / 4).length;
  if (onRight < minLines) return null;
  const parts = new Map(segments.map((own) => [own, makePart(own)]));
  let best: Cut | null = null;
  for (const x of leftEdges(lines)) {
    for (const run of uncrossedRuns(lines, x)) {
      const cut = cutWithin(lines, run, x, parts);
      if (cut && cut.lines > (best?.lines ?? 0)) best = cut;
    }
  }
  return best;
}

/** The left edges that several lines share, but for the outermost one. */
function leftEdges(lines: TextLine[]): number[] {
  const edges = new Map<number, { count: number; left: number }>();
  for (const { segments } of lines)
    for (const { left } of segments) {
      const key = Math.round(left / edgeStep);
      const edge = edges.get(key);
      edges.set(key, { count: (edge?.count ?? 0) + 1, left: Math.min(edge?.left ?? Infinity, left) });
    }
  return [...edges.values()]
    .filter(({ count }) => count >= minLines - 1)
    .sort((a, b) => b.count - a.count)
    .slice(0, maxTries)
    .map(({ left }) => left);
}

const isLeft = ({ right }: Segment, x: number): boolean => right <= x - minGap;
const isRight = ({ left }: Segment, x: number): boolean => left >= x - 1;

/** Stretches of lines none of which crosses a place: the first one and the one behind the last. */
function uncrossedRuns(lines: TextLine[], x: number): [number, number][] {
  const runs: [number, number][] = [];
  let [from, left, right] = [0, 0, 0];
  for (let at = 0; at <= lines.length; at += 1) {
    const segments = lines[at]?.segments ?? [];
    const [onLeft, onRight] = [
      segments.filter((segment) => isLeft(segment, x)).length,
      segments.filter((segment) => isRight(segment, x)).length,
    ];
    if (at < lines.length && onLeft + onRight === segments.length) {
      left += Math.min(1, onLeft);
      right += Math.min(1, onRight);
      continue;
    }
    if (Math.min(left, right) >= minLines) runs.push([from, at]);
    [from, left, right] = [at + 1, 0, 0];
  }
  return runs;
}

/** One side of a line. */
interface Part {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Where most words end, which nearly is their baseline. */
  base: number;
  height: number;
  words: number;
  letters: number;
  digits: number;
}

function cutWithin(
  lines: TextLine[],
  [from, to]: [number, number],
  x: number,
  parts: ReadonlyMap<Segment, Part>,
): Cut | null {
  const own = lines.slice(from, to);
  const sides = [isLeft, isRight].map((isOwn) =>
    own.flatMap(({ segments }) =>
      joinParts(
        segments.filter((segment) => isOwn(segment, x)),
        parts,
      ),
    ),
  );
  const shared = sharedStretch(sides);
  if (!shared || holdsRowsOfNumbers(own, x)) return null;
  const [left = [], right = []] = sides.map((parts) => columnAround(parts, shared));
  const within = [left, right].map((parts) =>
    parts.filter(({ top, bottom }) => bottom > shared.top && top < shared.bottom),
  );
  const [leftWithin = [], rightWithin = []] = within;
  if (leftWithin.length < minLines || rightWithin.length < minLines) return null;
  const areColumns = [left, right].every(isProse) || areIndependent(leftWithin, rightWithin);
  if (!areColumns) return null;
  const all = [...left, ...right];
  const cut: Cut = {
    x: x - minGap / 2,
    top: Math.min(...all.map(({ top }) => top)),
    bottom: Math.max(...all.map(({ bottom }) => bottom)),
    lines: Math.min(left.length, right.length),
    box: null,
  };
  return { ...cut, box: boxOf(left, right, [lines[from - 1], lines[to]]) };
}

/** True where several numbers stand behind a place on most lines with text there: columns of the labels before it. */
function holdsRowsOfNumbers(lines: readonly TextLine[], x: number): boolean {
  const behind = lines
    .map(({ segments }) => segments.filter((segment) => isRight(segment, x)))
    .filter((own) => own.length > 0);
  const rows = behind.filter((own) => own.length >= 2 && own.every(isNumeric));
  return rows.length >= minLines && rows.length > behind.length / 2;
}

/** The side that is a box, if the other one goes on above or below it in its own pitch. */
function boxOf(left: Part[], right: Part[], neighbours: (TextLine | undefined)[]): Cut['box'] {
  const [onLeft, onRight] = [goesOn(left, neighbours), goesOn(right, neighbours)];
  if (Math.min(onLeft, onRight) > maxOffPitch) return null;
  const [box, text, side]: [Part[], Part[], Cut['box']] =
    onLeft <= onRight ? [right, left, 'right'] : [left, right, 'left'];
  return box.length <= maxLinesOfBox && box.length <= text.length + 2 ? side : null;
}

/** By how much of its pitch the distance of a text to the lines above and below it differs from its pitch. */
function goesOn(text: Part[], [above, below]: (TextLine | undefined)[]): number {
  const [first, last] = [text[0], text.at(-1)];
  const pitch = median(text.slice(1).map(({ top }, index) => top - (text[index]?.top ?? 0)));
  const gaps = [
    above && first ? first.top - above.top : Infinity,
    below && last ? below.top - last.top : Infinity,
  ];
  return Math.min(...gaps.map((gap) => Math.abs(gap - pitch) / Math.max(pitch, 1)));
}

function makePart({ left, right, words }: Segment): Part {
  const bottoms = words.map(({ y, height }) => y + height);
  const text = words.map((word) => word.text).join('');
  return {
    left,
    right,
    top: Math.min(...words.map(({ y }) => y)),
    bottom: Math.max(...bottoms),
    base: median(bottoms),
    height: median(words.map(({ height }) => height)),
    words: words.length,
    letters: text.length,
    digits: text.match(/\d/g)?.length ?? 0,
  };
}

/** The side of a line, or nothing. */
function joinParts(segments: Segment[], parts: ReadonlyMap<Segment, Part>): Part[] {
  const own = segments.flatMap((segment) => parts.get(segment) ?? []);
  const [first, ...others] = own;
  if (!first || others.length === 0) return own;
  const joined = { ...first };
  for (const part of others) {
    joined.right = Math.max(joined.right, part.right);
    joined.top = Math.min(joined.top, part.top);
    joined.bottom = Math.max(joined.bottom, part.bottom);
    joined.words += part.words;
    joined.letters += part.letters;
    joined.digits += part.digits;
  }
  return [joined];
}

/** From where to where both sides have text. */
function sharedStretch(sides: Part[][]): { top: number; bottom: number } | null {
  if (sides.some((parts) => parts.length < minLines)) return null;
  const top = Math.max(...sides.map(([first]) => first?.top ?? 0));
  const bottom = Math.min(...sides.map((parts) => parts.at(-1)?.bottom ?? 0));
  return bottom > top ? { top, bottom } : null;
}

/** The lines of a side that go on, above and below the stretch that both sides share, without a wide gap. */
function columnAround(parts: Part[], { top, bottom }: { top: number; bottom: number }): Part[] {
  let first = parts.findIndex((part) => part.bottom > top);
  let last = parts.findLastIndex((part) => part.top < bottom);
  const isNear = (above: Part | undefined, below: Part | undefined): boolean =>
    above !== undefined &&
    below !== undefined &&
    below.top - above.top < Math.max(above.height, below.height) * maxGapInColumn;
  while (isNear(parts[first - 1], parts[first])) first -= 1;
  while (isNear(parts[last], parts[last + 1])) last += 1;
  return parts.slice(first, last + 1);
}

/** Lines that fill their column one below the other, as those of a table do not. */
function isProse(parts: Part[]): boolean {
  if (parts.length < minLines) return false;
  const width = Math.max(...parts.map(({ right }) => right)) - Math.min(...parts.map(({ left }) => left));
  const full = parts.filter(({ left, right }) => right - left >= width * minFilled).length;
  const pitches = parts.slice(1).map(({ top }, index) => top - (parts[index]?.top ?? 0));
  const usual = median(pitches);
  const even = pitches.filter((pitch) => Math.abs(pitch - usual) < usual * 0.15).length;
  const [letters, digits] = [sumOf(parts, 'letters'), sumOf(parts, 'digits')];
  return (
    full >= parts.length * minFullLines &&
    even >= pitches.length * minEvenPitches &&
    median(parts.map(({ words }) => words)) >= minWords &&
    digits <= letters * maxDigits
  );
}

/** Rows of a table stand level on both sides; the lines of columns and sidebars do so by chance. */
function areIndependent(left: Part[], right: Part[]): boolean {
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  let [level, at] = [0, 0];
  for (const { base, height } of few) {
    const offset = height * levelOffset;
    while ((many[at]?.base ?? Infinity) < base - offset) at += 1;
    if ((many[at]?.base ?? Infinity) <= base + offset) level += 1;
  }
  const hasWords = [left, right].every((parts) => sumOf(parts, 'words') >= minOwnWords);
  return hasWords && [left, right].every(areLines) && level <= few.length * maxLevel;
}

const sumOf = (parts: Part[], what: 'words' | 'letters' | 'digits'): number =>
  parts.reduce((sum, part) => sum + part[what], 0);

/** Dates and labels beside paragraphs stand far from one another; the lines of a sidebar follow at once. */
function areLines(parts: Part[]): boolean {
  const close = parts
    .slice(1)
    .filter(({ top, height }, index) => top - (parts[index]?.top ?? 0) < height * maxPitchOfText);
  return close.length >= (parts.length - 1) * minClose;
}
