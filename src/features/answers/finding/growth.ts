import type { Block, Span } from './blocks.js';
import type { SourceText, Unit } from './units.js';
import type { Wants } from './wants.js';

/** Characters up to which a list, a block of code or a pair of sentences is given as a whole. */
const maxWhole = 1200;
/** The same for a list where several things are asked for. */
const maxAskedList = 2000;
const maxItem = 400;
const maxLeadIn = 220;
const maxSentences = 320;
/** Characters up to which a list is given as a whole, whatever is asked for. */
const maxShortList = 320;
/**
 * Characters up to which a paragraph that compares two things,
 * or a record of keys and values, is given as a whole.
 */
const maxCompared = 500;
const maxRecord = 400;
/** Characters up to which a section is given as a whole whose heading asks the same question. */
const maxSection = 650;
/** The same whatever its heading says: what is asked for often stands in the paragraph beside it. */
const maxShortSection = 450;

// a sentence with such a beginning continues the previous one
const pointsBack =
  /^\s*(?:this|that|these|those|it|they|he|she|such|however|therefore|otherwise|then|also|but|and|so|if so|dies\w*|das|es|sie|er|diese\w*|dabei|dazu|damit|jedoch|sonst|danach|il|elle|ils|elles|cela|ce|cette|ces|esto|eso|ello|estos?|estas?)\b/iu;
