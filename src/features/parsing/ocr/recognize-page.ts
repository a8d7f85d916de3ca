import { LiteParse } from '@llamaindex/liteparse';
import type { Sharp } from 'sharp';
import type { Format } from '../formats/formats.js';
import { placeText } from '../parsers/shared/placed-text.js';
import { detectLanguage } from '../sandbox/language.js';
import { drawPages } from '../sandbox/render-pages.js';
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
    drawPages({ path, format, ...wanted, progress }, toGrey),
    tesseractFor(data),
  ]);
  const drawing = drawn.images[0]?.image;
  if (!drawing) return { page, total: drawn.total, markdown: '', confidence: 0, size: [0, 0], places: [] };
  const { default: sharp } = await import('sharp');
  const { width, height } = drawing;
  const scale = format === 'image' ? chooseScale(width * height) : 1;
  const picture = sharp(drawing.pixels, { raw: { width, height, channels: 1 } });
  const upright = uprightText(
    scale === 1 ? drawing : await toGrey(picture.resize(Math.round(width * scale))),
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

interface GreyPicture {
  /** A byte for each pixel, row by row. */
  pixels: Buffer;
  width: number;
  height: number;
}

async function toGrey(image: Sharp): Promise<GreyPicture> {
  const { data, info } = await image
    .flatten({ background: '#ffffff' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** Pages on their side are read as they are; a page upside down shows by its confidence and is turned. */
function uprightText(picture: GreyPicture, tesseract: Tesseract): UprightText {
  const read = (page: GreyPicture): Omit<UprightText, 'isTurned'> => {
    const { tsv, confidence } = tesseract.recognize(portableGreymap(page), dotsPerInch);
    return { lines: linesFrom(tsv), confidence };
  };
  const first = read(picture);
  if (first.confidence >= minConfidence || first.lines.length === 0) return { ...first, isTurned: false };
  // A page in another script takes long and is not read better the other way: some of its lines tell.
  const sample = read(turnByHalf(middleLines(picture, first.lines)));
  if (sample.confidence < minConfidence) return { ...first, isTurned: false };
  const second = read(turnByHalf(picture));
  return second.confidence > first.confidence ? { ...second, isTurned: true } : { ...first, isTurned: false };
}

/** The last pixel comes first. */
const turnByHalf = (picture: GreyPicture): GreyPicture => ({
  ...picture,
  pixels: Buffer.from(picture.pixels).reverse(),
});

/** The rows of pixels that hold the middle fifth of the lines. */
function middleLines({ pixels, width, height }: GreyPicture, lines: OcrPiece[]): GreyPicture {
  const downwards = lines.toSorted((a, b) => a.y - b.y);
  const top = downwards[Math.floor(lines.length * 0.4)]?.y ?? 0;
  const bottom = Math.max(
    ...downwards.slice(0, Math.ceil(lines.length * 0.6)).map((line) => line.y + line.height),
  );
  const rows = Math.min(Math.ceil(bottom), height) - Math.floor(top);
  const start = Math.floor(top) * width;
  return { pixels: pixels.subarray(start, start + rows * width), width, height: rows };
}

/** The simplest file that Tesseract reads: nothing is compressed and decompressed again. */
const portableGreymap = ({ pixels, width, height }: GreyPicture): Buffer =>
  Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);

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
