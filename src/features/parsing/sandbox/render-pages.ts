import { readFile } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { Problem } from '../../../common/errors.js';
import type { Format } from '../formats/formats.js';
import { markPixels } from './mark-pixels.js';
import type { PagesWanted } from './protocol.js';
import type { RenderedPages } from './rendered-file.js';

export interface RenderRequest extends PagesWanted {
  path: string;
  format: Format;
  progress(done: number, total: number): void;
}

type SharpLibrary = (typeof import('sharp'))['default'];

interface DrawnPages<T> {
  /** Pages of the document in all. */
  total: number;
  images: { page: number; image: T }[];
}

/** Draws pages as PNG. Runs in the pool's child process. @throws Problem as `drawPages` */
export async function renderPages(request: RenderRequest): Promise<RenderedPages> {
  const { total, images } = await drawPages(request, (image) => image.png().toBuffer());
  return { total, images: images.map(({ page, image }) => ({ page, png: image })) };
}

/**
 * Draws pages and encodes each at once, so that one is held at a time.
 * @throws Problem corrupt_document, encrypted_document, unsupported_file_type
 */
export async function drawPages<T>(
  request: RenderRequest,
  encode: (image: Sharp) => Promise<T>,
): Promise<DrawnPages<T>> {
  if (request.format === 'pdf') return drawPdf(request, encode);
  if (request.format === 'image') return drawImage(request, encode);
  throw new Problem('unsupported_file_type', 'Only PDF files and images can be drawn.');
}

async function sharpLibrary(): Promise<SharpLibrary> {
  const { default: sharp } = await import('sharp');
  // one thread and no cache: the child's memory is limited, and documents are not read twice
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

async function drawPdf<T>(
  request: RenderRequest,
  encode: (image: Sharp) => Promise<T>,
): Promise<DrawnPages<T>> {
  const { path, first, count, dotsPerInch, maxSide, marks, progress } = request;
  const [{ PDFiumLibrary }, sharp] = await Promise.all([import('@hyzyla/pdfium'), sharpLibrary()]);
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(await readFile(path));
    const total = document.getPageCount();
    const last = Math.min(total, first + count - 1);
    const images: DrawnPages<T>['images'] = [];
    for (let number = first; number <= last; number += 1) {
      // `render` closes the page that it has drawn.
      const page = document.getPage(number - 1);
      const { originalWidth, originalHeight } = page.getOriginalSize();
      const scale = Math.min(dotsPerInch / 72, maxSide / Math.max(originalWidth, originalHeight, 1));
      const drawn: T[] = [];
      await page.render({
        scale,
        renderFormFields: true,
        render: async ({ data: pixels, width, height }) => {
          markPixels({ pixels, width, height, channels: 4 }, marks);
          drawn.push(await encode(sharp(pixels, { raw: { width, height, channels: 4 } }).removeAlpha()));
          return pixels;
        },
      });
      for (const image of drawn) images.push({ page: number, image });
      progress(images.length, count);
    }
    document.destroy();
    return { total, images };
  } finally {
    library.destroy();
  }
}

async function drawImage<T>(
  request: RenderRequest,
  encode: (image: Sharp) => Promise<T>,
): Promise<DrawnPages<T>> {
  const { path, first, count, maxSide, progress } = request;
  const sharp = await sharpLibrary();
  try {
    const { format, pages } = await sharp(path).metadata();
    // frames of an animation do not count as pages
    const total = format === 'tiff' ? (pages ?? 1) : 1;
    const images: DrawnPages<T>['images'] = [];
    for (let number = first; number <= Math.min(total, first + count - 1); number += 1) {
      const drawn = sharp(path, { page: number - 1 })
        .rotate()
        .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
      images.push({ page: number, image: await encode(await marked(sharp, drawn, request)) });
      progress(images.length, count);
    }
    return { total, images };
  } catch (error) {
    throw new Problem('corrupt_document', 'The image cannot be read.', { cause: error });
  }
}

async function marked(sharp: SharpLibrary, image: Sharp, { marks }: RenderRequest): Promise<Sharp> {
  if (marks.length === 0) return image;
  const { data, info } = await image
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  markPixels({ pixels: data, width, height, channels: 3 }, marks);
  return sharp(data, { raw: { width, height, channels: 3 } });
}
