import type { ParsedPage } from '@llamaindex/liteparse';
import { mayHaveLostLetters } from '../file/lost-letters.js';
import type { LazyPlainText } from '../file/plain-text.js';
import { mayHoldShifted, type ShiftedRun } from '../file/shifted.js';
import type { PdfSigns } from '../file/signs.js';
import { type Unseen, UnseenText, withoutUnseen } from './unseen.js';

/** A page without the text that its reader does not see, and what PDFium tells of it. */
export interface LookedAt {
  page: ParsedPage;
  unseen: Unseen[];
  shifted: ShiftedRun[];
  losesLetters: boolean;
}

/**
 * Looks at pages by PDFium where they show signs of what the layout misses. All that is asked of one page is
 * asked at once, since loading it takes most of the time.
 */
export class CloserLook {
  private readonly unseen: UnseenText;

  constructor(
    private readonly plain: LazyPlainText,
    signs: PdfSigns,
  ) {
    this.unseen = new UnseenText(plain, signs);
  }

  async at(page: ParsedPage): Promise<LookedAt> {
    const unseen = await this.unseen.find(page);
    const shown = withoutUnseen(page, unseen);
    const { pageNum, textItems } = shown;
    return {
      page: shown,
      unseen,
      shifted: mayHoldShifted(textItems) ? await this.plain.shifted(pageNum) : [],
      losesLetters: mayHaveLostLetters(textItems) && (await this.plain.losesLetters(pageNum)),
    };
  }
}
