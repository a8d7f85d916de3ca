import type { PDFiumPage } from '@hyzyla/pdfium';
import type { TextItem } from '@llamaindex/liteparse';
import { PageHandle } from './page-handle.js';

/** Letters above or below the line of the text before them. */
export interface ShiftedRun {
  kind: 'raised' | 'lowered';
  text: string;
  /** Letters of the same word before the run. */
  before: string;
  /** Middle of the run; points, origin top left. */
  x: number;
  y: number;
}

interface Glyph {
  letter: string;
  /** Baseline and height of the font's box; points, origin bottom left. */
  baseline: number;
  height: number;
  left: number;
  right: number;
}

/** Share of the height of the line: footnote marks and powers are smaller. */
const maxHeight = 0.88;
/**
 * In line heights, between a word and its mark. Glyphs of full size further off belong to another cell of a
 * table.
 */
const maxGap = 1.5;
const maxGapOfFullSize = 0.5;
const minRise = 0.12;
const minDrop = 0.06;
const maxLowHeight = 0.95;
/** Glyphs of at most this height are indices with a smaller drop too: the boxes of some fonts are tall. */
const indexHeight = 0.7;
const minIndexDrop = 0.03;
/** Share of the height of the line by which a letter of full size may be lowered while the line goes on. */
const maxKeptDrop = 0.4;

/** Degrees from which on text is turned. */
const maxTurn = 5;

/**
 * Share of a digit's width by which a number is narrower than the others of its font if one of its digits is
 * raised: most fonts have digits of one width.
 */
const minNarrower = 0.2;

/** True when a line may contain glyphs of other sizes or heights, so that a closer look is worth its time. */
export function mayHoldShifted(pieces: readonly TextItem[]): boolean {
  if (hasNarrowNumbers(pieces)) return true;
  return pieces.some((piece, index) => {
    const next = pieces[index + 1];
    const small =
      next !== undefined &&
      piece.text.trim().length <= 3 &&
      piece.height < next.height * 0.95 &&
      Math.abs(piece.y + piece.height - next.y - next.height) < next.height &&
      Math.abs(next.x - piece.x - piece.width) < next.height * 3;
    return small || hasUnevenWords(piece);
  });
}

function hasUnevenWords({ words = [], rotation = 0 }: TextItem): boolean {
  const [first, ...others] = words;
  // the words of a line that runs up the page stand above one another
  if (Math.abs(rotation) > maxTurn) return false;
  return others.some(
    ({ y, height }) => Math.abs(y - (first?.y ?? 0)) > 0.04 || Math.abs(height - (first?.height ?? 0)) > 0.04,
  );
}

/** A cell of a table may be one number and its mark: `75²`. */
function hasNarrowNumbers(pieces: readonly TextItem[]): boolean {
  const fonts = new Map<string, Numbers>();
  for (const { text, width, words = [], fontName = '', fontSize = 0, rotation = 0 } of pieces) {
    if (Math.abs(rotation) > maxTurn) continue;
    const font = `${fontName} ${fontSize}`;
    for (const word of words.length > 0 ? words : [{ text, width }]) {
      const digits = /^[\d.,]*\d$/.test(word.text) ? word.text.replace(/\D/g, '').length : 0;
      if (digits === 0) continue;
      const numbers = fonts.get(font) ?? { digit: 0, sign: 0, words: [] };
      fonts.set(font, numbers);
      numbers.words.push({ digits, signs: word.text.length - digits, width: word.width });
    }
  }
  return [...fonts.values()].some(holdsNarrow);
}

interface Numbers {
  /** Widths of a digit, and of a comma or point. */
  digit: number;
  sign: number;
  words: { digits: number; signs: number; width: number }[];
}

function holdsNarrow(numbers: Numbers): boolean {
  for (const { digits, signs, width } of numbers.words)
    if (signs === 0) numbers.digit = Math.max(numbers.digit, width / digits);
  const { digit } = numbers;
  for (const { digits, signs, width } of numbers.words)
    if (signs > 0) numbers.sign = Math.max(numbers.sign, (width - digits * digit) / signs);
  return numbers.words.some(
    ({ digits, signs, width }) =>
      digit > 0 && digits * digit + signs * numbers.sign - width > digit * minNarrower,
  );
}

/**
 * Finds superscripts and subscripts by size and baseline. The layout joins them to the number before them.
 * The page stays open.
 */
export function shiftedRuns(page: PDFiumPage): ShiftedRun[] {
  const reader = new GlyphReader(page);
  try {
    return runsIn(reader.readGlyphs()).map(({ glyphs, kind, before }) => {
      const [first, last] = [glyphs[0], glyphs.at(-1)];
      const middle = ((first?.left ?? 0) + (last?.right ?? 0)) / 2;
      const { x, y } = reader.toViewport(middle, (first?.baseline ?? 0) + (first?.height ?? 0) * 0.3);
      return { kind, text: glyphs.map(({ letter }) => letter).join(''), before, x, y };
    });
  } finally {
    reader.close();
  }
}

