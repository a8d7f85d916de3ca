import type { FoundPiece } from '../../shared/placed-text.js';
import type { Edit, PageText, WordedPiece } from '../markdown/mends.js';
import type { TaggedHeading } from '../structure/tags.js';

/** Share of a page's letters that the tree must hold, and the largest share that may be headings. */
const minTagged = 0.7;
const maxHeadings = 0.4;
const maxHeadingLetters = 250;

/** Tells if the headings that the structure tree names on a page can be believed. */
export function hasSaneHeadings(pieces: readonly WordedPiece[]): boolean {
  let [all, tagged, headed] = [0, 0, 0];
  for (const { text, tag } of pieces) {
    all += text.length;
    if (tag) tagged += text.length;
    if (tag?.heading) headed += text.length;
  }
  return (
    headed > 0 && tagged >= all * minTagged && (headed <= all * maxHeadings || headed <= maxHeadingLetters)
  );
}

/** A heading with its place in the Markdown. */
export interface HeadingStretch {
  heading: TaggedHeading;
  start: number;
  end: number;
}

/**
 * Sets the marks of each heading as the structure tree names it,
 * and takes them off text that the tree calls something else.
 */
export function markTaggedHeadings(page: PageText): Edit[] {
  const { markdown } = page;
  const ordered = page.inOrder();
  const stretches = splitStretches(ordered).filter(({ start, end }) => end - start <= maxHeadingLetters);
  return [...headingEdits(markdown, stretches), ...unmarked(markdown, ordered, stretches)];
}

/** Sets headings apart from the text around them, each on one line with the marks of its level. */
export function headingEdits(markdown: string, stretches: readonly HeadingStretch[]): Edit[] {
  return stretches.flatMap(({ heading, start, end }): Edit[] => {
    const from = lineStart(markdown, start);
    const lead = markdown.slice(from, start);
    if (lead.includes('|')) return [];
    const marks = `${'#'.repeat(heading.level)} `;
    const isOwnLine = /^(?:#{1,6} +)?[^\p{L}\p{N}]*$/u.test(lead);
    const text = markdown.slice(isOwnLine ? from : start, end).replace(/^#{1,6} +/, '');
    const ended = /^[^\p{L}\p{N}\n]*/u.exec(markdown.slice(end))?.[0] ?? '';
    const stop = end + ended.length;
    const after = markdown[stop] === '\n' || stop >= markdown.length ? '' : '\n\n';
    const oneLine = text.replace(/\n+(?:#{1,6} +)?/g, ' ');
    return [
      {
        start: isOwnLine ? from : start,
        end: stop,
        text: `${isOwnLine ? '' : '\n\n'}${marks}${oneLine}${ended.trimEnd()}${after}`,
      },
    ];
  });
}

function splitStretches(ordered: { piece: WordedPiece; place: FoundPiece }[]): HeadingStretch[] {
  const stretches: HeadingStretch[] = [];
  for (const [index, { piece, place }] of ordered.entries()) {
    const heading = piece.tag?.heading;
    const last = stretches.at(-1);
    if (!heading) continue;
    const goesOn = last?.heading === heading && ordered[index - 1]?.piece.tag?.heading === heading;
    if (goesOn && last) last.end = Math.max(last.end, place.end);
    else stretches.push({ heading, ...place });
  }
  return stretches;
}

/** Heading lines of which the tree knows the text, and knows it as something else. */
function unmarked(
  markdown: string,
  ordered: { piece: WordedPiece; place: FoundPiece }[],
  stretches: HeadingStretch[],
): Edit[] {
  return [...markdown.matchAll(/^(#{1,6} +)[^\n]*$/gm)].flatMap((match) => {
    const [start, end] = [match.index, match.index + match[0].length];
    if (stretches.some((stretch) => stretch.start < end && stretch.end > start)) return [];
    const inside = ordered.filter(({ place }) => place.start < end && place.end > start);
    const isText = inside.length > 0 && inside.every(({ piece }) => piece.tag && !piece.tag.heading);
    return isText ? [{ start, end: start + (match[1]?.length ?? 0), text: '' }] : [];
  });
}

function lineStart(markdown: string, at: number): number {
  return markdown.lastIndexOf('\n', at - 1) + 1;
}
