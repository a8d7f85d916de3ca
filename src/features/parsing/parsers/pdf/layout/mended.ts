import { detectLanguage } from '../../../sandbox/language.js';
import { resolveMarks } from '../../shared/text-marks.js';
import { markDrawnBullets } from '../markdown/drawn-bullets.js';
import { commentLines, placeFields } from '../markdown/form.js';
import { mendHeadings, type TextStyles } from '../headings/headings.js';
import { hasSaneHeadings, markTaggedHeadings } from '../headings/tagged-headings.js';
import { withFigures } from './figures.js';
import { hyphenRule } from '../text/hyphens.js';
import { keepLineBreaks } from '../markdown/line-breaks.js';
import type { LayoutPage } from './layout.js';
import {
  type Edit,
  joinSpacedLetters,
  markShifted,
  mendHyphens,
  PageText,
  turnedLines,
  withEdits,
} from '../markdown/mends.js';
import { repeatInCells } from '../markdown/repeated-cells.js';
import { markStruck } from './struck.js';
import { turnBack } from '../text/upright.js';

/** Corrects raised letters and spaced words in the layout's Markdown, and adds form fields and comments. */
export function mendPage(page: LayoutPage, styles: TextStyles): LayoutPage {
  const spaced = new PageText(page.markdown, page.pieces);
  const joined = joinSpacedLetters(spaced);
  const text = joined.length === 0 ? spaced : new PageText(withEdits(page.markdown, joined), page.pieces);
  styles.add(page.pieces);
  const { edits, lines } = placeFields(text, page.fields);
  const marks = [...markShifted(text, page.shifted), ...markStruck(text, page.strikes)];
  const headings = headingEdits(text, styles);
  const mended = withEdits(text.markdown, [
    ...repeatInCells(text, marks),
    ...edits,
    ...headings,
    ...markDrawnBullets(text, page.bullets),
    ...keepLineBreaks(text, headings),
  ]);
  const markdown = resolveMarks(mended).replace(/[\ufb00-\ufb06]/g, (ligature) => ligature.normalize('NFKC'));
  return {
    ...page,
    markdown: [
      withFigures(markdown, page),
      ...turnedLines(text),
      ...lines,
      ...commentLines(page.annotations, markdown),
    ]
      .filter(Boolean)
      .join('\n\n'),
    // The words of a long document would fill the memory.
    pieces: page.pieces.map(({ text, x, y, width, height, size, face, bold, code, turned }) => {
      const piece = { text, x, y, width, height };
      if (page.turn && page.size) return turnBack(piece, page.turn, page.size);
      return { ...piece, size, face, bold, code, turned };
    }),
  };
}

/**
 * Headings from the structure tree if there is a sane one, otherwise from the look of the text. Some programs
 * tag all text as paragraphs: a tree counts from its first heading on.
 */
function headingEdits(text: PageText, styles: TextStyles): Edit[] {
  styles.hasTaggedHeadings ||= text.pieces.some(({ tag }) => tag?.heading !== undefined);
  const isTagged = styles.hasTaggedHeadings && hasSaneHeadings(text.pieces);
  return isTagged ? markTaggedHeadings(text) : mendHeadings(text, styles);
}

/** Keeps or drops the hyphens at line ends by the words of the whole document. */
export function divideWords<T extends Pick<LayoutPage, 'markdown' | 'pieces'>>(pages: T[]): T[] {
  const divided = pages.map(({ pieces }) => pieces.some(({ text }) => /[-\u2010\u00ad]\s*$/.test(text)));
  if (!divided.includes(true)) return pages;
  const parts = pages.map(({ markdown }) => ({ kind: 'page' as const, page: null, label: null, markdown }));
  const keeps = hyphenRule(splitLines(pages), detectLanguage(parts));
  return pages.map((page, index) =>
    divided[index]
      ? {
          ...page,
          markdown: withEdits(page.markdown, mendHyphens(new PageText(page.markdown, page.pieces), keeps)),
        }
      : page,
  );
}

function* splitLines(pages: Pick<LayoutPage, 'pieces'>[]): Generator<string> {
  for (const { pieces } of pages) for (const { text } of pieces) yield text;
}
