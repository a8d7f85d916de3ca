import { readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';
import type { Format } from '../formats/formats.js';
import type { RenderedPages } from './rendered-file.js';

const dotsPerInch = 150;
/** Longest side of an image: models scale down what is larger. */
const longestSide = 2000;

export interface RenderRequest {
  path: string;
  format: Format;
  /** First page wanted, 1-based, and how many at most. */
  first: number;
  count: number;
  progress(done: number, total: number): void;
}

/** Draws pages as PNG at 150 dpi. Runs in the pool's child process. @throws Problem corrupt_document, encrypted_document, unsupported_file_type */
export async function renderPages(request: RenderRequest): Promise<RenderedPages> {
  if (request.format === 'pdf') return renderPdf(request);
  if (request.format === 'image') return renderImage(request);
  throw new Problem('unsupported_file_type', 'Only PDF files and images can be drawn.');
}

async function sharpLibrary(): Promise<(typeof import('sharp'))['default']> {
  const { default: sharp } = await import('sharp');
  // One thread and no cache: the child's memory is bounded, and the next document is another one.
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

async function renderPdf({ path, first, count, progress }: RenderRequest): Promise<RenderedPages> {
  const [{ PDFiumLibrary }, sharp] = await Promise.all([import('@hyzyla/pdfium'), sharpLibrary()]);
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(await readFile(path));
    const total = document.getPageCount();
    const last = Math.min(total, first + count - 1);
    const images: RenderedPages['images'] = [];
    for (let number = first; number <= last; number += 1) {
      // `render` closes the page that it has drawn.
      const page = document.getPage(number - 1);
      const { originalWidth, originalHeight } = page.getOriginalSize();
      const scale = Math.min(dotsPerInch / 72, longestSide / Math.max(originalWidth, originalHeight, 1));
      const { data } = await page.render({
        scale,
        render: ({ data: pixels, width, height }) =>
          sharp(pixels, { raw: { width, height, channels: 4 } })
            .removeAlpha()
            .png()
            .toBuffer(),
      });
      images.push({ page: number, png: data });
      progress(images.length, count);
    }
    document.destroy();
    return { total, images };
  } finally {
    library.destroy();
  }
}

async function renderImage({ path, first, count, progress }: RenderRequest): Promise<RenderedPages> {
  const sharp = await sharpLibrary();
  try {
    const { format, pages } = await sharp(path).metadata();
    // Frames of an animation are no pages.
    const total = format === 'tiff' ? (pages ?? 1) : 1;
    const images: RenderedPages['images'] = [];
    for (let number = first; number <= Math.min(total, first + count - 1); number += 1) {
      const drawn = sharp(path, { page: number - 1 }).rotate();
      const png = await drawn
        .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
        .png()
        .toBuffer();
      images.push({ page: number, png });
      progress(images.length, count);
    }
    return { total, images };
  } catch (error) {
    throw new Problem('corrupt_document', 'The image cannot be read.', { cause: error });
  }
}
