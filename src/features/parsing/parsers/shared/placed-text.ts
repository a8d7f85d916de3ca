import type { PlacedText } from '../../parsed-document.js';

/** Text as it stands on a page; points, origin top left. */
export interface PagePiece {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Letters that a piece is searched for ahead of the last one found: further away it must be long and stand there alone. */
const maxAhead = 300;
const gramLength = 8;

/** The letters and digits of a text, and where each of them stands. */
interface Letters {
  text: string;
  offsets: number[];
}

/**
 * Finds the pieces of a page again in its Markdown by their letters and digits, since the Markdown adds marks, joins lines and drops
 * hyphens. Pieces that are not found are left out. Takes linear time.
 * @param pieces roughly in reading order
 */
export function placeText(markdown: string, pieces: Iterable<PagePiece>): PlacedText[] {
  const page = lettersOf(markdown);
  const grams = gramsOf(page.text);
  const places: PlacedText[] = [];
  let cursor = 0;
  for (const piece of pieces) {
    const { text } = lettersOf(piece.text);
    if (text === '') continue;
    const at = find(page.text, text, cursor, grams);
    if (at < 0) continue;
    cursor = at + text.length;
    const [start, end] = [page.offsets[at] ?? 0, (page.offsets[cursor - 1] ?? 0) + 1];
    places.push([start, end, ...boxOf(piece)]);
  }
  return places.sort((a, b) => a[0] - b[0]);
}

function find(page: string, text: string, cursor: number, grams: Map<string, number>): number {
  const ahead = page.slice(cursor, cursor + maxAhead + text.length).indexOf(text);
  const near = ahead < 0 ? -1 : cursor + ahead;
  // A short piece far ahead is most likely another one.
  if (near >= 0 && (ahead <= text.length * 4 || text.length >= gramLength)) return near;
  const far = text.length < gramLength ? undefined : grams.get(text.slice(0, gramLength));
  if (far !== undefined && page.startsWith(text, far)) return far;
  return near;
}

/** Where each run of letters stands that the page has only once. */
function gramsOf(text: string): Map<string, number> {
  const grams = new Map<string, number>();
  for (let at = 0; at + gramLength <= text.length; at += 1) {
    const gram = text.slice(at, at + gramLength);
    grams.set(gram, grams.has(gram) ? -1 : at);
  }
  return grams;
}

function lettersOf(text: string): Letters {
  const letters: string[] = [];
  const offsets: number[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}]/gu)) {
    // Ligatures and full-width letters count as the letters that they stand for.
    for (const letter of match[0].normalize('NFKC').toLowerCase()) {
      letters.push(letter);
      for (let unit = 0; unit < letter.length; unit += 1) offsets.push(match.index);
    }
  }
  return { text: letters.join(''), offsets };
}

const boxOf = ({ x, y, width, height }: PagePiece): [number, number, number, number] => [
  rounded(x),
  rounded(y),
  rounded(width),
  rounded(height),
];

const rounded = (points: number): number => Math.round(points * 10) / 10;
