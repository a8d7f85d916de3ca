import type { LayoutPage } from './layout.js';
import { PageText, withEdits } from '../markdown/mends.js';

/**
 * Puts the alternative texts of figures before the paragraph that
 * follows them in the structure tree, else at the page's end.
 */
export function withFigures(markdown: string, page: Pick<LayoutPage, 'figures' | 'pieces'>): string {
  const figures = page.figures.filter(({ text }) => !markdown.includes(text));
  if (figures.length === 0) return markdown;
  const { found, pieces } = new PageText(markdown, page.pieces);
  const edits = figures.map(({ text, before }) => {
    const next = before === undefined ? -1 : pieces.findIndex(({ mark }) => mark === before);
    const place = found[next];
    const breakAt = place ? markdown.lastIndexOf('\n\n', place.start) : markdown.length;
    const at = breakAt < 0 ? 0 : breakAt;
    return {
      start: at,
      end: at,
      text: `${at === 0 ? '' : '\n\n'}[Figure: ${text}]${at === 0 ? '\n\n' : ''}`,
    };
  });
  return withEdits(markdown, edits);
}
