import type { ParsedPage, TextItem } from '@llamaindex/liteparse';
import type { Omissions } from '../../shared/omissions.js';
import type { FoundPiece, PagePiece } from '../../shared/placed-text.js';
import { marked, resolveMarks } from '../../shared/text-marks.js';
import type { HiddenText } from '../file/hidden-text.js';
import { joinWords } from '../text/lines.js';
import { type Edit, PageText, withEdits } from '../markdown/mends.js';
import type { LazyPlainText } from '../file/plain-text.js';
import type { PdfSigns } from '../file/signs.js';

/** Text and filled fields of a page that its reader does not see. */
export type Unseen = Omit<HiddenText, 'kind'> & { kind: HiddenText['kind'] | 'field' };

type Field = NonNullable<ParsedPage['formFields']>[number];

/** Flags of annotations: not shown at all, and printed only. */
const hiddenFlags = 2 | 32;
/** Points that a word may stand beside the place of the hidden text. */
const slack = 1;
const maxSigns = 6;
const maxLink = 2_000;
const maxStrips = 100;
const maxInStrip = 500;

/** Looks for text that pages hide, as far as the signs in the bytes of the file give reason to. */
export class UnseenText {
  private layersOff: Promise<ReadonlySet<string>> | null = null;

  constructor(
    private readonly plain: LazyPlainText,
    private readonly signs: PdfSigns,
  ) {}

  async find(page: ParsedPage): Promise<Unseen[]> {
    const texts = await this.findTexts(page);
    const fields = await this.findFields(page);
    return [...texts, ...fields];
  }

  private async findTexts({ pageNum, complexity, textItems }: ParsedPage): Promise<Unseen[]> {
    const off = this.signs.layers ? await (this.layersOff ??= this.findLayersOff()) : new Set<string>();
    const isScan = complexity?.fullPageImage === true;
    if (off.size === 0 && !this.signs.cropped && (!this.signs.invisible || isScan)) return [];
    const found = (await (await this.plain.get())?.hidden(pageNum, off)) ?? [];
    // the reader leaves text outside the page out; where it does not, the boxes of the page are invalid
    return found.filter((text) => text.kind !== 'outside' || !textItems.some((item) => holds(text, item)));
  }

  private async findLayersOff(): Promise<ReadonlySet<string>> {
    return (await this.plain.get())?.layersOff() ?? new Set();
  }

  private async findFields({ pageNum, formFields = [] }: ParsedPage): Promise<Unseen[]> {
    if (formFields.length === 0) return [];
    const indexes = formFields.map(({ annotationIndex }) => annotationIndex);
    const flags = (await (await this.plain.get())?.annotationFlags(pageNum, indexes)) ?? [];
    return formFields.flatMap((field, at) =>
      ((flags[at] ?? 0) & hiddenFlags) === 0 ? [] : [unseenField(field)],
    );
  }
}

function unseenField({ name, alternateName, value, rect }: Field): Unseen {
  const label = (alternateName ?? '').trim() || (name ?? '').trim();
  const text = (value ?? '').trim();
  return {
    kind: 'field',
    text: label === '' || text === '' ? text : `${label}: ${text}`,
    ...(rect ?? { x: -1, y: -1, width: 0, height: 0 }),
  };
}

/** The page without the text and the fields that its reader does not see. */
export function withoutUnseen(page: ParsedPage, unseen: Unseen[]): ParsedPage {
  if (unseen.length === 0) return page;
  const isSeen = seenWords(unseen);
  const fields = new Set(unseen.flatMap((one) => (one.kind === 'field' ? [`${one.x} ${one.y}`] : [])));
  const formFields = (page.formFields ?? []).filter(
    ({ rect }) => !rect || !fields.has(`${rect.x} ${rect.y}`),
  );
  const seen = page.textItems.map((item) => withSeenWords(item, isSeen));
  if (seen.every((item, index) => item === page.textItems[index])) return { ...page, formFields };
  const { found } = new PageText(page.markdown, page.textItems);
  const edits = page.textItems.flatMap((item, index): Edit[] => {
    const [place, rest] = [found[index], seen[index]];
    if (!place || rest === item) return [];
    return [rest ? { ...place, text: rest.text } : { ...withSigns(page.markdown, place), text: '' }];
  });
  const textItems = seen.filter((item) => item !== null);
  return {
    ...page,
    formFields,
    textItems,
    text: textItems.map(({ text }) => text).join('\n'),
    markdown: withEdits(page.markdown, edits).replace(emptyLine, ''),
  };
}

/** The place of a piece with the signs around its letters, by which pieces are not found. */
function withSigns(markdown: string, { start, end }: FoundPiece): FoundPiece {
  const before = /[^\s|#\p{L}\p{N}]*$/u.exec(markdown.slice(Math.max(0, start - maxSigns), start))?.[0] ?? '';
  const link = before.endsWith('[')
    ? /^[^\s\]]{0,6}\]\([^()\s]*\)/.exec(markdown.slice(end, end + maxLink))
    : null;
  const after = link?.[0] ?? /^[^\s|\p{L}\p{N}]*/u.exec(markdown.slice(end, end + maxSigns))?.[0] ?? '';
  return { start: start - before.length, end: end + after.length };
}

/** A line of which nothing is left but the marks of a heading, a list or a row. */
const emptyLine = /^(?:#{1,6}|[-*>]|\|[ |]*\|)?[ \t]*(?:\n|$)(?!\|[-: |]+\|)/gm;

/** Null where nothing of the item is seen. */
function withSeenWords(item: TextItem, isSeen: (word: PagePiece) => boolean): TextItem | null {
  const { words = [] } = item;
  if (words.length === 0) return isSeen(item) ? item : null;
  const seen = words.filter(isSeen);
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return null;
  if (seen.length === words.length) return item;
  return { ...item, text: joinWords(seen), x: first.x, width: last.x + last.width - first.x, words: seen };
}

/** Tells of each word if it is none of the unseen ones; they are looked up by strips of the page. */
function seenWords(unseen: Unseen[]): (word: PagePiece) => boolean {
  const strips = new Map<number, Unseen[]>();
  for (const one of unseen) {
    const [from, to] = [stripAt(one.y - slack), stripAt(one.y + one.height + slack)];
    for (let strip = from; strip <= Math.min(to, from + maxStrips); strip += 1) {
      const others = strips.get(strip);
      if (others && others.length < maxInStrip) others.push(one);
      else if (!others) strips.set(strip, [one]);
    }
  }
  return (word) => !strips.get(stripAt(word.y + word.height / 2))?.some((hidden) => holds(hidden, word));
}

const stripAt = (y: number): number => Math.floor(y / 12);

/** Tells if a word is a part of the hidden text, by its place and its letters: other text may lie under it. */
function holds(hidden: Unseen, { text, x, y, width, height }: PagePiece): boolean {
  const [across, down] = [x + width / 2, y + height / 2];
  return (
    across >= hidden.x - slack &&
    across <= hidden.x + hidden.width + slack &&
    down >= hidden.y - slack &&
    down <= hidden.y + hidden.height + slack &&
    hidden.text.includes(text.trim())
  );
}

/** Counts the unseen text of a page, and gives it as marked lines if it is kept. */
export function unseenLines(unseen: Unseen[], page: number, omissions: Omissions): string[] {
  const lines = unseen.filter(({ text }) => text !== '');
  for (const { kind } of lines) omissions.add(kind, { page });
  return omissions.keep
    ? lines.map(({ text }) => resolveMarks(marked('hidden', text.replace(/\s+/g, ' '))))
    : [];
}
