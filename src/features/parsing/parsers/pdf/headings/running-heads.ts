import type { PagePiece } from '../../shared/placed-text.js';

/** The text at the edge of a page beside the page's number. */
interface RunningHead {
  number: number;
  text: string;
  /** True if the number stands apart from the text. */
  apart: boolean;
}

/** Heights of a line between a number and a text that stand apart. */
const minGap = 1.2;
/** Pages that must count on from one another, and their share of all pages. */
const minPages = 3;
const minShare = 0.4;
/** Different texts that show heads of chapters: `Exhibit 3` beside no other text is content. */
const minTexts = 2;

/**
 * Finds running heads that stand beside the number of their page. Their numbers count on from page to page,
 * and other pages repeat their texts.
 * @returns for each page the lines at its edges that are running heads, by their letters, with the letters of
 * the text alone
 */
export function findRunningHeads(pages: readonly (readonly PagePiece[])[]): Map<string, string>[] {
  const heads = pages.map((pieces) => [...edgeLine(pieces, 'top'), ...edgeLine(pieces, 'bottom')]);
  const offset = commonOffset(heads);
  if (offset === null) return pages.map(() => new Map());
  const numbered = heads.map((own, page) => own.filter(({ number }) => number - page === offset));
  const repeated = repeatedTexts(numbered);
  return numbered.map(
    (own) =>
      new Map(
        own
          .filter(({ text, apart }) => repeated.has(text) && (apart || repeated.size >= minTexts))
          .flatMap(({ number, text }): [string, string][] => [
            [`${number}${text}`, text],
            [`${text}${number}`, text],
          ]),
      ),
  );
}

function repeatedTexts(heads: readonly RunningHead[][]): Set<string> {
  const times = new Map<string, number>();
  for (const own of heads)
    for (const text of new Set(own.map((head) => head.text))) times.set(text, (times.get(text) ?? 0) + 1);
  return new Set([...times].filter(([, count]) => count > 1).map(([text]) => text));
}

/** The letters and digits that a line is compared by. */
export function lettersOf(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join('');
}

function edgeLine(pieces: readonly PagePiece[], side: 'top' | 'bottom'): RunningHead[] {
  const visible = pieces.filter(({ text, height }) => text.trim() !== '' && height > 0);
  const middles = visible.map(({ y, height }) => y + height / 2);
  const edge = side === 'top' ? Math.min(...middles) : Math.max(...middles);
  const line = visible
    .filter(({ y, height }) => Math.abs(y + height / 2 - edge) < height / 2)
    .toSorted((a, b) => a.x - b.x);
  return [...readHead(line, 'first'), ...readHead(line, 'last')];
}

function readHead(line: readonly PagePiece[], place: 'first' | 'last'): RunningHead[] {
  const [own, beside] = place === 'first' ? [line[0], line[1]] : [line.at(-1), line.at(-2)];
  const text = line.map((piece) => piece.text.trim()).join(' ');
  const [number] = (place === 'first' ? /^\d{1,5}(?!\d)/ : /(?<!\d)\d{1,5}$/).exec(text) ?? [];
  if (!own || number === undefined) return [];
  const rest = lettersOf(place === 'first' ? text.slice(number.length) : text.slice(0, -number.length));
  const gap = beside ? Math.max(beside.x - own.x - own.width, own.x - beside.x - beside.width) : 0;
  const apart = own.text.trim() === number && gap >= own.height * minGap;
  return rest === '' ? [] : [{ number: Number(number), text: rest, apart }];
}

/** The difference between printed and counted page numbers that most pages agree on. */
function commonOffset(heads: readonly RunningHead[][]): number | null {
  const counts = new Map<number, number>();
  for (const [page, own] of heads.entries())
    for (const offset of new Set(own.map(({ number }) => number - page)))
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
  let [best, most]: [number | null, number] = [null, 0];
  for (const [offset, count] of counts) if (count > most) [best, most] = [offset, count];
  return most >= Math.max(minPages, heads.length * minShare) ? best : null;
}
