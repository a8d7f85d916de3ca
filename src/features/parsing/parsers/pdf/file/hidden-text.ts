import type { PDFiumPage } from '@hyzyla/pdfium';
import type { PagePiece } from '../../shared/placed-text.js';
import { PageHandle } from './page-handle.js';

/** Text of a page that its reader does not see; points, origin top left. */
export interface HiddenText extends PagePiece {
  kind: 'line' | 'layer' | 'outside';
}

/** Hidden text, or text that is hidden if the picture of the page shows nothing at its place. */
export interface HiddenRun extends HiddenText {
  isCertain: boolean;
}

/** Rendering modes of text: it is not drawn, or only clips what is drawn later. */
const unseenModes: ReadonlySet<number> = new Set([3, 7]);
const filled = 0;
const [imageObject, formObject] = [3, 5];
const maxImages = 200;
const maxObjects = 5_000;
const maxDepth = 4;
/** Points: side of the squares in which text that is seen is noted. */
const square = 6;
const maxName = 256;
/** Fill colours that are not seen on paper are reported as white text. */
const nearlyWhite = 240;

/**
 * Text that is not drawn, that belongs to a layer that is switched off, or that lies outside the page. Text of
 * a scan, which lies over its picture, is not hidden. The page stays open.
 * @param layersOff names of layers
 */
export function hiddenRuns(page: PDFiumPage, layersOff: ReadonlySet<string>): HiddenRun[] {
  const reader = new HiddenTextReader(page, layersOff);
  try {
    return reader.read();
  } finally {
    reader.close();
  }
}

type Stretch = Omit<HiddenRun, 'kind'> & { kind: HiddenRun['kind'] | 'seen' };

class HiddenTextReader extends PageHandle {
  private readonly buffer: number;
  private objects = 0;

  constructor(
    page: PDFiumPage,
    private readonly layersOff: ReadonlySet<string>,
  ) {
    super(page);
    this.buffer = this.module.wasmExports.malloc(maxName);
  }

  read(): HiddenRun[] {
    const stretches = this.stretches();
    const images = this.images(this.page, false, maxDepth);
    const seen = new Set(stretches.filter(({ kind }) => kind === 'seen').flatMap(squaresOf));
    const runs = stretches.flatMap((stretch): HiddenRun[] => {
      const { kind } = stretch;
      if (kind === 'seen')
        return this.layersOff.size > 0 && !stretch.isCertain ? [{ ...stretch, kind: 'layer' }] : [];
      if (kind === 'outside')
        return [{ ...stretch, kind, isCertain: stretch.isCertain || this.isWhollyOutside(stretch) }];
      if (kind === 'layer') return [{ ...stretch, kind }];
      if (images.some((image) => liesOn(stretch, image))) return [];
      return [{ ...stretch, kind, isCertain: squaresOf(stretch).some((place) => seen.has(place)) }];
    });
    return runs.filter(({ text }) => /[\p{L}\p{N}]{2}/u.test(text));
  }

  override close(): void {
    this.module.wasmExports.free(this.buffer);
    super.close();
  }

  /** Letters of one object of text, or of several that stand on a line. */
  private stretches(): Stretch[] {
    const stretches: Stretch[] = [];
    const count = this.glyphs;
    let last = 0;
    let kind: Stretch['kind'] = 'seen';
    let isCertain = true;
    let blank = '';
    for (let index = 0; index < count; index += 1) {
      const object = this.module._FPDFText_GetTextObject(this.text, index);
      const letter = this.letter(index);
      // PDFium makes up blanks and line ends
      if (object === 0 || letter.trim() === '') {
        blank = ' ';
        continue;
      }
      if (object !== last) {
        kind = this.kindOf(object);
        isCertain = kind !== 'seen' || this.isWhite(object);
      }
      last = object;
      const box = this.box(index);
      if (!box) continue;
      const own = kind === 'seen' && this.isOutside(box) ? 'outside' : kind;
      const open = stretches.at(-1);
      if (open?.kind === own && open.isCertain === isCertain && isOnLine(open, box))
        Object.assign(open, union(open, box), { text: open.text + blank + letter });
      else stretches.push({ kind: own, isCertain, text: letter, ...box });
      blank = '';
    }
    return stretches;
  }

  private kindOf(object: number): Stretch['kind'] {
    if (this.layersOff.size > 0 && this.layers(object).some((name) => this.layersOff.has(name)))
      return 'layer';
    const mode = this.module._FPDFTextObj_GetTextRenderMode(object);
    const isUnseen = unseenModes.has(mode) || (mode === filled && this.fill(object)?.[3] === 0);
    return isUnseen ? 'line' : 'seen';
  }

  /** Names of the layers that an object belongs to. */
  private layers(object: number): string[] {
    const { module, memory, buffer } = this;
    const count = Math.min(module._FPDFPageObj_CountMarks(object), maxDepth);
    return Array.from({ length: Math.max(0, count) }, (_unused, index) => {
      const mark = module._FPDFPageObj_GetMark(object, index);
      const key = memory + 8;
      module.HEAPU8.set(new TextEncoder().encode('Name\0'), key);
      const found = module._FPDFPageObjMark_GetParamStringValue(mark, key, buffer, maxName, memory);
      const bytes = module.HEAPU32[memory >> 2] ?? 0;
      if (!found || bytes < 2 || bytes > maxName) return '';
      return Buffer.from(module.HEAPU8.subarray(buffer, buffer + bytes - 2)).toString('utf16le');
    });
  }

