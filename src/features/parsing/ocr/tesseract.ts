import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { TessBaseAPI, TesseractCore } from 'tesseract.js-core/tesseract-core-simd-lstm.wasm.js';
import type { LanguageData } from './ocr-page.js';

/** LSTM alone: the data have no older model. */
const engineMode = 1;
/** Finds columns and blocks by itself; the library's own default takes a page for one block. */
const automaticLayout = '3';
/** The one path that `SetImageFile` of this build reads. */
const imagePath = '/input';

/** Names of Tesseract's language data. */
const names = new Map([
  ['en', 'eng'],
  ['de', 'deu'],
  ['fr', 'fra'],
  ['es', 'spa'],
  ['it', 'ita'],
  ['nl', 'nld'],
  ['pt', 'por'],
  ['pl', 'pol'],
  ['cs', 'ces'],
  ['sv', 'swe'],
  ['da', 'dan'],
  ['ru', 'rus'],
]);

let loaded: Promise<Tesseract> | undefined;
let loadedFor = '';

/**
 * The engine of this process for these languages. It is kept, since loading takes as long as a small page.
 */
export function tesseractFor(data: LanguageData): Promise<Tesseract> {
  const key = JSON.stringify(data);
  if (!loaded || loadedFor !== key) {
    loadedFor = key;
    loaded = Tesseract.load(data);
  }
  return loaded;
}

/**
 * Tesseract as WebAssembly, called directly: without a
 * worker thread, and without a network to fetch data from.
 */
export class Tesseract {
  private constructor(
    private readonly core: TesseractCore,
    private readonly api: TessBaseAPI,
    private languages: string[],
  ) {}

  static async load(data: LanguageData): Promise<Tesseract> {
    const { default: load } = await import('tesseract.js-core/tesseract-core-simd-lstm.wasm.js');
    const silent = (): void => undefined;
    const core = await load({ print: silent, printErr: silent });
    for (const [language, path] of Object.entries(data)) {
      const bytes = await readFile(path);
      core.FS.writeFile(`/${language}.traineddata`, path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    }
    const tesseract = new Tesseract(core, new core.TessBaseAPI(), Object.keys(data));
    tesseract.init();
    return tesseract;
  }

  /**
   * Tries a language before the others from now on, as the next pages are probably written in it: German
   * pages take a third less time with German first, and the text is the same.
   * @param language ISO 639-1
   */
  prefer(language: string | null): void {
    const name = names.get(language ?? '');
    if (name === undefined || name === this.languages[0] || !this.languages.includes(name)) return;
    this.languages = [name, ...this.languages.filter((other) => other !== name)];
    this.api.End();
    this.init();
  }

  private init(): void {
    if (this.api.Init('/', this.languages.join('+'), engineMode) !== 0)
      throw new Error('the language data of Tesseract cannot be read');
    this.api.SetVariable('tessedit_pageseg_mode', automaticLayout);
  }

  /**
   * @param image a file: PNG, JPEG or a portable greymap
   * @returns the words as tab-separated values, and their mean confidence from 0 to 100
   */
  recognize(image: Uint8Array, dotsPerInch: number): { tsv: string; confidence: number } {
    // The resolution that images state of themselves is often wrong.
    this.api.SetVariable('user_defined_dpi', String(dotsPerInch));
    this.core.FS.writeFile(imagePath, image);
    try {
      this.api.SetImageFile(1, 0);
      this.api.Recognize(null);
      return { tsv: this.api.GetTSVText(0), confidence: this.api.MeanTextConf() };
    } finally {
      this.api.Clear();
      this.core.FS.unlink(imagePath);
    }
  }
}
