import { LiteParse, type LiteParseConfig, type ParsedPage, type TextItem } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';

/** Clockwise degrees by which the text of a page appears turned. */
export type Turn = 90 | 180 | 270;

/** Letters of a page that show its direction, and the share of all that must keep to it. */
const minLetters = 40;
const minShare = 0.6;

/**
 * How text is turned; null if it stands upright, or in no single direction.
 * @param least letters that must stand so
 */
export function turnOf(
  pieces: readonly Pick<TextItem, 'text' | 'rotation'>[],
  least = minLetters,
): Turn | null {
  const letters = new Map<number, number>();
  let all = 0;
  for (const { text, rotation = 0 } of pieces) {
    const count = text.replace(/\s+/g, '').length;
    const quarter = Math.round(rotation / 90);
    all += count;
    if (Math.abs(rotation - quarter * 90) > 5) continue;
    const angle = (((quarter % 4) + 4) % 4) * 90;
    letters.set(angle, (letters.get(angle) ?? 0) + count);
  }
  return (
    ([90, 180, 270] as const).find((angle) => (letters.get(angle) ?? 0) >= Math.max(least, all * minShare)) ??
    null
  );
}

/**
 * Reads pages again, turned so that their text stands upright: the layout sees tables and lines in no other
 * direction. Reports no structure, whose places would be those of the page as it is.
 */
export async function readUpright(
  bytes: Buffer,
  options: Partial<LiteParseConfig>,
  turns: ReadonlyMap<number, Turn>,
): Promise<Map<number, ParsedPage>> {
  if (turns.size === 0) return new Map();
  const reader = new LiteParse({
    ...options,
    targetPages: [...turns.keys()].join(','),
    pageOrientationCorrections: [...turns].map(([page, angle]) => ({ page, angle })),
  });
  const { pages } = await reader.parse(bytes);
  return new Map(pages.map(({ structureTree: _structure, ...page }) => [page.pageNum, page]));
}

/** A piece of turned text as it stands among others that are turned so, once all are upright. */
export function turnUp<T extends PagePiece>(piece: T, turn: Turn): T & { rotation: 0 } {
  const { x, y, width, height } = piece;
  if (turn === 180) return { ...piece, x: -x - width, y: -y - height, rotation: 0 };
  return turn === 90
    ? { ...piece, x: y, y: -x - width, width: height, height: width, rotation: 0 }
    : { ...piece, x: -y - height, y: x, width: height, height: width, rotation: 0 };
}

/**
 * The place of a piece on the page as it is.
 * @param size width and height of the page as it is, in points
 */
export function turnBack<T extends PagePiece>(
  piece: T,
  turn: Turn,
  [width, height]: readonly [number, number],
): T {
  const { x, y, width: across, height: down } = piece;
  if (turn === 180) return { ...piece, x: width - x - across, y: height - y - down };
  return turn === 90
    ? { ...piece, x: width - y - down, y: x, width: down, height: across }
    : { ...piece, x: y, y: height - x - across, width: down, height: across };
}
