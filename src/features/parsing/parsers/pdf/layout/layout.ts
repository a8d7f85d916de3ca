import { LiteParse, type ParsedPage, type TextItem } from '@llamaindex/liteparse';
import { Problem } from '../../../../../common/errors.js';
import { joinTurnedLetters, type WordedPiece } from '../markdown/mends.js';
import { alignedTables } from '../tables/aligned-tables.js';
import type { CloserLook, LookedAt } from './closer-look.js';
import { drawnBullets, type DrawnBullet } from '../markdown/drawn-bullets.js';
import { gridTables } from '../tables/grid-tables.js';
import { isSymbolFont, symbolLetters } from '../../shared/symbol-fonts.js';
import { heightOf } from '../text/font-sizes.js';
import { splitAtGutters } from '../text/gutter.js';
import { insertTables } from '../tables/insert-tables.js';
import { layOut, layOutMended, type RegionalPage, regionsOf, withLevels } from './laying-out.js';
import { labelledLines, withoutRead } from '../tables/labelled-lines.js';
import { mergesRows } from '../tables/merged-rows.js';
import type { PageTable } from '../tables/page-table.js';
import { joinPartedHeads } from '../tables/parted-heads.js';
import { withoutProseTables } from '../tables/prose-tables.js';
import { horizontalRules, type Rule, stripeEdges } from '../tables/rules.js';
import { type SecondReading, SecondReader } from './second-reading.js';
import type { ShiftedRun } from '../file/shifted.js';
import { type StrikingRule, strikingRules } from './struck.js';
import { ruledTables } from '../tables/ruled-tables.js';
import { taggedTables } from '../tables/tagged-tables.js';
import type { Unseen } from './unseen.js';
import { readUpright, type Turn, turnOf } from '../text/upright.js';
import type { PdfSigns } from '../file/signs.js';
import { type PageTags, readTags, resolveOwner } from '../structure/tags.js';

export interface LayoutPage {
  number: number;
  markdown: string;
  /** Letters and digits of the page's text objects, before layout. */
  rawLetters: number;
  /** Its content is an image or outlines, as far as one can tell. */
  scanned: boolean;
  garbled: boolean;
  /** Letters of formulas are missing. */
  losesLetters: boolean;
  /** Width and height in points; null for a page that cannot be loaded. */
  size: [number, number] | null;
  /** The pieces, fields and lines stand as on the page turned upright. */
  turn?: Turn | undefined;
  pieces: WordedPiece[];
  figures: PageTags['figures'];
  fields: NonNullable<ParsedPage['formFields']>;
  annotations: NonNullable<ParsedPage['annotations']>;
  /** Lines that may strike text. */
  strikes: StrikingRule[];
  bullets: DrawnBullet[];
  /** Text that a reader does not see; the other properties lack it. */
  unseen: Unseen[];
  /** Superscripts and subscripts. */
  shifted: ShiftedRun[];
  /** Number of lines in the colour of their background. */
  whiteLines: number;
}

const options = {
  ocrEnabled: false,
  outputFormat: 'markdown',
  imageMode: 'off',
  quiet: true,
  numWorkers: 1,
  // its removal of running heads would also remove numbered headings and facts
  keepHeadersFooters: true,
  continueOnPageError: true,
  includeComplexity: true,
  extractFormFields: true,
  extractAnnotations: true,
  emitWordBoxes: true,
  extractVectorGraphics: true,
  extractStructureTree: true,
  maxPages: 1_000_000,
} as const;

/**
 * One batch is held at a time: 25 pages of a 619-page file take no longer than 100, with 162 MB instead of
 * 221.
 */
const batchPages = 25;

/**
 * Yields the pages of a PDF as Markdown, in order. Takes the bytes, since the reader uses a path's extension,
 * and stored files have none.
 * @throws Problem encrypted_document, too_large; any other error means that the reader cannot read this file
 */
