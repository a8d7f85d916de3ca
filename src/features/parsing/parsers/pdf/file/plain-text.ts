import { PDFiumLibrary, type PDFiumDocument, type PDFiumPage } from '@hyzyla/pdfium';
import { clean } from '../../shared/decode.js';
import { drawsItself } from './cycles.js';
import { hiddenIn, hiddenRuns, type HiddenText } from './hidden-text.js';
import { withLigatures } from './ligatures.js';
import { hasLostLetters } from './lost-letters.js';
import { type OutlineEntry, readOutline } from './outline.js';
import { shiftedRuns, type ShiftedRun } from './shifted.js';

/** The text of a PDF's pages in reading order, without structure. */
export interface PlainText {
  pages: number;
  /** Null when the page cannot be loaded. @param number 1-based */
  page(number: number): Promise<string | null>;
  /** True when anything is visible on the page. @param number 1-based */
  drawn(number: number): Promise<boolean>;
  /** Superscripts and subscripts of the page. @param number 1-based */
  shifted(number: number): Promise<ShiftedRun[]>;
  /** True when the page has letters that the layout drops. @param number 1-based */
  losesLetters(number: number): Promise<boolean>;
  /** Text that a reader does not see. @param number 1-based @param layersOff names of layers */
  hidden(number: number, layersOff: ReadonlySet<string>): Promise<HiddenText[]>;
  /** The flags of annotations. @param number 1-based @param indexes their places among the page's */
  annotationFlags(number: number, indexes: number[]): Promise<number[]>;
  outline(): Promise<OutlineEntry[]>;
  /** Names of layers that are switched off when the file is opened. */
  layersOff(): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

/** Pages without a letter that are drawn to see whether they are blank. */
const maxDrawnPages = 50;
/** Longest side, in pixels, of the picture for checking whether a page is blank. */
const glance = 200;
/** Longest side, in pixels, of the picture for finding text that is not drawn. */
const maxPicture = 2000;

let library: Promise<PDFiumLibrary> | null = null;

/** Opens a PDF for plain text by PDFium, or by pdf.js if that cannot; null when neither can. */
export async function openPlainText(bytes: Buffer): Promise<PlainText | null> {
  try {
    return await openByPdfium(bytes);
  } catch {
    return openByPdfjs(bytes).catch(() => null);
  }
}

async function openByPdfium(bytes: Buffer): Promise<PlainText> {
  library ??= PDFiumLibrary.init();
  const document = await (await library).loadDocument(bytes);
  const open = new OpenPage(document);
  let endless: boolean | null = null;
  return {
    pages: document.getPageCount(),
    page: async (number) => {
      const page = document.getPage(number - 1);
      try {
        return asParagraphs(withLigatures(page, page.getText()));
      } catch {
        // a page that cannot be loaded does not affect the others
        return null;
      } finally {
        // The wrapper leaves pages open for good: 2,000 files would hold 2 GB.
        page['module']._FPDF_ClosePage(page['pageIdx']);
      }
    },
    drawn: async (number) => {
      try {
        const page = document.getPage(number - 1);
        const { originalWidth, originalHeight } = page.getOriginalSize();
        const scale = glance / Math.max(originalWidth, originalHeight, 1);
        // `render` closes the page that it has drawn.
        return !isUniform((await page.render({ scale, render: 'bitmap' })).data);
      } catch {
        return false;
      }
    },
    shifted: async (number) => open.read(number, shiftedRuns) ?? [],
    losesLetters: async (number) => open.read(number, hasLostLetters) ?? false,
    hidden: async (number, layersOff) => {
      const runs = open.read(number, (page) => hiddenRuns(page, layersOff)) ?? [];
      const certain = runs.filter(({ isCertain }) => isCertain);
      if (certain.length === runs.length || (endless ??= drawsItself(bytes))) return certain;
      const page = document.getPage(number - 1);
      const { originalWidth, originalHeight } = page.getOriginalSize();
      const scale = Math.min(1, maxPicture / Math.max(originalWidth, originalHeight, 1));
      return hiddenIn(runs, await page.render({ scale, render: 'bitmap' }), scale);
    },
    annotationFlags: async (number, indexes) =>
      open.read(number, (page) => indexes.map((index) => readFlags(page, index))) ?? [],
    outline: async () => readOutline(document),
    layersOff: () => findLayersOff(bytes).catch(() => new Set()),
    close: async () => {
      open.close();
      document.destroy();
    },
  };
}

function readFlags(page: PDFiumPage, index: number): number {
  const module = page['module'];
  const annotation = module._FPDFPage_GetAnnot(page['pageIdx'], index);
  if (!annotation) return 0;
  const flags: number = module._FPDFAnnot_GetFlags(annotation);
  module._FPDFPage_CloseAnnot(annotation);
  return flags;
}

/** PDFium does not tell the state of layers. */
async function findLayersOff(bytes: Buffer): Promise<Set<string>> {
  const { getDocumentProxy } = await import('unpdf');
  const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  try {
    const off = new Set<string>();
    for (const [, { name, visible }] of await document.getOptionalContentConfig()) {
      if (!visible && name) off.add(name);
    }
    return off;
  } finally {
    await document.loadingTask.destroy();
  }
}

/** Keeps the page open that was read last: several things are read from one page, and loading it takes long. */
class OpenPage {
  private number = 0;
  private page: PDFiumPage | null = null;

