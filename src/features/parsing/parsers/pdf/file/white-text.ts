import type { ParsedPage, TextItem } from '@llamaindex/liteparse';
import type { ParseWarning } from '../../../parsed-document.js';

/** Steps of 255 by which two colours differ that look alike. */
const maxDifference = 12;
const nearlyWhite = 0.96;
const nearlyNone = 0.04;

const number = String.raw`(?:\d{1,4}(?:\.\d{0,10})?|\.\d{1,10})\s{1,4}`;
const operators = new RegExp(
  String.raw`(?<=^|[\s)\]>])(?:(?<numbers>(?:${number}){1,4})(?:g|rg|k|scn?)|q|Q|T[jJ])(?=[\s[(</]|$)`,
  'g',
);

/** True when content draws text in white. Most files draw none, and are not read for their colours. */
export function drawsWhiteText(content: string): boolean {
  let white = false;
  const saved: boolean[] = [];
  for (const { 0: operator, groups } of content.matchAll(operators)) {
    if (groups?.['numbers'] !== undefined) white = isWhite(groups['numbers'].trim().split(/\s+/).map(Number));
    else if (operator === 'q') saved.push(white);
    else if (operator === 'Q') white = saved.pop() ?? false;
    else if (white) return true;
  }
  return false;
}

const isWhite = (parts: number[]): boolean =>
  parts.length === 4
    ? parts.every((part) => part <= nearlyNone)
    : parts.length !== 2 && parts.every((part) => part >= nearlyWhite);

/** Tells of pages with text in the colour of its background. @param counts of such lines, by page */
export function whiteTextWarning(counts: readonly number[]): ParseWarning[] {
  const count = counts.reduce((sum, lines) => sum + lines, 0);
  return count === 0
    ? []
    : [
        {
          code: 'white_text',
          detail: `${count === 1 ? '1 passage is' : `${count} passages are`} written in the colour of the background.`,
          params: { count },
          pages: counts.flatMap((lines, index) => (lines > 0 ? [index + 1] : [])),
        },
      ];
}

/** Over pictures, nothing is known of the colour of the background. */
export const mayShowWhiteText = ({ complexity }: ParsedPage): boolean =>
  complexity?.fullPageImage !== true && complexity?.hasSubstantialImages !== true;

/** Lines in the colour of what lies under them. @param items the text with its colours */
export function countWhiteLines({ vectorGraphics }: ParsedPage, items: readonly TextItem[]): number {
  const filled = largest((vectorGraphics?.shapes ?? []).filter(({ fill }) => fill));
  const unseen = items.filter(
    (item) =>
      /[\p{L}\p{N}]{2}/u.test(item.text) &&
      isLike(readColour(item.fillColor), readColour(colourUnder(item, filled))),
  );
  return new Set(unseen.map(({ y }) => Math.round(y))).size;
}

const paper = 'ffffffff';
/** Shapes of a page that are looked at; text stands on large ones. */
const maxShapes = 300;

/** In the order in which they are drawn. */
function largest(shapes: Shape[]): Shape[] {
  const area = ({ bbox }: Shape): number => bbox.width * bbox.height;
  if (shapes.length <= maxShapes) return shapes;
  const least = shapes.map(area).sort((left, right) => right - left)[maxShapes] ?? 0;
  return shapes.filter((shape) => area(shape) > least);
}

type Shape = NonNullable<ParsedPage['vectorGraphics']>['shapes'][number];

function colourUnder({ x, y, width, height }: TextItem, filled: Shape[]): string {
  const [across, down] = [x + width / 2, y + height / 2];
  const under = filled.findLast(
    ({ bbox }) =>
      across >= bbox.x && across <= bbox.x + bbox.width && down >= bbox.y && down <= bbox.y + bbox.height,
  );
  return under?.fillColor ?? paper;
}

/** Red, green and blue of an ARGB number in hexadecimal digits; null where it is none. */
function readColour(argb: string | undefined): number[] | null {
  if (argb === undefined || !/^[0-9a-f]{8}$/i.test(argb)) return null;
  return [2, 4, 6].map((at) => Number.parseInt(argb.slice(at, at + 2), 16));
}

const isLike = (one: number[] | null, other: number[] | null): boolean =>
  one !== null &&
  other !== null &&
  one.every((part, at) => Math.abs(part - (other[at] ?? 0)) <= maxDifference);
