import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import type { WarningCode } from '../../../../common/warnings.js';
import type { ParsedDocument, ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { Parser, ParserSource } from '../../parser.js';
import { Omissions } from '../shared/omissions.js';
import { placeText } from '../shared/placed-text.js';
import { refuseBombs } from './file/bombs.js';
import { CloserLook } from './layout/closer-look.js';
import { withContinuedHeads } from './tables/continued-tables.js';
import { withoutFurniture } from './headings/furniture.js';
import { layoutPages, type LayoutPage } from './layout/layout.js';
import { TextStyles } from './headings/headings.js';
import { divideWords, mendPage } from './layout/mended.js';
import { withOutlineHeadings } from './headings/outline-headings.js';
import { readSigns } from './file/signs.js';
import { unseenLines } from './layout/unseen.js';
import { whiteTextWarning } from './file/white-text.js';
import { withStyleHeadings } from './headings/style-headings.js';
import { withoutFalseHeads } from './tables/table-heads.js';
import { withoutTypewriterFences } from './text/typewriter.js';
import { rightToLeft, withHeadings } from './text/right-to-left.js';
import { withRightToLeftTables } from './tables/right-to-left-tables.js';
import { LazyPlainText } from './file/plain-text.js';

const maxPages = 20_000;
/** A page with fewer letters is looked at a second time. */
const nearlyEmpty = 16;

type Page = Pick<LayoutPage, 'markdown' | 'scanned' | 'garbled' | 'losesLetters' | 'size' | 'pieces'>;

/**
 * PDF: Markdown by layout; plain text for pages that the layout reads badly (right-to-left, nearly empty,
 * lossy or garbled) and for files that it cannot read.
 * @throws Problem encrypted_document, corrupt_document, too_large, needs_ocr, no_text_content
 */
export const parse: Parser = async ({ path, progress, includeHidden = false }) => {
  const bytes = await readFile(path);
  await refuseBombs(bytes);
  const plain = new LazyPlainText(bytes);
  try {
    return await readDocument(bytes, plain, progress, new Omissions(includeHidden));
  } finally {
    await plain.close();
  }
};

async function readDocument(
  bytes: Buffer,
  plain: LazyPlainText,
  progress: ParserSource['progress'],
  omissions: Omissions,
): Promise<ParsedDocument> {
  const signs = readSigns(bytes);
  const pages: Page[] = [];
  const styles = new TextStyles();
  const whiteLines: number[] = [];
  try {
    for await (const { page, total } of layoutPages(bytes, new CloserLook(plain, signs), signs)) {
      if (total > maxPages) throw tooManyPages(total);
      const read = await better(mendPage(page, styles), plain);
      const hidden = unseenLines(page.unseen, page.number, omissions);
      pages.push({ ...read, markdown: [read.markdown, ...hidden].filter(Boolean).join('\n\n') });
      whiteLines.push(page.whiteLines);
      progress(pages.length, total);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    return assemble(await readPlainPages(bytes, plain, progress), [
      { code: 'layout_unreadable', detail: 'The layout cannot be read; the pages were read as plain text.' },
    ]);
  }
  const outline =
    signs.outline && !styles.hasTaggedHeadings ? ((await (await plain.get())?.outline()) ?? []) : [];
  const fenceless = withoutTypewriterFences(pages);
  const headed = withOutlineHeadings(
    styles.hasTaggedHeadings ? fenceless : withStyleHeadings(fenceless),
    outline,
  );
  return assemble(divideWords(headed), [...omissions.warnings(), ...whiteTextWarning(whiteLines)]);
}

async function readPlainPages(
  bytes: Buffer,
  plain: LazyPlainText,
  progress: ParserSource['progress'],
): Promise<Page[]> {
  const text = await plain.get();
  if (!text) {
    const headed = bytes.subarray(0, 1024).includes('%PDF-');
    throw new Problem(
      'corrupt_document',
      headed ? 'The PDF is damaged or cut off.' : 'The file is not a PDF.',
    );
  }
  if (text.pages > maxPages) throw tooManyPages(text.pages);
  const pages: Page[] = [];
  let unreadable = 0;
  for (let number = 1; number <= text.pages; number += 1) {
    const markdown = await text.page(number);
    unreadable += markdown === null ? 1 : 0;
    pages.push({
      markdown: markdown ?? '',
      scanned: true,
      garbled: false,
      losesLetters: false,
      size: null,
      pieces: [],
    });
    progress(number, text.pages);
  }
  if (unreadable === text.pages) throw new Problem('corrupt_document', 'No page of the PDF can be read.');
  return pages;
}

/** Takes the plain text of a page in place of its layout where that holds more, or is in the right order. */
async function better(page: LayoutPage, plain: LazyPlainText): Promise<Page> {
  const { markdown, scanned, garbled, losesLetters, size, pieces } = page;
  const layout: Page = { markdown, scanned, garbled, losesLetters, size, pieces };
  const letters = countLetters(page.markdown);
  const backwards = isRightToLeft(page.markdown);
  const lossy = letters < page.rawLetters * 0.75;
  // the plain text has what the page hides
  const isShort = (lossy || letters < nearlyEmpty) && page.unseen.length === 0;
  if (!backwards && !isShort && !page.garbled && letters > 0) return layout;
  const text = await plain.get();
  const other = (await text?.page(page.number)) ?? '';
  const otherLetters = countLetters(other);
  if (backwards)
    return otherLetters >= letters * 0.5
      ? { ...layout, markdown: readRightToLeft(other, page.markdown) }
      : layout;
  if (page.garbled)
    return looksBroken(page.markdown) && !looksBroken(other) && otherLetters > letters * 0.5
      ? { ...layout, markdown: other, garbled: false }
      : layout;
  if (isShort && letters < otherLetters * 0.75 && lacksWords(page.markdown, other))
    return { ...layout, markdown: other };
  return { ...layout, scanned: page.scanned || (letters === 0 && (await plain.drawn(page.number))) };
}

/** The plain text of a page with the tables and the headings of its layout. */
function readRightToLeft(plain: string, layout: string): string {
  return withRightToLeftTables(withHeadings(rightToLeft(plain), layout), layout);
}

function assemble(pages: Page[], notes: ParseWarning[]): ParsedDocument {
  if (pages.length === 0) throw new Problem('corrupt_document', 'The PDF has no page.');
  refuseWithoutText(pages);
  const texts = withContinuedHeads(
    withoutFurniture(
      pages.map(({ markdown }) => markdown),
      pages.map(({ pieces }) => pieces),
    ),
  ).map(withoutFalseHeads);
  const unread = pages.flatMap((page, index) =>
    page.scanned && countLetters(page.markdown) < nearlyEmpty ? [index + 1] : [],
  );
  const garbled = pages.flatMap((page, index) =>
    page.garbled && looksBroken(page.markdown) ? [index + 1] : [],
  );
  const warnings = [
    ...notes,
    ...pagesWarning('pages_need_ocr', 'Pages without a text layer were not read', unread),
    ...pagesWarning(
      'letters_lost',
      'Letters of formulas could not be read',
      pages.flatMap(({ losesLetters }, index) => (losesLetters ? [index + 1] : [])),
    ),
    ...pagesWarning('pages_garbled', 'The letters of some pages could not be read', garbled),
  ];
  return {
    title: titleOf(texts[0] ?? ''),
    language: null,
    pages: pages.length,
    parts: texts.map((markdown, index) => makePart(markdown, index + 1, pages[index])),
    warnings,
  };
}

/** The heading that begins the first page, or its first heading of the highest level. */
function titleOf(text: string): string | null {
  const title = /^\s*#{1,3}[ \t]+([^\n]{1,200})/.exec(text) ?? /^#[ \t]+(.{1,200})$/m.exec(text);
  return title?.[1]?.trim() ?? null;
}

function pagesWarning(code: WarningCode, what: string, pages: number[]): ParseWarning[] {
  return pages.length > 0 ? [{ code, detail: `${what}: ${ranges(pages)}.`, pages }] : [];
}

function makePart(markdown: string, number: number, page: Page | undefined): ParsedPart {
  return {
    kind: 'page',
    page: number,
    label: null,
    markdown,
    ...(page?.size && { size: page.size, places: placeText(markdown, page.pieces) }),
  };
}

function refuseWithoutText(pages: Page[]): void {
  const letters = pages.reduce((sum, page) => sum + countLetters(page.markdown), 0);
  const scanned = pages.filter((page) => page.scanned).length;
  if (letters === 0 && scanned === 0) throw new Problem('no_text_content');
  // a stamp or a page number on each scan does not count as a text layer
  if (letters === 0 || (letters < pages.length * nearlyEmpty && scanned * 2 > pages.length))
    throw new Problem('needs_ocr');
}

function tooManyPages(total: number): Problem {
  return new Problem('too_large', `The PDF has ${total} pages; ${maxPages} is the limit.`);
}

/** `[1, 2, 3, 7]` as `1-3, 7`. */
export function ranges(numbers: number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

function countLetters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Letters may be fewer because a shadow or a repeated head was left out; then no word is missing. */
function lacksWords(markdown: string, text: string): boolean {
  const known = new Set(markdown.match(/[\p{L}\p{N}]+/gu));
  const words = new Set(text.match(/[\p{L}\p{N}]+/gu));
  const missing = [...words].filter((word) => !known.has(word)).length;
  return missing > words.size * 0.1;
}

function isRightToLeft(text: string): boolean {
  const backwards =
    text.match(/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/gu)?.length ?? 0;
  return backwards > 0 && backwards > countLetters(text) * 0.3;
}

function looksBroken(text: string): boolean {
  const broken = text.match(/[\ufffd\ue000-\uf8ff\u0080-\u009f]/gu)?.length ?? 0;
  return broken > 0 && broken > countLetters(text) * 0.05;
}
