import type { TextItem } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';

/** The number of the marked content that contains a word or piece of a page. */
export type Marks = (piece: PagePiece) => number | undefined;

/** Points: words are looked up among the pieces of their strip of the page. */
const stripHeight = 12;
const maxStrips = 40;

/** Finds the mark of a word by its place: the mark of the piece around its middle. */
export function findMarks(items: readonly TextItem[]): Marks {
  const strips = new Map<number, TextItem[]>();
  for (const item of items) {
    if (item.mcid === undefined) continue;
    const [from, to] = [stripAt(item.y), stripAt(item.y + item.height)];
    for (let strip = from; strip <= Math.min(to, from + maxStrips); strip += 1) {
      const others = strips.get(strip);
      if (others) others.push(item);
      else strips.set(strip, [item]);
    }
  }
  return ({ x, y, width, height }) => {
    const across = x + Math.min(width, height) / 2;
    const down = y + height / 2;
    return strips
      .get(stripAt(down))
      ?.find(
        (item) =>
          across >= item.x - 1 &&
          across <= item.x + item.width + 1 &&
          down >= item.y - 1 &&
          down <= item.y + item.height + 1,
      )?.mcid;
  };
}

const stripAt = (y: number): number => Math.floor(y / stripHeight);
