import { docent } from '../../state/session.js';

const resolutions = [96, 144, 200] as const;
const maxImages = 40;
const pageInches = 8.27;
const images = new Map<string, PageImage>();

export interface PageImage {
  address: string;
  dpi: number;
}

/**
 * The address of a page's picture, sharp enough for the
 * zoom; pictures that were looked at longest ago are let go.
 */
export async function loadPage(
  id: string,
  page: number,
  zoom: number,
  signal: AbortSignal,
): Promise<PageImage> {
  const paneWidth = Math.min(700, innerWidth) * zoom * devicePixelRatio;
  const dpi = resolutions.find((known) => known * pageInches >= paneWidth) ?? 200;
  const name = `${id}/${page}/${dpi}`;
  const known = images.get(name);
  if (known) {
    images.delete(name);
    images.set(name, known);
    return known;
  }
  const image = { address: URL.createObjectURL(await docent.page(id, page, dpi, signal)), dpi };
  images.set(name, image);
  for (const [oldest, old] of images) {
    if (images.size <= maxImages) break;
    images.delete(oldest);
    URL.revokeObjectURL(old.address);
  }
  return image;
}