const linkTarget = /\]\(([^()\s]{1,500})\)/gu;
/** Longer spans are not searched for links: they are too long without them, too. */
const maxLinked = 20_000;
export const leadsIn = /[:：]\s*(?:\*\*)?\s*$/u;
const endsSentence = /[.!?…。！？؟۔।]["'”’»)\]*_]*(?:\[\^[^\]\s]{1,20}\])*\s*$/u;
// a paragraph with such a beginning ends the sentence that was interrupted by a list
const startsOpen = /^\s*\p{Ll}/u;

export interface Surroundings {
  /** True when the unit is under a heading that asks the same question. */
  sameHeading: boolean;
  /**
   * For a line `key: value`: true when the key is the requested thing, so that the line is the whole answer.
   */
  keyAsked: boolean;
  /** True when a short section may be given as a whole. */
  sectionWhole: boolean;
  /** Tells of a sentence that it is about another thing than the question. */
  isOfAnother?: (text: string) => boolean;
}

/** Characters of a span without the addresses of its links, which nobody reads. */
function measureLength({ content }: SourceText, { start, end }: Span): number {
  let length = end - start;
  if (length > maxLinked) return length;
  for (const [, address = ''] of content.slice(start, end).matchAll(linkTarget)) length -= address.length;
  return length;
}

/** Units of one block, in order. */
const listUnits = (text: SourceText, block: number): Unit[] =>
  text.units.filter((unit) => unit.block === block);

/** True when a sentence ends with a colon, or has no end and a list completes it. */
const introduces = ({ text }: Unit, next: Block | undefined): boolean =>
  leadsIn.test(text) || (next?.kind === 'list' && !endsSentence.test(text));

/** The last sentence in front of a block, if it introduces the block. */
function findLeadIn(text: SourceText, at: number): Unit | null {
  const before = text.blocks[at - 1];
  if (before?.kind !== 'paragraph') return null;
  const last = listUnits(text, at - 1).at(-1);
  return last && measureLength(text, last) <= maxLeadIn && introduces(last, text.blocks[at]) ? last : null;
}

/** A block with the sentence that leads in to it, as one span. */
function wholeBlock(text: SourceText, at: number, most = maxWhole): Span | null {
  const block = text.blocks[at];
  if (!block) return null;
  const start = findLeadIn(text, at)?.start ?? block.start;
  return measureLength(text, { start, end: block.end }) <= most ? { start, end: block.end } : null;
}

/** Items that an outline needs at least: of two long ones the better says more. */
const minItems = 3;

/** A list that is too long to be given as a whole: the first sentence of each item of its outer level. */
function outlineOf(text: SourceText, at: number, block: Block): Span[] | null {
  const outer = block.items.filter(({ indent }) => indent === block.items[0]?.indent);
  const firsts = outer.flatMap(
    (item) => text.units.find((unit) => unit.block === at && unit.item === item) ?? [],
  );
  const lead = findLeadIn(text, at);
  const spans = firsts.map((unit, place) => ({ start: outer[place]?.start ?? unit.start, end: unit.end }));
  const all = lead ? [{ start: lead.start, end: lead.end }, ...spans] : spans;
  const length = all.reduce((sum, span) => sum + measureLength(text, span), 0);
  return firsts.length >= minItems && firsts.length === outer.length && length <= maxAskedList ? all : null;
}

function growItem(text: SourceText, unit: Unit, block: Block, wants: Wants): Span[] {
  const whole = wholeBlock(text, unit.block, wants.list ? maxAskedList : maxWhole);
  const isFirst = block.items[0] === unit.item;
  if (whole && (wants.list || (wants.steps && block.ordered) || measureLength(text, whole) <= maxShortList))
    return [whole];
  const outline = wants.list || (wants.steps && block.ordered) ? outlineOf(text, unit.block, block) : null;
  if (outline) return outline;
  const { item } = unit;
  if (!item) return [unit];
  const below = block.items.filter(({ start, indent }) => start > item.start && indent > item.indent);
  const next = block.items.find(({ start, indent }) => start > item.start && indent <= item.indent);
  const nested = below.filter(({ start }) => start < (next?.start ?? Infinity)).at(-1);
  const own: Span = { start: item.start, end: nested?.end ?? item.end };
  const part = measureLength(text, own) <= maxItem ? own : growSentence(text, unit, wants);
  const lead = findLeadIn(text, unit.block);
  if (!lead || measureLength(text, lead) + measureLength(text, part) > maxItem) return [part];
  return isFirst ? [{ start: lead.start, end: part.end }] : [lead, part];
}

/**
 * A sentence with its neighbours in the paragraph: the one that it points back to, then those behind it and
 * those before it, as far as there is room. What is asked for often stands beside the sentence with the
 * words of the question.
 */
function growSentence(
  text: SourceText,
  unit: Unit,
  { twoParts, comparison }: Wants,
  isOfAnother: Surroundings['isOfAnother'] = () => false,
): Span {
  const siblings = listUnits(text, unit.block).filter(({ item }) => item === unit.item);
  let first = siblings.indexOf(unit);
  let last = first;
  const take = (at: number): boolean => {
    const [start, end] = [siblings[Math.min(first, at)]?.start, siblings[Math.max(last, at)]?.end];
    const sibling = siblings[at];
    if (!sibling || start === undefined || end === undefined || isOfAnother(sibling.text)) return false;
    if (measureLength(text, { start, end }) > maxSentences) return false;
    first = Math.min(first, at);
    last = Math.max(last, at);
    return true;
  };
  if (pointsBack.test(unit.text)) take(first - 1);
  // of two answers each is one sentence
  const isOneOfTwo = twoParts && !comparison;
  for (let grew = !isOneOfTwo; grew;) grew = take(last + 1) || take(first - 1);
  return { start: siblings[first]?.start ?? unit.start, end: siblings[last]?.end ?? unit.end };
}

/** A sentence with the headings behind it: headings without any text between them are what it leads in to. */
function growOutline(text: SourceText, { text: sentence, block, start, end }: Unit): Span[] | null {
  if (!leadsIn.test(sentence)) return null;
  let last = block;
  while (text.blocks[last + 1]?.kind === 'heading') last++;
  const [from, to] = [text.blocks[block + 1]?.start, text.blocks[last]?.end];
  // two quotes: the sentence has a place in the document that can be shown
  if (last - block < 2 || from === undefined || to === undefined) return null;
  return [
    { start, end },
    { start: from, end: to },
  ];
}

/**
 * The block behind a sentence that leads in to it, with that sentence. Where several things are asked for, the
 * sentence in front of a list leads in to it without a colon too.
 */
function growLeadIn(text: SourceText, unit: Unit, wants: Wants): Span[] | null {
  const next = text.blocks[unit.block + 1];
  if (!next || next.kind === 'heading' || listUnits(text, unit.block).at(-1) !== unit) return null;
  const leads = introduces(unit, next) || (wants.list && next.kind === 'list');
  const span = { start: unit.start, end: next.end };
  const most = leads ? maxWhole : next.kind === 'list' ? maxSentences : 0;
  if (measureLength(text, span) <= most) return [span];
  return leads && next.kind === 'list' ? outlineOf(text, unit.block + 1, next) : null;
}

/** The end of a sentence that a list interrupts, with its beginning and the list. */
function growTail(text: SourceText, { block: at, start, end }: Unit): Span | null {
  const block = text.blocks[at];
  const list = text.blocks[at - 1];
  if (block?.start !== start || list?.kind !== 'list') return null;
  if (!startsOpen.test(text.content.slice(start, end))) return null;
  const span = { start: findLeadIn(text, at - 1)?.start ?? list.start, end };
  return measureLength(text, span) <= maxWhole ? span : null;
}

/** The places of the first and the last block under the heading of a block. */
function findSection(text: SourceText, at: number): { first: number; last: number } {
  const isHeading = (block: Block | undefined) => !block || block.kind === 'heading';
  let first = at;
  let last = at;
  while (!isHeading(text.blocks[first - 1])) first -= 1;
  while (!isHeading(text.blocks[last + 1])) last += 1;
  return { first, last };
}

/** All blocks under the heading of a block, up to a number of characters. */
function growSection(text: SourceText, at: number, most = maxSection): Span | null {
  const { first, last } = findSection(text, at);
  const span = { start: text.blocks[first]?.start ?? 0, end: text.blocks[last]?.end ?? 0 };
  return measureLength(text, span) <= most ? span : null;
}

/**
 * What to do, from a section that is too long as a whole and whose heading asks the question: its numbered
 * list, otherwise its beginning.
 */
function growInstructions(text: SourceText, at: number): Span[] | null {
  const { first, last } = findSection(text, at);
  for (let place = first; place <= last; place++) {
    const block = text.blocks[place];
    if (block?.kind !== 'list' || !block.ordered) continue;
    const whole = wholeBlock(text, place, maxAskedList);
    return whole ? [whole] : outlineOf(text, place, block);
  }
  const start = text.blocks[first]?.start ?? 0;
  const ends = text.blocks.slice(first, last + 1).map(({ end }) => end);
  const end = ends.findLast((end) => measureLength(text, { start, end }) <= maxSection);
  return end === undefined ? null : [{ start, end }];
}

function growParagraph(
  text: SourceText,
  unit: Unit,
  wants: Wants,
  { sameHeading, keyAsked, sectionWhole, isOfAnother }: Surroundings,
): Span[] {
  const ledInTo = growLeadIn(text, unit, wants);
  if (ledInTo) return ledInTo;
  const isWhole = sectionWhole && unit.keys === undefined;
  const section = isWhole ? growSection(text, unit.block, maxShortSection) : null;
  if (section) return [section];
  const ended = growTail(text, unit);
  if (ended) return [ended];
  const block = text.blocks[unit.block];
  const most =
    unit.keys === undefined || keyAsked ? (wants.comparison || sameHeading ? maxCompared : 0) : maxRecord;
  if (block && measureLength(text, block) <= most) return [{ start: block.start, end: block.end }];
  return unit.keys === undefined ? [growSentence(text, unit, wants, isOfAnother)] : [unit];
}

/**
 * Grows a unit to the size that a person would mark: the whole list when several things are asked for, the
 * steps in order, the block of code with its introduction, one to three sentences. A row stays a row.
 * @returns spans of the content, in order
 */
export function grow(text: SourceText, unit: Unit, wants: Wants, surroundings: Surroundings): Span[] {
  const block = text.blocks[unit.block];
  if (!block || unit.kind === 'row') return [{ start: unit.start, end: unit.end }];
  const outline = growOutline(text, unit);
  if (outline) return outline;
  const section = surroundings.sameHeading && !wants.code ? growSection(text, unit.block) : null;
  if (section) return [section];
  const instructions =
    surroundings.sameHeading && wants.steps && !wants.code ? growInstructions(text, unit.block) : null;
  if (instructions) return instructions;
  if (unit.kind === 'code') return [wholeBlock(text, unit.block) ?? { start: unit.start, end: unit.end }];
  if (block.kind === 'list') return growItem(text, unit, block, wants);
  return growParagraph(text, unit, wants, surroundings);
}
