import { readStreams } from './streams.js';
import { drawsWhiteText } from './white-text.js';

/** What a file may do with its text, so that a closer look is worth its time. */
export interface PdfSigns {
  /** Draws text in white. */
  white: boolean;
  /** Writes text without drawing it. */
  invisible: boolean;
  /** Has layers that can be switched off. */
  layers: boolean;
  /** Has an outline. */
  outline: boolean;
  /** Shows a part of its pages only. */
  cropped: boolean;
}

/** Looks for the signs in the bytes of a file. Most files have none. */
export function readSigns(bytes: Buffer): PdfSigns {
  const boxes = new PageBoxes();
  const signs = {
    white: false,
    invisible: false,
    layers: bytes.includes('/OCProperties'),
    outline: bytes.includes('/Outlines'),
  };
  for (let at = bytes.indexOf('Box'); at >= 0; at = bytes.indexOf('Box', at + 3))
    boxes.add(bytes.subarray(Math.max(0, at - 6), at + maxBox).toString('latin1'));
  for (let at = bytes.indexOf('/ca'); at >= 0; at = bytes.indexOf('/ca', at + 3))
    signs.invisible ||= noOpacity.test(bytes.subarray(at, at + maxOpacity).toString('latin1'));
  for (const { holdsObjects, text } of readStreams(bytes)) {
    if (holdsObjects) {
      signs.invisible ||= text.includes('/ca') && noOpacity.test(text);
      signs.layers ||= text.includes('/OCProperties');
      signs.outline ||= text.includes('/Outlines');
      if (text.includes('Box')) boxes.add(text);
    } else if (/T[jJ]/.test(text)) {
      signs.white ||= drawsWhiteText(text);
      signs.invisible ||= text.includes('Tr') && invisibleText.test(text);
    }
  }
  return { ...signs, cropped: boxes.differ };
}

/** Rendering modes that draw nothing: invisible, and for clipping only. */
const invisibleText = /(?:^|[\s)\]>])[37]\s{1,4}Tr(?=[\s[(<]|$)/;
/** A state of graphics in which nothing that is filled is seen. */
const noOpacity = /\/ca\s{0,4}(?:0|0?\.0{1,8}|0\.)(?![\d.])/;
const maxOpacity = 20;
const maxBox = 100;

/** Compares the boxes of pages: most programs write a crop box that is the whole page. */
class PageBoxes {
  private readonly media = new Set<string>();
  private readonly crop = new Set<string>();

  add(text: string): void {
    for (const [, kind, numbers = ''] of text.matchAll(/\/(Media|Crop)Box\s{0,4}\[([^\]]{1,80})\]/g)) {
      const box = numbers.trim().split(/\s+/).map(Number).map(Math.round).join(' ');
      (kind === 'Crop' ? this.crop : this.media).add(box);
    }
  }

  get differ(): boolean {
    return [...this.crop].some((box) => !this.media.has(box));
  }
}
