import type { TextItem } from '@llamaindex/liteparse';

/** Heights of the text's box in its font size: what lies outside tells that a matrix scales the text. */
const [minRatio, maxRatio] = [0.5, 1.9];
/** Share of the letters of a page that must be scaled. */
const minShare = 0.2;
/** Share by which heights differ that count as one. */
const tolerance = 0.07;

/**
 * Many programs write text in a font of size 1 and scale it by a matrix. The layout compares the sizes of fonts:
 * to it all text of such a page has one size, no line is a heading, and headings run into their paragraphs. The
 * height of the text takes the place of the size.
 * @param pages the pieces of pages that are compared with one another
 * @returns for each page the same array if the sizes of its fonts are true
 */
export function withTrueSizes(pages: readonly TextItem[][]): TextItem[][] {
  const scaled = new Set(pages.filter(hasScaledText));
  if (scaled.size === 0) return [...pages];
  const letters = new Map<number, number>();
  for (const item of [...scaled].flat()) {
    const height = rounded(heightOf(item));
    letters.set(height, (letters.get(height) ?? 0) + item.text.trim().length);
  }
  const sizes = snapSizes(letters);
  // text of one size looks to the layout as it is
  if (new Set(sizes.values()).size < 2) return [...pages];
  const sizeOf = (item: TextItem): number => sizes.get(rounded(heightOf(item))) ?? item.fontSize ?? 0;
  const usual = [...letters].reduce((best, own) => (own[1] > best[1] ? own : best), [0, 0])[0];
  const body = sizes.get(usual) ?? usual;
  return pages.map((items) => {
    if (!scaled.has(items)) return items;
    const sized = items.map((item) => ({ ...item, fontSize: sizeOf(item) }));
    // without larger text the page looks to the layout as it is
    return sized.some(({ fontSize }) => fontSize > body) ? sized : items;
  });
}

const rounded = (height: number): number => Math.round(height * 5) / 5;

/**
 * Heights that differ by little are one size: the box of a text depends on its letters.
 * @param letters the number of letters of each height
 * @returns for each height the near one that most letters have
 */
export function snapSizes(letters: ReadonlyMap<number, number>): Map<number, number> {
  const main: number[] = [];
  const snapped = new Map<number, number>();
  for (const [size] of [...letters].sort(([, a], [, b]) => b - a)) {
    const near = main.find((other) => Math.abs(other - size) <= other * tolerance);
    if (near === undefined && size > 0) main.push(size);
    snapped.set(size, near ?? size);
  }
  return snapped;
}

function hasScaledText(items: readonly TextItem[]): boolean {
  let [letters, scaled] = [0, 0];
  for (const item of items) {
    const { length } = item.text.trim();
    letters += length;
    if (isScaled(item)) scaled += length;
  }
  return letters > 0 && scaled >= letters * minShare;
}

function isScaled(item: TextItem): boolean {
  if (!item.fontSize) return false;
  const ratio = heightOf(item) / item.fontSize;
  return ratio < minRatio || ratio > maxRatio;
}

/**
 * The height that most letters of a piece have: raised and lowered letters make its box taller. Of text that runs
 * up or down the page the width is the height.
 */
export function heightOf({ width, height, rotation = 0, words = [] }: TextItem): number {
  const turn = Math.abs(rotation) % 180;
  if (turn > 45 && turn < 135) return width;
  const [first] = words;
  if (!first) return height;
  if (words.every((word) => word.height === first.height)) return first.height;
  const sorted = words.toSorted((a, b) => a.height - b.height);
  const half = sorted.reduce((sum, { text }) => sum + text.length, 0) / 2;
  let letters = 0;
  for (const word of sorted) {
    letters += word.text.length;
    if (letters >= half) return word.height;
  }
  return height;
}