export async function* layoutPages(
  bytes: Buffer,
  look: CloserLook,
  signs: PdfSigns,
): AsyncGenerator<{ page: LayoutPage; total: number }> {
  const reader = new LiteParse(options);
  const again = new SecondReader(bytes, signs);
  try {
    for await (const { result, startPage, endPage, totalPages } of reader.parseBatches(bytes, {
      batchSize: batchPages,
    })) {
      const looks: LookedAt[] = [];
      for (const page of result.pages) looks.push(await look.at(page));
      const turns = turnsOf(looks);
      const upright = await readUpright(bytes, options, turns);
      const pages = withFinerTables(
        reader,
        layOutMended(
          reader,
          looks.map(({ page }) => upright.get(page.pageNum) ?? page),
        ),
      );
      const readings = await again.read(pages);
      const places = new Map(pages.map(({ pageNum }, index) => [pageNum, index]));
      for (let number = startPage; number <= Math.min(endPage, totalPages); number += 1) {
        const place = places.get(number) ?? -1;
        const [page, looked] = [pages[place], looks[place]];
        const turn = upright.has(number) ? turns.get(number) : undefined;
        yield {
          page:
            page && looked
              ? layoutPage(reader, page, looked, readings.get(number), turn)
              : unreadPage(number),
          total: totalPages,
        };
      }
    }
  } catch (error) {
    if (/password/i.test(String(error)))
      throw new Problem(
        'encrypted_document',
        'The PDF asks for a password. Save a copy without one, and upload the copy.',
        { cause: error },
      );
    throw error;
  }
}

/** How pages are turned. A page that hides text is read as it is: the second reading would show the text. */
function turnsOf(looks: readonly LookedAt[]): Map<number, Turn> {
  return new Map(
    looks.flatMap(({ page, unseen }) => {
      const turn = unseen.length === 0 ? turnOf(page.textItems) : null;
      return turn ? [[page.pageNum, turn]] : [];
    }),
  );
}

/**
 * Lays pages out again without ruled lines and uses the result if it has clearly more cells. With lines, the
 * layout takes tables above one another for one table with whole paragraphs in its cells (table F1 on ICDAR
 * 2013: .761 to .771).
 */
function withFinerTables(reader: LiteParse, pages: RegionalPage[]): RegionalPage[] {
  const tabular = pages.filter((page) => !page.isMended && /^\|/m.test(page.markdown));
  if (tabular.length === 0) return pages;
  const byNumber = layOut(reader, tabular);
  return pages.map((page) => {
    const markdown = byNumber.get(page.pageNum);
    return markdown !== undefined && filledCells(markdown) > filledCells(page.markdown) * 1.5
      ? { ...page, markdown }
      : page;
  });
}

/** Lays pages with tables out once more without them, and puts the tables at their places. */
function withTables(reader: LiteParse, page: RegionalPage, tags: PageTags | null): string {
  const tagged = tags ? taggedTables(page.textItems, tags) : [];
  const found = [...tagged];
  for (const table of [...gridTables(page), ...ruledTables(page)])
    if (!found.some((other) => overlap(table, other))) found.push(table);
  const labelled = labelledLines(freeOf(page, found)).filter(
    (block) => !found.some((other) => overlap(block, other)),
  );
  const markdown = withAligned(reader, page, found);
  const unread = withoutRead(labelled, markdown);
  return unread.length === 0 ? markdown : withAligned(reader, page, [...found, ...unread]);
}

/** The text outside tables. */
function freeOf({ textItems }: RegionalPage, found: readonly PageTable[]): TextItem[] {
  if (found.length === 0) return textItems;
  return textItems.filter((item) => !found.some(({ items }) => items.has(item)));
}

/** With the tables that have no rules. */
function withAligned(reader: LiteParse, page: RegionalPage, found: PageTable[]): string {
  const rules = rowRules(page);
  const aligned = regionsOf(page, freeOf(page, found))
    .flatMap((region) => splitAtGutters(region))
    .flatMap((column) => alignedTables(column, rules))
    .filter((table) => !found.some((other) => overlap(table, other)));
  const simple = placedTables(reader, page, found);
  if (aligned.length === 0) return simple;
  const markdown = placedTables(reader, page, [...found, ...aligned]);
  const isFuller = filledCells(simple) > filledCells(markdown) * 1.15;
  return isFuller && !mergesRows(simple, aligned) ? simple : markdown;
}

function placedTables(reader: LiteParse, page: RegionalPage, tables: PageTable[]): string {
  if (tables.length === 0) return page.markdown;
  const rest = page.textItems.filter((item) => !tables.some(({ items }) => items.has(item)));
  const laidOut = layOut(reader, [{ ...page, textItems: rest }]).get(page.pageNum) ?? '';
  return insertTables(withLevels(laidOut, page.markdown), rest, joinPartedHeads(tables));
}

/** Rules, and the edges of stripes behind rows. */
function rowRules({ vectorGraphics }: ParsedPage): Rule[] {
  return vectorGraphics ? [...horizontalRules(vectorGraphics), ...stripeEdges(vectorGraphics)] : [];
}

function overlap(one: PageTable, other: PageTable): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

