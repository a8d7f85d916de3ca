import type { Column } from './cell-rows.js';
import { median, type TextLine } from '../text/lines.js';

/** Lines of each block, and the share of all lines that may stand in both. */
const minLines = 3;
const maxShared = 0.3;
/** How much the distances of lines within a block may differ, and how much those of the two blocks must. */
const maxUneven = 1.2;
const minOther = 1.06;
const maxOther = 1.9;

/**
 * The place between two blocks that stand beside one another, such as an address and the data of an invoice: each has
 * a distance of lines of its own, so that hardly any line goes through both. Null where rows go through all columns.
 */
export function findBlockGap(lines: readonly TextLine[], columns: readonly Column[]): number | null {
  // lines of a block with one column are single pieces
  if (lines.filter(({ segments }) => segments.length === 1).length < minLines) return null;
  for (const { from } of columns.slice(1)) {
    const left = lines.filter(({ words }) => words.some(({ x }) => x < from));
    const right = lines.filter(({ words }) => words.some(({ x }) => x >= from));
    const shared = left.length + right.length - lines.length;
    if (left.length - shared < minLines || right.length - shared < minLines) continue;
    if (shared <= lines.length * maxShared && haveOtherPitch(left, right)) return from;
  }
  return null;
}

function haveOtherPitch(left: readonly TextLine[], right: readonly TextLine[]): boolean {
  const [one, other] = [usualPitch(left), usualPitch(right)];
  if (one === null || other === null) return false;
  const ratio = Math.max(one, other) / Math.min(one, other);
  return ratio > minOther && ratio < maxOther;
}

/** The distance of lines; null where it differs from line to line, as between rows of several lines. */
function usualPitch(lines: readonly TextLine[]): number | null {
  const pitches = lines.slice(1).map(({ bottom }, at) => bottom - (lines[at]?.bottom ?? 0));
  const usual = median(pitches);
  const isEven = pitches.every((pitch) => pitch < usual * maxUneven && pitch > usual / maxUneven);
  return isEven ? usual : null;
}
