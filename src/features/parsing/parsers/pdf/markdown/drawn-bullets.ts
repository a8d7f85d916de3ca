import type { ParsedPage } from '@llamaindex/liteparse';
import type { Edit, PageText, WordedPiece } from './mends.js';

/** The middle of a bullet that is drawn, and its right edge; points, origin top left. */
export interface DrawnBullet {
  left: number;
  right: number;
  middle: number;
}

/** Points: the sides of a bullet. Boxes to tick are larger. */
const [least, most] = [1.5, 6.5];
const maxDifference = 1;
/** Points between a bullet and its text. */
const maxGap = 24;
/** Bullets of a list stand below one another: a single dot is an ornament. */
const minBullets = 2;
/** Bullets of a page: each is compared with every piece of text. */
const maxBullets = 500;
/** Heights of a line between two lines of one item. */
const maxPitch = 1.7;
/** Points by which lines of an item may begin further left than the first one. */
const maxOutdent = 2;

/** Small dots and squares that stand below one another: browsers and presentations draw the bullets of lists. */
export function drawnBullets({ vectorGraphics }: ParsedPage): DrawnBullet[] {
  const dots = (vectorGraphics?.shapes ?? [])
    .filter(({ bbox: { width, height } }) => {
      const isSmall = width >= least && width <= most && height >= least && height <= most;
      return isSmall && Math.abs(width - height) <= maxDifference;
    })
    .slice(0, maxBullets)
    .map(({ bbox: { x, y, width, height }, fillColor = '', strokeColor = '' }) => ({
      bullet: { left: x, right: x + width, middle: y + height / 2 },
      // those of a legend differ in their colour
      list: `${Math.round(x)} ${fillColor} ${strokeColor}`,
    }));
  const lists = new Map<string, number>();
  for (const { list } of dots) lists.set(list, (lists.get(list) ?? 0) + 1);
  return dots.flatMap(({ bullet, list }) => ((lists.get(list) ?? 0) >= minBullets ? [bullet] : []));
}

/** Makes items of a list of the lines behind drawn bullets, which the layout has joined to one paragraph. */
export function markDrawnBullets(page: PageText, bullets: readonly DrawnBullet[]): Edit[] {
  if (bullets.length === 0) return [];
  const bulleted = new Set(bullets.flatMap((bullet) => findText(bullet, page.pieces) ?? []));
  const edits: Edit[] = [];
  let open: { first: WordedPiece; last: WordedPiece } | null = null;
  for (const { piece, place } of page.inOrder()) {
    if (bulleted.has(piece)) {
      edits.push(...itemAt(page.markdown, place.start));
      open = { first: piece, last: piece };
    } else if (open && goesOn(open.first, open.last, piece)) open.last = piece;
    else {
      if (open) edits.push(...breakAt(page.markdown, place.start, '\n\n'));
      open = null;
    }
  }
  return edits;
}

function findText({ right, middle }: DrawnBullet, pieces: readonly WordedPiece[]): WordedPiece | null {
  let [best, gap]: [WordedPiece | null, number] = [null, maxGap];
  for (const piece of pieces) {
    const isLevel = middle > piece.y + piece.height * 0.15 && middle < piece.y + piece.height * 0.85;
    if (!isLevel || piece.x < right || piece.x - right >= gap) continue;
    [best, gap] = [piece, piece.x - right];
  }
  return best;
}

function goesOn(first: WordedPiece, last: WordedPiece, { x, y, height }: WordedPiece): boolean {
  if (Math.abs(y - last.y) < height / 2) return true;
  return x >= first.x - maxOutdent && y > last.y && y - last.y < height * maxPitch;
}

/** The start of a line gets a marker, a blank within a line becomes a line break with one. */
function itemAt(markdown: string, start: number): Edit[] {
  const before = markdown.slice(markdown.lastIndexOf('\n', start - 1) + 1, start);
  if (/^[([{'"„“«]*$/.test(before)) {
    const at = start - before.length;
    return [{ start: at, end: at, text: '- ' }];
  }
  return breakAt(markdown, start, '\n- ');
}

/** Lines of tables, headings, and items that have a marker stay as they are. */
function breakAt(markdown: string, start: number, text: string): Edit[] {
  const before = markdown.slice(markdown.lastIndexOf('\n', start - 1) + 1, start);
  if (/^[|#>]|^\s*(?:[-*+•]|\d+[.)])\s+[([{'"„“«]*$/.test(before)) return [];
  const blank = /( )[([{'"„“«]*$/d.exec(before)?.indices?.[1];
  const from = start - before.length;
  return blank ? [{ start: from + blank[0], end: from + blank[1], text }] : [];
}
