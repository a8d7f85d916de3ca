import type { PDFiumPage } from '@hyzyla/pdfium';
import type { TextItem } from '@llamaindex/liteparse';

const formulaFace = /math|emoji/i;

/** Tells if the layout may have lost letters: it drops those beyond 16 bits, which fonts for formulas have. */
export const mayHaveLostLetters = (items: readonly TextItem[]): boolean =>
  items.some(({ fontName = '' }) => formulaFace.test(fontName));

/** Tells if a page has letters that the layout drops. The page stays open. */
export function hasLostLetters(page: PDFiumPage): boolean {
  const module = page['module'];
  const text = module._FPDFText_LoadPage(page['pageIdx']);
  try {
    const count = module._FPDFText_CountChars(text);
    for (let index = 0; index < count; index += 1)
      if (isBeyond16Bits(module._FPDFText_GetUnicode(text, index))) return true;
    return false;
  } finally {
    module._FPDFText_ClosePage(text);
  }
}

/** PDFium reports such a letter whole, or as two halves. */
const isBeyond16Bits = (code: number): boolean => code > 0xffff || (code >= 0xd800 && code <= 0xdfff);
