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

/** Tesseract as WebAssembly, called directly: without a worker thread, and without a network to fetch data from. */
export class Tesseract {
  private constructor(
    private readonly core: TesseractCore,
    private readonly api: TessBaseAPI,
  ) {}

  static async load(data: LanguageData): Promise<Tesseract> {
    const { default: load } = await import('tesseract.js-core/tesseract-core-simd-lstm.wasm.js');
    const silent = (): void => undefined;
    const core = await load({ print: silent, printErr: silent });
    for (const [language, path] of Object.entries(data)) {
      const bytes = await readFile(path);
      core.FS.writeFile(`/${language}.traineddata`, path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    }
    const api = new core.TessBaseAPI();
    if (api.Init('/', Object.keys(data).join('+'), engineMode) !== 0)
      throw new Error('the language data of Tesseract cannot be read');
    api.SetVariable('tessedit_pageseg_mode', automaticLayout);
    return new Tesseract(core, api);
  }

  /** @returns the words as tab-separated values, and their mean confidence from 0 to 100 */
  recognize(png: Uint8Array, dotsPerInch: number): { tsv: string; confidence: number } {
    // The resolution that images state of themselves is often wrong.
    this.api.SetVariable('user_defined_dpi', String(dotsPerInch));
    this.core.FS.writeFile(imagePath, png);
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
