import type { ParsedPage } from '@llamaindex/liteparse';
import { findPieces, type PagePiece } from '../../shared/placed-text.js';
import { markEnds } from '../../shared/text-marks.js';
import type { Edit, PageText } from '../markdown/mends.js';
import { joinRules, type Rule, thinShapes } from '../tables/rules.js';

const minLength = 2.5;
/** Points: thicker lines strike large text only, of at least this height. */
const thickness: [number, number] = [2.51, 6];
const minHeightForThick = 18;
/** Rules of a page that are looked at: each is compared with every piece of text. */
const maxRules = 500;
/** Where a line through text stands, as a share of the text's height from its top. */
const highest = 0.3;
const lowest = 0.7;
/** Heights of the text by which the line may go beyond it; borders of tables go further. */
const maxBeyond = 0.4;
/** Share of a word that is struck as a whole. */
const minWhole = 0.8;

export interface StrikingRule extends Rule {
  isThick?: boolean;
}

/** Thin horizontal lines of a page that may strike text, and what reviewers struck. */
export function strikingRules({ vectorGraphics, annotations = [] }: ParsedPage): StrikingRule[] {
  const marked = annotations
    .filter(({ subtype }) => /^strikeout$/i.test(subtype))
    .flatMap(({ quadpointRects }) => quadpointRects)
    .map(({ x, y, width, height }) => ({ at: y + height / 2, from: x, to: x + width }))
    .slice(0, maxRules);
  if (!vectorGraphics) return marked;
  const thick = thinShapes(vectorGraphics, thickness).map((rule) => ({ ...rule, isThick: true }));
  return [...joinRules(thinShapes(vectorGraphics)), ...thick]
    .filter(({ from, to }) => to - from >= minLength)
    .slice(0, maxRules)
    .concat(marked);
}

/** Marks text that a line runs through. */
export function markStruck(page: PageText, rules: readonly StrikingRule[]): Edit[] {
  if (rules.length === 0) return [];
  const [opened, closed] = markEnds('struck');
  return page.pieces.flatMap((piece, index) => {
    const place = page.found[index];
    const through = place ? rules.filter((rule) => runsThrough(rule, piece)) : [];
    if (!place || through.length === 0) return [];
    const words = piece.words?.length ? piece.words : [piece];
    const text = page.markdown.slice(place.start, place.end);
    const places = findPieces(text, words);
    let last: Edit | null = null;
    return words.flatMap((word, at): Edit[] => {
      const found = places[at];
      const rule = through.find((one) => one.from < word.x + word.width && one.to > word.x);
      if (!rule) return [];
      const behind =
        last === null ? null : /^\s?(\S+)/u.exec(page.markdown.slice(last.start, last.start + 12));
      if (!found && last && behind?.[1] === word.text.trim()) {
        // the sign behind a number, `75 %`, has no letters to be found by
        last.start = last.end += behind[0].length;
        return [];
      }
      if (!found) return [];
      const letters = found.end - found.start;
      const [from, to] = struckLetters(word, rule, letters);
      if (to <= from) return [];
      const start = place.start + found.start;
      const isEnd = to >= letters;
      const signs = isEnd ? (/^[^\p{L}\p{N}\s|\\]+$/u.exec(signsBehind(word.text))?.[0] ?? '') : '';
      const more = page.markdown.startsWith(signs, start + to) ? signs.length : 0;
      const end = start + to + more;
      const isWithin =
        from > 0 && /^\p{L}{2}$/u.test(page.markdown.slice(start + from - 1, start + from + 1));
      last = { start: end, end, text: closed + (isEnd || isWithin ? '' : ' ') };
      return [{ start: start + from, end: start + from, text: opened }, last];
    });
  });
}

const signsBehind = (word: string): string => /[^\p{L}\p{N}]*$/u.exec(word.trimEnd())?.[0] ?? '';

function runsThrough({ at, from, to, isThick }: StrikingRule, piece: PagePiece): boolean {
  const { x, y, width, height } = piece;
  const [beyond, depth] = [height * maxBeyond, (at - y) / height];
  const overlaps = to > x && from < x + width && (!isThick || height >= minHeightForThick);
  return overlaps && depth > highest && depth < lowest && from > x - beyond && to < x + width + beyond;
}

/** The first letter of a word that is struck, and the one after the last: letters count as equally wide. */
function struckLetters(word: PagePiece, rule: Rule, letters: number): [from: number, to: number] {
  const [start, end] = [Math.max(rule.from, word.x), Math.min(rule.to, word.x + word.width)];
  if (end - start >= word.width * minWhole) return [0, letters];
  const letterAt = (x: number): number => Math.round(((x - word.x) / word.width) * letters);
  return [letterAt(start), letterAt(end)];
}