interface Run {
  kind: ShiftedRun['kind'];
  glyphs: Glyph[];
  before: string;
}

function runsIn(glyphs: Glyph[]): Run[] {
  const runs: Run[] = [];
  let line: Glyph | null = null;
  // right edge of the shifted glyphs since the line
  let shiftedTo = -Infinity;
  let word = '';
  // PDFium puts a blank before a mark with a small gap
  let ended = '';
  let isApart = false;
  for (const [index, glyph] of glyphs.entries()) {
    if (glyph.letter.trim() === '') {
      ended = word || ended;
      word = '';
      isApart = true;
      continue;
    }
    const open = runs.at(-1);
    const beside: Glyph | null =
      line && areBeside(line, glyph, glyph.left - Math.max(line.right, shiftedTo), isApart) ? line : null;
    isApart = false;
    if (!beside) word = '';
    const kind = beside ? detectShift(glyph, beside) : leadingShift(glyph, glyphs, index);
    const before = glyphs[index - 1];
    if (kind && open?.kind === kind && before && open.glyphs.at(-1) === before) open.glyphs.push(glyph);
    else if (kind) {
      const near = beside !== null && glyph.left - beside.right < beside.height * 0.25;
      runs.push({ kind, glyphs: [glyph], before: word === '' && near ? ended : word });
    }
    if (!kind) line = beside ? { ...glyph, baseline: keptBaseline(glyph, beside) } : glyph;
    shiftedTo = kind ? glyph.right : -Infinity;
    ended = '';
    word += glyph.letter;
  }
  return runs;
}

/** A mark at the beginning of a line is measured by the text after it. */
function leadingShift(glyph: Glyph, glyphs: Glyph[], index: number): ShiftedRun['kind'] | null {
  const line = glyphs.slice(index + 1, index + 8).find(({ height }) => height > glyph.height * 1.05);
  return line && areBeside(glyph, line, line.left - glyph.right, false) ? detectShift(glyph, line) : null;
}

/** Logos lower a letter of full size (`TeX`): the letters after it stand on the line again. */
function keptBaseline(glyph: Glyph, line: Glyph): number {
  const drop = (line.baseline - glyph.baseline) / line.height;
  return drop > 0 && drop < maxKeptDrop ? line.baseline : glyph.baseline;
}

function detectShift({ baseline, height }: Glyph, line: Glyph): ShiftedRun['kind'] | null {
  const rise = (baseline - line.baseline) / line.height;
  if (height > line.height * maxHeight && Math.abs(rise) < 0.25) return null;
  if (rise >= minRise && rise < 0.8) return 'raised';
  const least = height <= line.height * indexHeight ? minIndexDrop : minDrop;
  // browsers lower an index of five sixths by as much as a line's third
  const most = rise <= -0.25 ? maxLowHeight : maxHeight;
  return rise <= -least && rise > -0.5 && height <= line.height * most ? 'lowered' : null;
}

/**
 * Tells if a glyph goes on in the line of another one. @param
 * gap points between the two, or since the last shifted glyph @param isApart true where a blank or the end
 * of a line is between them
 */
function areBeside(line: Glyph, glyph: Glyph, gap: number, isApart: boolean): boolean {
  const isLevel = Math.abs(glyph.baseline - line.baseline) < line.height * minDrop;
  const isFullSize = Math.min(glyph.height, line.height) > Math.max(glyph.height, line.height) * maxHeight;
  // a cell beside one that stands lower begins a line of its own
  if (isApart && isFullSize && !isLevel) return false;
  const most = isLevel ? 4 : isFullSize ? maxGapOfFullSize : maxGap;
  return (
    Math.abs(glyph.baseline - line.baseline) < line.height && gap > -line.height && gap < line.height * most
  );
}

/** Reads the glyphs of a page from PDFium's memory. */
class GlyphReader extends PageHandle {
  readGlyphs(): Glyph[] {
    const glyphs: Glyph[] = [];
    const count = this.glyphs;
    for (let index = 0; index < count; index += 1) {
      const box = this.box(index);
      if (box) glyphs.push({ letter: this.letter(index), ...box });
    }
    return glyphs;
  }

  private box(index: number): Omit<Glyph, 'letter'> | null {
    const { memory, module, text } = this;
    // left, top, right and bottom as floats, then the origin as two doubles
    if (!module._FPDFText_GetLooseCharBox(text, index, memory)) return null;
    if (!module._FPDFText_GetCharOrigin(text, index, memory + 16, memory + 24)) return null;
    const floats: Float32Array = module.HEAPF32;
    const doubles: Float64Array = module.HEAPF64;
    const at = memory >> 2;
    const [left = 0, top = 0, right = 0, bottom = 0] = floats.subarray(at, at + 4);
    return { left, right, height: top - bottom, baseline: doubles[(memory + 24) >> 3] ?? 0 };
  }
}
