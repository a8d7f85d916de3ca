import type { PlacedText } from '../../parsed-document.js';

/** A piece of text on a page; points, origin top left. */
export interface PagePiece {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * A piece is searched for within this many letters after the last one found; further away it must be long and
 * unique.
 */
const maxAhead = 300;
const gramLength = 8;
/** Letters of a page that may be searched again for pieces that were not found. */
const maxSteps = 5_000_000;

/** The letters and digits of a text, with their places. */
interface Letters {
  text: string;
  offsets: number[];
}

/** First and last character of a piece in the Markdown, end exclusive. */
export interface FoundPiece {
  start: number;
  end: number;
}

/**
 * Finds the pieces of a page in its Markdown by their letters and digits, since the Markdown adds marks,
 * joins lines and drops hyphens. Takes linear time.
 * @param pieces roughly in reading order
 * @returns the place of each piece; null if it is not found
 */
export function findPieces(
  markdown: string,
  pieces: readonly Pick<PagePiece, 'text'>[],
): (FoundPiece | null)[] {
  const page = readLetters(markdown);
  const grams = lazyGrams(page.text);
  const used = new Uint8Array(page.text.length);
  const texts = pieces.map(({ text }) => readLetters(text).text);
  let cursor = 0;
  const places = texts.map((text) => {
    const at = text === '' ? -1 : find(page.text, text, cursor, grams);
    if (at < 0) return -1;
    cursor = at + text.length;
    used.fill(1, at, cursor);
    return at;
  });
  let steps = 0;
  return places.map((found, index) => {
    const text = texts[index] ?? '';
    let at = found;
    // a column that is elsewhere in the Markdown loses its short pieces
    if (at < 0 && text.length > 1 && (steps += page.text.length) < maxSteps)
      at = findUnused(page, text, used);
    if (at < 0) return null;
    used.fill(1, at, at + text.length);
    return { start: page.offsets[at] ?? 0, end: (page.offsets[at + text.length - 1] ?? 0) + 1 };
  });
}

/** The first place of whole words that no other piece has. */
function findUnused({ text: page, offsets }: Letters, text: string, used: Uint8Array): number {
  for (let at = page.indexOf(text); at >= 0; at = page.indexOf(text, at + 1)) {
    const end = at + text.length;
    const starts = at === 0 || (offsets[at] ?? 0) - (offsets[at - 1] ?? 0) > 1;
    const ends = end === page.length || (offsets[end] ?? 0) - (offsets[end - 1] ?? 0) > 1;
    if (starts && ends && used[at] === 0 && used[end - 1] === 0) return at;
  }
  return -1;
}

/** The places of the pieces in the Markdown and on the page, in the order of the Markdown. */
export function placeText(markdown: string, pieces: readonly PagePiece[]): PlacedText[] {
  return findPieces(markdown, pieces)
    .flatMap((found, index): PlacedText[] => {
      const piece = pieces[index];
      return found && piece ? [[found.start, found.end, ...makeBox(piece)]] : [];
    })
    .sort((a, b) => a[0] - b[0]);
}

function find(page: string, text: string, cursor: number, grams: () => Map<string, number>): number {
  const ahead = page.slice(cursor, cursor + maxAhead + text.length).indexOf(text);
  const near = ahead < 0 ? -1 : cursor + ahead;
  // A short piece far ahead is most likely another one.
  if (near >= 0 && (ahead <= text.length * 4 || text.length >= gramLength)) return near;
  const far = text.length < gramLength ? undefined : grams().get(text.slice(0, gramLength));
  if (far !== undefined && page.startsWith(text, far)) return far;
  return near;
}

/** Most pages are found in order, without it. */
function lazyGrams(text: string): () => Map<string, number> {
  let grams: Map<string, number> | undefined;
  return () => (grams ??= countGrams(text));
}

/** The place of each run of letters that occurs only once on the page. */
function countGrams(text: string): Map<string, number> {
  const grams = new Map<string, number>();
  for (let at = 0; at + gramLength <= text.length; at += 1) {
    const gram = text.slice(at, at + gramLength);
    grams.set(gram, grams.has(gram) ? -1 : at);
  }
  return grams;
}

const firstOther = 0x80;
/** The small letter or digit of each ASCII character; '' for all others. */
const plainLetters = Array.from({ length: firstOther }, (_unused, code) => {
  const letter = String.fromCharCode(code);
  return /[a-z0-9]/i.test(letter) ? letter.toLowerCase() : '';
});
const isLetter = /[\p{L}\p{N}]/u;

function readLetters(text: string): Letters {
  let letters = '';
  const offsets: number[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const start = at;
    if (code < firstOther) {
      at += 1;
      const letter = plainLetters[code];
      if (!letter) continue;
      letters += letter;
      offsets.push(start);
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? code);
    at += character.length;
    if (!isLetter.test(character)) continue;
    // ligatures and full-width letters count as the letters that they represent
    const plain = character.normalize('NFKC').toLowerCase();
    letters += plain;
    for (let unit = 0; unit < plain.length; unit += 1) offsets.push(start);
  }
  return { text: letters, offsets };
}

const makeBox = ({ x, y, width, height }: PagePiece): [number, number, number, number] => [
  rounded(x),
  rounded(y),
  rounded(width),
  rounded(height),
];

const rounded = (points: number): number => Math.round(points * 10) / 10;
