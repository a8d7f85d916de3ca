import type { LiteParse, ParsedPage, TextItem } from '@llamaindex/liteparse';
import { withTrueSizes } from '../text/font-sizes.js';
import { splitJumps } from '../text/jumps.js';
import { splitRegions } from './regions.js';

/** A page with the regions that are read one after another. */
export type RegionalPage = ParsedPage & {
  regions?: readonly TextItem[][];
  /** It was laid out again, without its ruled lines. */
  isMended?: boolean;
};

/**
 * Lays the pages out again whose fonts do not tell the size of their text, whose pieces go from one line or column
 * to another, or whose regions stand beside one another.
 */
export function layOutMended(reader: LiteParse, pages: ParsedPage[]): RegionalPage[] {
  const sized = withTrueSizes(pages.map(({ textItems }) => textItems));
  const mended = pages.map((page, index): RegionalPage => {
    const textItems = splitJumps(sized[index] ?? page.textItems);
    const regions = splitRegions(textItems);
    if (regions.length > 1) return { ...page, regions, textItems: regions.flat(), isMended: true };
    return textItems === page.textItems ? page : { ...page, textItems, isMended: true };
  });
  const laidOut = layOut(
    reader,
    mended.filter(({ isMended }) => isMended),
  );
  return mended.map((page, index) => {
    const markdown = laidOut.get(page.pageNum);
    if (markdown === undefined) return page;
    const hasTrueSizes = sized[index] === pages[index]?.textItems;
    return { ...page, markdown: hasTrueSizes ? withLevels(markdown, page.markdown) : markdown };
  });
}

/** Some pieces of a page by its regions. */
export function regionsOf({ regions }: RegionalPage, items: TextItem[]): TextItem[][] {
  if (!regions) return [items];
  const own = new Set(items);
  const parts = regions.map((region) => region.filter((item) => own.has(item)));
  return parts.filter(({ length }) => length > 0);
}

/** The Markdown of pages by their numbers. */
export function layOut(reader: LiteParse, pages: readonly RegionalPage[]): Map<number, string> {
  if (pages.length === 0) return new Map();
  const parts = pages.flatMap((page) => regionsOf(page, page.textItems).map((items) => ({ page, items })));
  const { pages: laidOut } = reader.parsePages(
    parts.map(({ page, items }, index) => ({
      pageNumber: index + 1,
      pageWidth: page.width,
      pageHeight: page.height,
      textItems: items.map(withoutWords),
    })),
  );
  const texts = new Map(laidOut.map(({ pageNum, markdown }) => [pageNum, markdown.trim()]));
  const byPage = new Map<number, string>();
  for (const [index, { page }] of parts.entries()) {
    const [before, own] = [byPage.get(page.pageNum), texts.get(index + 1) ?? ''];
    byPage.set(page.pageNum, before === undefined ? own : `${before}\n\n${own}`);
  }
  return byPage;
}

/** Sets headings to the levels that they had when the document was laid out as a whole. */
export function withLevels(markdown: string, whole: string): string {
  const levels = new Map(
    [...whole.matchAll(/^(#{1,6}) +(.+)$/gm)].map(([, marks = '', text = '']) => [text, marks]),
  );
  return markdown.replace(/^#{1,6} +(.+)$/gm, (line, text: string) => {
    const marks = levels.get(text);
    return marks ? `${marks} ${text}` : line;
  });
}

/** The layout does not look at words; handing them over takes a fifth of its time. */
function withoutWords(item: TextItem): TextItem {
  return { ...item, words: [] };
}
