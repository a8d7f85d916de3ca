import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Problem } from '../../../common/errors.js';
import { PlacedText } from '../parsed-document.js';

/** Files of Tesseract's language data by language (`eng`), gzipped where the name ends with `.gz`. */
export type LanguageData = Record<string, string>;

/** A page as OCR has read it. */
export const OcrPage = z.object({
  page: z.int().positive(),
  /** Pages of the document in all. */
  total: z.int().positive(),
  /** Words that are not sure are followed by `[?]`. */
  markdown: z.string(),
  /** Mean confidence of the words, 0…100; 0 without a word. */
  confidence: z.number(),
  size: z.tuple([z.number(), z.number()]),
  places: z.array(PlacedText),
});
export type OcrPage = z.infer<typeof OcrPage>;

/** Reads the child's output, one JSON object. @throws Problem parser_crashed */
export async function readOcrPage(path: string): Promise<OcrPage> {
  try {
    return OcrPage.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Problem('parser_crashed', 'The parser left no usable page.', { cause: error });
  }
}
