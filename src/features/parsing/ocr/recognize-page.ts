import { LiteParse } from '@llamaindex/liteparse';
import type { Sharp } from 'sharp';
import type { Format } from '../formats/formats.js';
import { placeText } from '../parsers/shared/placed-text.js';
import { detectLanguage } from '../sandbox/language.js';
import { renderPages } from '../sandbox/render-pages.js';
import { linesFrom, type OcrPiece } from './ocr-lines.js';
import type { LanguageData, OcrPage } from './ocr-page.js';
import { type Tesseract, tesseractFor } from './tesseract.js';

/** Enough for small print; a higher resolution takes longer and improves little. */
const dotsPerInch = 200;
const maxSide = 5000;
/** Pixels of a sheet of A4 at 200 dpi: images state no resolution that can be trusted. */
const sheetPixels = 1654 * 2339;
const maxEnlargement = 2;
/** Pages that were read the right way up have 84 and more, those upside down about 30. */
const minConfidence = 50;
/** Pages that were read this surely tell the language of the next ones. */
const minCertain = 75;

interface PageRequest {
  path: string;
  format: Format;
  /** 1-based. */
  page: number;
  data: LanguageData;
}

/**
 * Reads one page of a PDF or of an image by OCR. Runs in the
 * pool's child process. @throws Problem as `renderPages`
 */
export async function recognizePage({ path, format, page, data }: PageRequest): Promise<OcrPage> {
  const progress = (): void => undefined;
  const wanted = { first: page, count: 1, dotsPerInch, maxSide, marks: [] };
  const [drawn, tesseract] = await Promise.all([
    renderPages({ path, format, ...wanted, progress }),
    tesseractFor(data),
  ]);
  const image = drawn.images[0];
  if (!image) return { page, total: drawn.total, markdown: '', confidence: 0, size: [0, 0], places: [] };
  const { default: sharp } = await import('sharp');
  const picture = sharp(image.png);
  const { width, height } = await picture.metadata();
  const scale = format === 'image' ? chooseScale(width * height) : 1;
  const upright = await uprightText(
    picture
      .flatten({ background: '#ffffff' })
      .greyscale()
      .resize(Math.round(width * scale)),
    tesseract,
  );
  const size: [number, number] = [toPoints(width * scale), toPoints(height * scale)];
  const pieces = upright.lines.map(inPoints);
  const markdown = renderMarkdown(pieces, size);
  if (upright.confidence >= minCertain)
    tesseract.prefer(detectLanguage([{ kind: 'page', page: null, label: null, markdown }]));
  return {
    page,
    total: drawn.total,
    markdown,
    confidence: upright.confidence,
    size,
    // Places of a turned page would point to the wrong words.
    places: upright.isTurned ? [] : placeText(markdown, pieces),
  };
}

/** The scale that brings a much smaller or larger image near the size of a sheet at 200 dpi. */
function chooseScale(pixels: number): number {
  const scale = Math.sqrt(sheetPixels / Math.max(pixels, 1));
  return scale > 0.8 && scale < 1.1 ? 1 : Math.min(scale, maxEnlargement);
}

interface UprightText {
  lines: OcrPiece[];
  confidence: number;
  isTurned: boolean;
}

/** Pages on their side are read as they are; a page upside down shows by its confidence and is turned. */
async function uprightText(picture: Sharp, tesseract: Tesseract): Promise<UprightText> {
  const read = async (turned: Sharp): Promise<Omit<UprightText, 'isTurned'>> => {
    const { tsv, confidence } = tesseract.recognize(
      await turned.png({ compressionLevel: 1 }).toBuffer(),
      dotsPerInch,
    );
    return { lines: linesFrom(tsv), confidence };
  };
  const first = await read(picture.clone());
  if (first.confidence >= minConfidence || first.lines.length === 0) return { ...first, isTurned: false };
  const second = await read(picture.clone().rotate(180));
  return second.confidence > first.confidence ? { ...second, isTurned: true } : { ...first, isTurned: false };
}

/** The layout of PDFs joins lines to paragraphs, and finds headings and tables. */
function renderMarkdown(pieces: OcrPiece[], [pageWidth, pageHeight]: [number, number]): string {
  if (pieces.length === 0) return '';
  const reader = new LiteParse({
    ocrEnabled: false,
    outputFormat: 'markdown',
    imageMode: 'off',
    quiet: true,
    keepHeadersFooters: true,
  });
  const textItems = pieces.map((piece) => ({
    ...piece,
    fontSize: piece.height,
    rotation: 0,
    words: [],
  }));
  const { pages } = reader.parsePages([{ pageNumber: 1, pageWidth, pageHeight, textItems }]);
  return (pages[0]?.markdown ?? '').replace(/^```\w*\n\s*```$/gm, '').trim();
}

const toPoints = (pixels: number): number => Math.round(((pixels * 72) / dotsPerInch) * 100) / 100;

const inPoints = (piece: OcrPiece): OcrPiece => ({
  ...piece,
  x: toPoints(piece.x),
  y: toPoints(piece.y),
  width: toPoints(piece.width),
  height: toPoints(piece.height),
});
