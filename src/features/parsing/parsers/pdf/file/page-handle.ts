import type { PDFiumPage } from '@hyzyla/pdfium';

/** Resolution of PDFium's device coordinates, which are whole numbers. */
const unitsPerPoint = 64;

/** An open page with its text in PDFium's memory. */
export class PageHandle {
  readonly module;
  readonly page: number;
  readonly text: number;
  /** 48 bytes for results. */
  readonly memory: number;
  /** Width and height in points. */
  readonly size: [number, number];

  constructor(page: PDFiumPage) {
    this.module = page['module'];
    this.page = page['pageIdx'];
    this.text = this.module._FPDFText_LoadPage(this.page);
    this.memory = this.module.wasmExports.malloc(48);
    const { originalWidth, originalHeight } = page.getOriginalSize();
    this.size = [originalWidth, originalHeight];
  }

  get glyphs(): number {
    return this.module._FPDFText_CountChars(this.text);
  }

  letter(index: number): string {
    return String.fromCodePoint(this.module._FPDFText_GetUnicode(this.text, index) || 32);
  }

  /** Points, origin top left. */
  toViewport(x: number, y: number): { x: number; y: number } {
    const [width, height] = this.size.map((side) => Math.round(side * unitsPerPoint));
    const { memory } = this;
    this.module._FPDF_PageToDevice(this.page, 0, 0, width, height, 0, x, y, memory, memory + 4);
    const at = memory >> 2;
    const ints: Int32Array = this.module.HEAP32;
    return { x: (ints[at] ?? 0) / unitsPerPoint, y: (ints[at + 1] ?? 0) / unitsPerPoint };
  }

  close(): void {
    this.module.wasmExports.free(this.memory);
    this.module._FPDFText_ClosePage(this.text);
  }
}