  constructor(private readonly document: PDFiumDocument) {}

  /** Null if the page cannot be read. */
  read<T>(number: number, read: (page: PDFiumPage) => T): T | null {
    if (this.number !== number) this.close();
    try {
      this.page ??= this.document.getPage(number - 1);
      this.number = number;
      return read(this.page);
    } catch {
      return null;
    }
  }

  close(): void {
    // The wrapper leaves pages open for good: 2,000 files would hold 2 GB.
    this.page?.['module']._FPDF_ClosePage(this.page['pageIdx']);
    this.page = null;
  }
}

function isUniform(pixels: Uint8Array): boolean {
  return pixels.every((value, at) => Math.abs(value - (pixels[at % 4] ?? 0)) < 16);
}

async function openByPdfjs(bytes: Buffer): Promise<PlainText> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
  const { totalPages, text } = await extractText(document, { mergePages: false });
  await document.loadingTask.destroy();
  return {
    pages: totalPages,
    page: async (number) => asParagraphs(text[number - 1] ?? ''),
    drawn: async () => false,
    shifted: async () => [],
    losesLetters: async () => false,
    hidden: async () => [],
    annotationFlags: async () => [],
    outline: async () => [],
    layersOff: async () => new Set(),
    close: async () => undefined,
  };
}

function asParagraphs(text: string): string {
  return clean(text)
    .split('\n')
    .map((line) => line.replace(/[ \t\u00a0]+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The second reader costs a WASM instance: most files never need it. */
export class LazyPlainText {
  private opened: Promise<PlainText | null> | null = null;
  private glances = 0;
  private endless: boolean | null = null;

  constructor(private readonly bytes: Buffer) {}

  get(): Promise<PlainText | null> {
    this.opened ??= openPlainText(this.bytes);
    return this.opened;
  }

  /** False beyond the first `mostDrawn` pages, and for a file whose drawing has no end. */
  async drawn(number: number): Promise<boolean> {
    this.glances += 1;
    this.endless ??= drawsItself(this.bytes);
    return (
      !this.endless && this.glances <= maxDrawnPages && ((await (await this.get())?.drawn(number)) ?? false)
    );
  }

  async shifted(number: number): Promise<ShiftedRun[]> {
    return (await (await this.get())?.shifted(number)) ?? [];
  }

  async losesLetters(number: number): Promise<boolean> {
    return (await (await this.get())?.losesLetters(number)) ?? false;
  }

  async close(): Promise<void> {
    await (await this.opened?.catch(() => null))?.close();
  }
}
