import { LiteParse, type ParsedPage, type TextItem } from '@llamaindex/liteparse';
import { findMarks, type Marks } from '../structure/marks.js';
import type { PdfSigns } from '../file/signs.js';
import { structureOf } from '../structure/tags.js';
import { countWhiteLines, mayShowWhiteText } from '../file/white-text.js';

/** What a second reading of a page tells. */
export interface SecondReading {
  marks: Marks | null;
  /** Number of lines in the colour of their background. */
  whiteLines: number;
}

/**
 * Reads pages a second time whose structure tree is of use, or which may hold white text. Of paragraphs alone a
 * tree tells nothing, unless other pages have headings.
 */
export class SecondReader {
  private hasHeadings = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly signs: PdfSigns,
  ) {}

  /** @returns by the number of the page; pages that need no second reading are left out */
  async read(pages: readonly ParsedPage[]): Promise<Map<number, SecondReading>> {
    const structures = pages.map(structureOf);
    this.hasHeadings ||= structures.some(({ headings }) => headings);
    const plans = pages.map((page, index) => ({
      page,
      isMarked: (this.hasHeadings ? structures[index]?.isTagged : structures[index]?.objects) ?? false,
      mayBeWhite: this.signs.white && mayShowWhiteText(page),
    }));
    const wanted = plans.filter(({ isMarked, mayBeWhite }) => isMarked || mayBeWhite);
    const read = await readAgain(
      this.bytes,
      wanted.map(({ page }) => page.pageNum),
    );
    return new Map(
      wanted.map(({ page, isMarked, mayBeWhite }) => {
        const items = read.get(page.pageNum) ?? [];
        return [
          page.pageNum,
          {
            marks: isMarked ? findMarks(items) : null,
            whiteLines: mayBeWhite ? countWhiteLines(page, items) : 0,
          },
        ];
      }),
    );
  }
}

/**
 * Reads pages again for the colours and the marked content of their text, by page. The reader reports them
 * only together with other data, and then cuts the text into finer pieces, which would make worse lines.
 */
async function readAgain(bytes: Buffer, pages: readonly number[]): Promise<Map<number, readonly TextItem[]>> {
  if (pages.length === 0) return new Map();
  const reader = new LiteParse({
    ocrEnabled: false,
    outputFormat: 'json',
    quiet: true,
    numWorkers: 1,
    continueOnPageError: true,
    extractTextMetadata: true,
    targetPages: pages.join(','),
  });
  const { pages: read } = await reader.parse(bytes);
  return new Map(read.map(({ pageNum, textItems }) => [pageNum, textItems]));
}