  private isWhite(object: number): boolean {
    return (
      this.fill(object)
        ?.slice(0, 3)
        .every((part) => part >= nearlyWhite) ?? false
    );
  }

  /** Red, green, blue and opacity. */
  private fill(object: number): number[] | null {
    const { module, memory } = this;
    if (!module._FPDFPageObj_GetFillColor(object, memory, memory + 4, memory + 8, memory + 12)) return null;
    return Array.from(module.HEAPU32.subarray(memory >> 2, (memory >> 2) + 4) as Uint32Array);
  }

  /** The places of pictures on the page; a form with a picture counts as one. */
  private images(parent: number, isForm: boolean, depth: number): Omit<PagePiece, 'text'>[] {
    const { module } = this;
    const count: number = isForm
      ? module._FPDFFormObj_CountObjects(parent)
      : module._FPDFPage_CountObjects(parent);
    const images: Omit<PagePiece, 'text'>[] = [];
    for (let index = 0; index < count && images.length < maxImages; index += 1) {
      this.objects += 1;
      if (this.objects > maxObjects) break;
      const object: number = isForm
        ? module._FPDFFormObj_GetObject(parent, index)
        : module._FPDFPage_GetObject(parent, index);
      const type: number = module._FPDFPageObj_GetType(object);
      const holdsImage =
        type === imageObject ||
        (type === formObject && depth > 0 && this.images(object, true, depth - 1).length > 0);
      const bounds = holdsImage ? this.bounds(object) : null;
      if (bounds) images.push(bounds);
    }
    return images;
  }

  private bounds(object: number): Omit<PagePiece, 'text'> | null {
    const { module, memory } = this;
    // left, bottom, right and top as floats
    if (!module._FPDFPageObj_GetBounds(object, memory, memory + 4, memory + 8, memory + 12)) return null;
    const floats: Float32Array = module.HEAPF32;
    const [left = 0, bottom = 0, right = 0, top = 0] = floats.slice(memory >> 2, (memory >> 2) + 4);
    return this.rectangle(left, top, right, bottom);
  }

  private box(index: number): Omit<PagePiece, 'text'> | null {
    const { module, memory, text } = this;
    // left, right, bottom and top as doubles
    if (!module._FPDFText_GetCharBox(text, index, memory, memory + 8, memory + 16, memory + 24)) return null;
    const doubles: Float64Array = module.HEAPF64;
    const [left = 0, right = 0, bottom = 0, top = 0] = doubles.slice(memory >> 3, (memory >> 3) + 4);
    return this.rectangle(left, top, right, bottom);
  }

  private rectangle(left: number, top: number, right: number, bottom: number): Omit<PagePiece, 'text'> {
    const [one, other] = [this.toViewport(left, top), this.toViewport(right, bottom)];
    return {
      x: Math.min(one.x, other.x),
      y: Math.min(one.y, other.y),
      width: Math.abs(one.x - other.x),
      height: Math.abs(one.y - other.y),
    };
  }

  private isWhollyOutside({ x, y, width, height }: Omit<PagePiece, 'text'>): boolean {
    return x + width < 0 || y + height < 0 || x > this.size[0] || y > this.size[1];
  }

  private isOutside({ x, y, width, height }: Omit<PagePiece, 'text'>): boolean {
    const [across, down] = [x + width / 2, y + height / 2];
    return across < 0 || down < 0 || across > this.size[0] || down > this.size[1];
  }
}

function isOnLine(one: Omit<PagePiece, 'text'>, other: Omit<PagePiece, 'text'>): boolean {
  const overlap = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return overlap > Math.min(one.height, other.height) * 0.4;
}

function union(one: Omit<PagePiece, 'text'>, other: Omit<PagePiece, 'text'>): Omit<PagePiece, 'text'> {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}

function liesOn(text: Omit<PagePiece, 'text'>, image: Omit<PagePiece, 'text'>): boolean {
  const [across, down] = [text.x + text.width / 2, text.y + text.height / 2];
  return (
    across >= image.x && across <= image.x + image.width && down >= image.y && down <= image.y + image.height
  );
}

const maxSquares = 400;

/** The squares along the middle of a line. */
function squaresOf({ x, y, width, height }: Omit<PagePiece, 'text'>): string[] {
  const row = Math.floor((y + height / 2) / square);
  const [from, to] = [Math.floor(x / square), Math.floor((x + width) / square)];
  return Array.from({ length: Math.min(to - from + 1, maxSquares) }, (_unused, at) => `${from + at} ${row}`);
}

/** A page as a picture: four bytes a pixel. */
export interface PagePicture {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Leaves runs out at whose place the picture of the page shows something. */
export function hiddenIn(runs: HiddenRun[], picture: PagePicture, pixels: number): HiddenText[] {
  return runs.filter((run) => run.isCertain || !showsSomething(run, picture, pixels));
}

/** @param pixels for each point */
function showsSomething(run: HiddenRun, { data, width, height }: PagePicture, pixels: number): boolean {
  const clamp = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
  const [left, right] = [clamp(run.x * pixels, width), clamp((run.x + run.width) * pixels, width)];
  const [top, bottom] = [clamp(run.y * pixels, height), clamp((run.y + run.height) * pixels, height)];
  const first = (top * width + left) * 4;
  for (let y = top; y < bottom; y += 1)
    for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 1)
      if (Math.abs((data[at] ?? 0) - (data[first + (at % 4)] ?? 0)) >= 24) return true;
  return false;
}