function countLetters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/** Cells with text; a row that holds a sentence is text that was taken for a row. */
function filledCells(markdown: string): number {
  let cells = 0;
  for (const row of markdown.match(/^\|.*\|$/gm) ?? []) {
    if (/^\|[\s:|-]+$/.test(row)) continue;
    const filled = row.split(/(?<!\\)\|/).filter((cell) => /[\p{L}\p{N}]/u.test(cell));
    if (filled.length > 2 || !filled.some((cell) => cell.trim().split(' ').length >= sentenceWords))
      cells += filled.length;
  }
  return cells;
}

const sentenceWords = 12;
const codeName = /mono|courier|consol|(?<!uni)code|typewriter|CMTT/i;
const boldName = /bold|black|heavy|demi|(?:CM|SF|EC|CMSS)BX|[-,]B(?:d|old)?\b|[-,]Medi\b/i;

function makePiece(item: TextItem, tags: PageTags | null): WordedPiece {
  const { text, x, y, width, height, words, fontName, fontWeight, rotation = 0 } = item;
  const bold = (fontWeight ?? 0) >= 600 || boldName.test(fontName ?? '');
  const turned = Math.abs(rotation) > 5;
  return {
    text: turned ? joinTurnedLetters(item) : text,
    x,
    y,
    width,
    height,
    size: heightOf(item),
    words,
    bold,
    code: codeName.test(fontName ?? ''),
    face: fontName ?? '',
    turned,
    tag: tags ? resolveOwner(item, tags) : undefined,
    mark: tags?.marks(words?.[0] ?? item),
  };
}

/** Letters of the private use area as the signs that their symbol font draws. */
function withSymbols(markdown: string, items: readonly TextItem[]): string {
  if (!/[\uf020-\uf0ff]/.test(markdown)) return markdown;
  const signs = new Map<string, string>();
  for (const { text, fontName = '' } of items)
    for (const letter of text.match(/[\uf020-\uf0ff]/g) ?? [])
      if (isSymbolFont(fontName)) signs.set(letter, symbolLetters(letter, fontName));
  return markdown.replace(/[\uf020-\uf0ff]/g, (letter) => signs.get(letter) ?? letter);
}

/** A page that cannot be loaded. */
const unreadPage = (number: number): LayoutPage => ({
  number,
  markdown: '',
  rawLetters: 1,
  scanned: true,
  garbled: false,
  losesLetters: false,
  size: null,
  pieces: [],
  figures: [],
  fields: [],
  annotations: [],
  strikes: [],
  bullets: [],
  unseen: [],
  shifted: [],
  whiteLines: 0,
});

function layoutPage(
  reader: LiteParse,
  page: ParsedPage,
  looked: LookedAt,
  reading: SecondReading | undefined,
  turn: Turn | undefined,
): LayoutPage {
  const complexity = page.complexity;
  const tags = reading?.marks ? readTags(page, reading.marks) : null;
  // A page without text comes as an empty code block.
  const markdown = withoutEmphasis(
    withoutProseTables(withSymbols(withTables(reader, page, tags), page.textItems))
      .replace(/^```\w*\n\s*```$/gm, '')
      // lines that are drawn between paragraphs and around boxes
      .replace(/^---$\n*/gm, '')
      .trim(),
  );
  return {
    number: page.pageNum,
    markdown,
    rawLetters: countLetters(page.text),
    scanned:
      complexity?.fullPageImage === true ||
      complexity?.hasSubstantialImages === true ||
      (complexity?.uncoveredVectorArea ?? 0) > 0,
    garbled: complexity?.isGarbled ?? false,
    size: [looked.page.width, looked.page.height],
    turn,
    pieces: page.textItems.map((item) => makePiece(item, tags)),
    figures: tags?.figures ?? [],
    fields: page.formFields ?? [],
    annotations: page.annotations ?? [],
    // the places of annotations are those of the page as it is
    strikes: strikingRules(turn ? { ...page, annotations: [] } : page),
    bullets: drawnBullets(page),
    unseen: looked.unseen,
    // their places are those of the page as it is
    shifted: turn ? [] : looked.shifted,
    losesLetters: looked.losesLetters,
    whiteLines: reading?.whiteLines ?? 0,
  };
}

/** Emphasis is guessed line by line: its marks would be at random places of sentences and in every quote. */
function withoutEmphasis(markdown: string): string {
  let code = false;
  return markdown
    .split('\n')
    .map((line) => {
      if (line.startsWith('```')) code = !code;
      return code ? line : line.replace(/(?<!\\)(\*{1,3})(?=\S)([^*\n|]*[^\s*\\|])\1/g, '$2');
    })
    .join('\n');
}
