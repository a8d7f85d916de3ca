import type { PDFiumPage } from '@hyzyla/pdfium';
import { PageHandle } from './page-handle.js';

const alef = /[\u0622\u0623\u0625\u0627]/;
const lam = '\u0644';

/**
 * The text of a page with the letters of lam-alef in their order. PDFium reverses right-to-left text by letters, also
 * the two of one glyph: those stand at one place. The page stays open.
 */
export function withLigatures(page: PDFiumPage, text: string): string {
  if (!text.includes(lam)) return text;
  const reader = new LigatureReader(page);
  try {
    // a letter of two halves would shift the places
    if (reader.glyphs !== text.length) return text;
    const letters = Array.from({ length: text.length }, (_unused, at) => text.charAt(at));
    for (let at = 1; at < letters.length; at += 1) {
      const before = letters[at - 1] ?? '';
      if (letters[at] !== lam || !alef.test(before) || !reader.isOneGlyph(at - 1, at)) continue;
      letters[at - 1] = lam;
      letters[at] = before;
    }
    return letters.join('');
  } finally {
    reader.close();
  }
}

class LigatureReader extends PageHandle {
  isOneGlyph(one: number, other: number): boolean {
    const [first, second] = [this.origin(one), this.origin(other)];
    return first.x === second.x && first.y === second.y;
  }

  private origin(index: number): { x: number; y: number } {
    this.module._FPDFText_GetCharOrigin(this.text, index, this.memory, this.memory + 8);
    const doubles: Float64Array = this.module.HEAPF64;
    const at = this.memory >> 3;
    return { x: doubles[at] ?? 0, y: doubles[at + 1] ?? 0 };
  }
}
