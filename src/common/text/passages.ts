import { segmentersFor } from './segmenters.js';
import { isForm, joinLabels, readSecondHead, splitCells } from './table-cells.js';

/** A piece of a text that can be quoted alone: one contiguous part of it, verbatim. */
export interface Passage {
  kind: 'sentence' | 'row' | 'heading';
  text: string;
  /** Offsets into the text that was split. */
  start: number;
  end: number;
  /** For a table row: the titles of its columns and its cells. */
  columns?: string[];
  cells?: string[];
  /** For a line `key: value` among such lines: the whole block, which describes one thing. */
  block?: string;
}

interface Line {
  text: string;
  start: number;
}

interface Paragraph {
  start: number;
  end: number;
  lines: Line[];
}

const maxPassageLength = 600;
const tableLine = /^\s*\|.*\|\s*$/u;
// Expects a trimmed line: two adjacent `\s*` groups would backtrack.
const ruleLine = /^\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?$/u;
const headingLine = /^\s{0,3}#{1,6}\s+/u;
// keys of data that is written out; keys may be paths
const keyLine = /^\s*[\p{L}_][\p{L}\p{N}_.[\] -]{0,80}:\s+\S/u;
const wholeLine = /^\s*[\p{Lu}\p{Lo}\p{N}\p{Sc}#(+@*]/u;
const sentenceEnd = /[.!?;,:…。！？]["'”’»)\]]*\s*$|[-–]\s*$/u;
const minSeparate = 3;
const maxSeparate = 70;
const separateShare = 0.8;
const noText = /^(?:```.*|~~~.*|[-*_=\s]{3,})$/u;
// marks in front of a line that are not part of its sentence: quotes, bullets, list numbers, check boxes
const leader = /^\s*(?:>\s*)*(?:(?:[-*+•‣◦▪–]|\d{1,3}[.)])\s+)?(?:\[[ xX]\]\s+)?/u;
const abbreviated =
  /(?:^|[\s([„“"'])(?:\p{L}|z\.\s?B|d\.\s?h|u\.\s?a|e\.g|i\.e|[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|[Ss]t|[Nn]o|[Nn]r|[Aa]rt|[Aa]bs|[Aa]bb|[Ff]ig|[Ee]q|[Ss]ec|[Cc]h|[Vv]ol|[Pp]p?|[Vv]gl|[Bb]zw|[Cc]a|[Ee]tc|[Uu]sw|[Ii]nkl|[Ee]xkl|[Vv]s|[Cc]f|[Aa]pprox|Sr|Sra|núm|pág|M|Mme|Mlle|av|env|[Ii]nc|[Ll]td|[Cc]o|[Jj]r)\.\s*$/u;
// a German or Danish ordinal: the 3. Oktober is one date
const ordinal = /(?:^|\s)\d{1,2}\.\s*$/u;
const ordinalLanguages = new Set(['de', 'da', 'no', 'fi', 'cs', 'hu', 'tr', 'sl', 'hr', 'et', 'lv', 'is']);

// punctuation inside links, addresses and code does not end a sentence, nor do the dots that lead to a price or a page
const opaque =
  /!?\[[^\]]{0,500}\]\([^()]{0,2000}\)|\b[a-z]+:\/\/\S*[^\s.,;:!?)\]]|`[^`]+`|(?:\. ?){5,200}(?=[^\s.])/giu;

// the mark of a note behind a full stop belongs to the sentence before it, as a bracket that closes does
const noteMarks = /(?:\[\^[^\]\s]{1,20}\])+(?!:)/gu;

const segmenterFor = segmentersFor('sentence');

function splitLines(content: string): Line[] {
  let start = 0;
  return content.split('\n').map((text) => {
    const line = { text, start };
    start += text.length + 1;
    return line;
  });
}

/** The part of `content` between two offsets without white space at its ends; null when nothing is left. */
function trimmed(
  content: string,
  start: number,
  end: number,
): { text: string; start: number; end: number } | null {
  while (start < end && /\s/u.test(content.charAt(start))) start++;
  while (end > start && /\s/u.test(content.charAt(end - 1))) end--;
  return start < end ? { text: content.slice(start, end), start, end } : null;
}

/** True when a text with a full stop at its end goes on: it ends with an abbreviation or an ordinal. */
export const isUnfinished = (text: string, language: string | null): boolean =>
  abbreviated.test(text) || (language !== null && ordinalLanguages.has(language) && ordinal.test(text));

/** Sentences of one paragraph as offsets. A break after an abbreviation does not count. */
function* sentenceSpans(paragraph: string, language: string): Generator<[number, number]> {
  // Line breaks inside a paragraph do not end sentences. Replacing them one by one keeps the offsets.
  const flowing = paragraph
    .replace(/[\r\n]/gu, ' ')
    .replace(opaque, (whole) => 'x'.repeat(whole.length))
    .replace(noteMarks, (whole) => ')'.repeat(whole.length));
  let open = 0;
  let end = 0;
  for (const { segment, index } of segmenterFor(language).segment(flowing)) {
    end = index + segment.length;
    if (isUnfinished(segment, language) && end < flowing.length) continue;
    yield [open, end];
    open = end;
  }
  if (open < end) yield [open, end];
}

/** Cuts text without full stops at white space or clause marks, so that a quote stays readable. */
function* bounded(paragraph: string, [start, end]: [number, number]): Generator<[number, number]> {
  let from = start;
  while (end - from > maxPassageLength) {
    const window = paragraph.slice(from, from + maxPassageLength);
    const at = Math.max(
      window.lastIndexOf('\n'),
      window.search(/[;；，,、](?!.*[;；，,、])/su),
      window.length / 2 < window.lastIndexOf(' ') ? window.lastIndexOf(' ') : -1,
    );
    const cut = from + (at > 0 ? at + 1 : maxPassageLength);
    yield [from, cut];
    from = cut;
  }
  yield [from, end];
}

function* paragraphPassages(
  content: string,
  start: number,
  end: number,
  language: string,
): Generator<Passage> {
  const paragraph = content.slice(start, end);
  for (const sentence of sentenceSpans(paragraph, language)) {
    for (const [from, to] of bounded(paragraph, sentence)) {
      const part = trimmed(content, start + from, start + to);
      if (part && /[\p{L}\p{N}]/u.test(part.text)) yield { kind: 'sentence', ...part };
    }
  }
}

/** Lines of an address, a receipt or a form: each is short, begins like a new thing and is no sentence. */
function areSeparate(lines: Line[]): boolean {
  if (lines.length < minSeparate) return false;
  const isWhole = ({ text }: Line) => wholeLine.test(text) && !sentenceEnd.test(text);
  return (
    lines.every(({ text }) => text.length <= maxSeparate) &&
    lines.filter(isWhole).length >= separateShare * lines.length
  );
}

/** Each line of keys and values, and of an address or a receipt, is a passage; other text is cut into sentences. */
function* textPassages(
  content: string,
  { start, end, lines }: Paragraph,
  language: string,
): Generator<Passage> {
  const areKeys = lines.length > 1 && lines.every(({ text }) => keyLine.test(text));
  if (!areKeys && !areSeparate(lines)) {
    yield* paragraphPassages(content, start, end, language);
    return;
  }
  const block = areKeys ? { block: content.slice(start, end) } : {};
  for (const line of lines)
    for (const passage of paragraphPassages(
      content,
      Math.max(start, line.start),
      line.start + line.text.length,
      language,
    ))
      yield { ...passage, ...block };
}

function* tablePassages(content: string, lines: Line[]): Generator<Passage> {
  const ruled = lines[1] !== undefined && ruleLine.test(lines[1].text.trim());
  const head = ruled && lines[0] ? splitCells(lines[0].text) : undefined;
  const form = head !== undefined && isForm(head);
  const second = ruled && head && !form ? readSecondHead(head, lines[2]?.text ?? '') : null;
  const columns = form ? undefined : (second ?? head);
  for (const line of ruled && !form ? lines.slice(second ? 3 : 2) : lines) {
    const part = trimmed(content, line.start, line.start + line.text.length);
    if (!part || ruleLine.test(line.text.trim())) continue;
    const cells = form ? joinLabels(splitCells(line.text)) : splitCells(line.text);
    if (cells.some((cell) => cell !== '')) yield { kind: 'row', ...part, cells, ...(columns && { columns }) };
  }
}

/**
 * The quotable pieces of a Markdown text in order: sentences, table rows, headings.
 * @param language ISO 639-1, null when unknown
 */
export function splitPassages(content: string, language: string | null): Passage[] {
  const locale = language !== null && /^[a-z]{2,3}$/u.test(language) ? language : 'en';
  const passages: Passage[] = [];
  let table: Line[] = [];
  let paragraph: Paragraph | null = null;
  const endParagraph = () => {
    if (paragraph) passages.push(...textPassages(content, paragraph, locale));
    paragraph = null;
  };
  const endTable = () => {
    passages.push(...tablePassages(content, table));
    table = [];
  };
  for (const line of splitLines(content)) {
    const end = line.start + line.text.length;
    if (tableLine.test(line.text)) {
      endParagraph();
      table.push(line);
      continue;
    }
    endTable();
    const lead = leader.exec(line.text)?.[0] ?? '';
    const heading = headingLine.exec(line.text);
    if (heading) {
      endParagraph();
      const part = trimmed(content, line.start + heading[0].length, end);
      if (part) passages.push({ kind: 'heading', ...part });
    } else if (line.text.trim() === '' || noText.test(line.text.trim())) endParagraph();
    else if (paragraph === null || lead.trim() !== '') {
      endParagraph();
      paragraph = { start: line.start + lead.length, end, lines: [line] };
    } else {
      paragraph.end = end;
      paragraph.lines.push(line);
    }
  }
  endParagraph();
  endTable();
  return passages;
}
