import { open, readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';

/** Some pages of a document as images. */
export interface RenderedPages {
  /** Pages of the document in all. */
  total: number;
  images: { page: number; png: Uint8Array }[];
}

interface Head {
  total: number;
  images: { page: number; bytes: number }[];
}

/** Writes images after one line of JSON with their sizes. */
export async function writeRendered(path: string, { total, images }: RenderedPages): Promise<void> {
  const head: Head = { total, images: images.map(({ page, png }) => ({ page, bytes: png.byteLength })) };
  const file = await open(path, 'w');
  try {
    await file.writeFile(`${JSON.stringify(head)}\n`);
    for (const { png } of images) await file.writeFile(png);
  } finally {
    await file.close();
  }
}

/** Reads the child's output. @throws Problem parser_crashed */
export async function readRendered(path: string): Promise<RenderedPages> {
  try {
    const bytes = await readFile(path);
    const line = bytes.indexOf(10);
    const { total, images } = JSON.parse(bytes.subarray(0, line).toString('utf8')) as Head;
    let at = line + 1;
    return {
      total,
      images: images.map(({ page, bytes: size }) => ({ page, png: bytes.subarray(at, (at += size)) })),
    };
  } catch (error) {
    throw new Problem('parser_crashed', 'The parser left no usable images.', { cause: error });
  }
}
