import type { PageMark } from './protocol.js';

export interface Pixels {
  /** Red, green and blue first. */
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: 3 | 4;
}

/** A yellow marker, as shares of the light that it lets pass. */
const ink: [number, number, number] = [1, 0.9, 0.35];
const border: [number, number, number] = [230, 120, 0];
/** Pixels between a mark and its text. */
const margin = 2;

/** Marks rectangles as with a marker pen, with a thin border so that they show on dark grounds too. */
export function markPixels(image: Pixels, marks: PageMark[]): void {
  for (const mark of marks) {
    const left = Math.max(0, Math.floor(mark.x * image.width) - margin);
    const top = Math.max(0, Math.floor(mark.y * image.height) - margin);
    const right = Math.min(image.width - 1, Math.ceil((mark.x + mark.width) * image.width) + margin);
    const bottom = Math.min(image.height - 1, Math.ceil((mark.y + mark.height) * image.height) + margin);
    for (let y = top; y <= bottom; y += 1)
      for (let x = left; x <= right; x += 1)
        paint(image, x, y, x === left || x === right || y === top || y === bottom);
  }
}

function paint({ pixels, width, channels }: Pixels, x: number, y: number, onBorder: boolean): void {
  const at = (y * width + x) * channels;
  for (const [channel, share] of ink.entries())
    pixels[at + channel] = onBorder
      ? (border[channel] ?? 0)
      : Math.round((pixels[at + channel] ?? 0) * share);
}
