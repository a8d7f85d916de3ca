import type { Box } from '../../client/types.js';
import { fold } from '../../ui/marks.js';
import type { ReadPart } from './document-text.js';
import type { Hit } from './use-search.js';

/** The boxes of the words of a hit on their page: of each line the share that belongs to it. */
export function findHitBoxes({ markdown, boxes = [], folded }: ReadPart, hit: Hit): Box[] {
  const { text, places } = fold(markdown);
  // markup that is not shown, such as the address of a link, shifts the characters
  const words = folded.slice(hit.start, hit.end);
  const at = text === folded ? hit.start : text.indexOf(words);
  const first = places[at];
  const last = places[at + words.length - 1];
  if (first === undefined || last === undefined) return [];
  return boxes.flatMap(({ start, end, ...box }) => {
    const from = Math.max(first, start);
    const until = Math.min(last + 1, end);
    if (from >= until) return [];
    const share = box.width / (end - start);
    return [{ ...box, x: box.x + (from - start) * share, width: (until - from) * share }];
  });
}
