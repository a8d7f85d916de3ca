import { datesIn } from '../../../common/text/dates.js';
import { splitPassages, type Passage } from '../../../common/text/passages.js';
import { splitBlocks, type Block, type ListItem, type Span } from './blocks.js';

/**
 * The smallest part of a source that can be an answer: a
 * sentence, an item's sentence, a table row or a code block.
 */
export interface Unit extends Span {
  kind: 'sentence' | 'row' | 'code';
  text: string;
  /** Place among `SourceText.blocks`. */
  block: number;
  /** For a list: the item that contains the unit. */
  item: ListItem | null;
  /** The heading inside of the content above the unit. */
  heading: string | null;
  columns?: string[];
  cells?: string[];
  /** All lines of the block of keys and values around the unit. */
  keys?: string;
}

export interface SourceText {
  content: string;
  blocks: Block[];
  units: Unit[];
  /** The beginning of the content, if it is a title and not a sentence. */
  title: string | null;
}

const endsSentence = /[.!?…:;。！？؟۔।]["'”’»)\]]*(?:\[\^[^\]\s]{1,20}\])*\s*$/u;

// a line such as `Entry fee: 40 EUR` says something itself
const namesValue = /[:：]\s[^\p{N}]*\p{N}/u;
// and so does one with a sum, a note or struck text, and `New deadline 9 June`
const saysSomething =
  /\p{Sc}\s?\p{N}|\p{N}\s?(?:\p{Sc}|%|‰)|\b(?:EUR|USD|CHF|GBP|JPY|SEK|NOK|DKK|PLN|CZK)\s?\p{N}|\p{N}\s?(?:EUR|USD|CHF|GBP|JPY|SEK|NOK|DKK|PLN|CZK)\b|\[\^[^\]\s]{1,20}\]|~~\S/u;

const isTitle = ({ kind, block, text }: Passage): boolean =>
  kind === 'sentence' &&
  block === undefined &&
  text.length <= 120 &&
  !endsSentence.test(text) &&
  !namesValue.test(text) &&
  !saysSomething.test(text) &&
  !namesDay(text);

/** `9 June`, but not `9 June 2026`, which titles of minutes and letters name. */
const namesDay = (text: string): boolean =>
  datesIn(text.normalize('NFKC').toLowerCase()).some(({ terms }) => /^@\d\d-\d\d$/.test(terms[0] ?? ''));

const maxLine = 200;
/** Sentences that a labelled question may have. */
const maxLabelled = 4;
const boldLine = /^(\*\*|__)(?<text>[^*_]{3,200}[^*_:：])\1$/u;
const question = /^[^.!]+[?？؟]$/u;
/** `Q4: The invoice was not sent.` in a list of questions and answers. */
export const labelledQuestion =
  /^(?:Q|F|Question|Frage|Pregunta|Domanda|Vraag)\s?\d{0,3}\s?[:.)]\s(?=\p{L})/u;

/** A line that stands over what follows as a heading does. */
interface LeadingLine {
  text: string;
  end: number;
}

/**
 * Reads a line in bold at the beginning of a paragraph, a paragraph that is a question, or a line that is
 * labelled as one. A line with a colon leads in to something and stays a part of it.
 */
function readLeadingLine(content: string, { kind, start, end }: Block): LeadingLine | null {
  if (kind !== 'paragraph') return null;
  const [line = ''] = content.slice(start, Math.min(end, start + maxLine)).split('\n', 1);
  const text = line.trim();
  const bold = boldLine.exec(text)?.groups?.['text'];
  if (bold !== undefined && !namesValue.test(bold)) return { text: bold, end: start + line.length };
  if (labelledQuestion.test(text)) return { text, end: start + line.length };
  return start + line.length >= end && question.test(text) ? { text, end } : null;
}

const within = (block: Block, { start }: Span): boolean => start >= block.start && start <= block.end;

/** The last item that begins at or before a place. */
function itemAt(items: ListItem[], start: number): ListItem | null {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((items[middle]?.start ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  return items[low] ?? null;
}

/** The leading line that a passage begins, unless nothing follows it. */
function findLeadingLine(
  content: string,
  passages: Passage[],
  place: number,
  block: Block,
): LeadingLine | null {
  const { start, end } = passages[place] ?? block;
  if (start !== block.start) return null;
  const line = readLeadingLine(content, block);
  if (!line || end > line.end) return null;
  // a line of several sentences leads nothing, unless it is labelled
  const most = labelledQuestion.test(line.text) ? maxLabelled : 1;
  const next = passages.slice(place + 1, place + 1 + most).find(({ start: after }) => after >= line.end);
  return next && next.kind !== 'heading' ? line : null;
}

/** @param language ISO 639-1, null when unknown */
export function readSource(content: string, language: string | null): SourceText {
  const blocks = splitBlocks(content);
  const passages = splitPassages(content, language);
  const units: Unit[] = [];
  let at = 0;
  let heading: string | null = null;
  let title: string | null = null;
  let codeSeen = -1;
  let read = 0;
  for (const [place, passage] of passages.entries()) {
    while (at < blocks.length - 1 && passage.start > (blocks[at]?.end ?? 0)) at++;
    const block = blocks[at];
    if (passage.kind === 'heading') {
      heading = passage.text;
      continue;
    }
    if (!block || !within(block, passage)) continue;
    if (place === 0 && block.kind === 'paragraph' && isTitle(passage) && passages.length > 1) {
      title = passage.text;
      continue;
    }
    const line = findLeadingLine(content, passages, place, block);
    if (line) {
      heading = line.text;
      read = line.end;
    }
    if (passage.start < read) continue;
    if (block.kind === 'code') {
      if (codeSeen !== at) units.push(codeUnit(content, block, at, heading));
      codeSeen = at;
      continue;
    }
    units.push(makeUnit(passage, block, at, heading));
  }
  return { content, blocks, units, title };
}

const codeUnit = (content: string, { start, end }: Block, block: number, heading: string | null): Unit => ({
  kind: 'code',
  text: content.slice(start, end),
  start,
  end,
  block,
  item: null,
  heading,
});

function makeUnit(passage: Passage, block: Block, at: number, heading: string | null): Unit {
  const { text, start, end, columns, cells } = passage;
  return {
    kind: passage.kind === 'row' ? 'row' : 'sentence',
    text,
    start,
    end,
    block: at,
    item: block.kind === 'list' ? itemAt(block.items, start) : null,
    heading,
    ...(columns && { columns }),
    ...(cells && { cells }),
    ...(passage.block !== undefined && { keys: passage.block }),
  };
}
