/** A stretch of text with one look. */
export interface Run {
  text: string;
  bold?: boolean;
  italic?: boolean;
  code?: boolean;
  struck?: boolean;
}
export type Block =
  | { kind: 'heading'; level: number; runs: Run[] }
  | { kind: 'paragraph'; runs: Run[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; header: Run[][]; rows: Run[][][] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'rule' };

// a line beyond this is shown as it stands: nobody writes emphasis into one
const maxInlineCharacters = 20_000;
const maxDepth = 6;

const headingLine = /^(#{1,6})\s/;
const listLine = /^(\s*)([-*+•]|\d{1,9}[.)])\s+([^\n]*)$/;
const fenceLine = /^\s*(```+|~~~+)/;
const ruleLine = /^\s*([-*_])(\s*\1){2,}\s*$/;
/** The line between the head of a table and its rows. */
const isTableRule = (line: string): boolean =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .every((cell) => /^:?-+:?$/.test(cell.trim()));

/** The blocks of a Markdown text. Links and pictures become their text: nothing of a document is ever followed or loaded. */
export function parseMarkdown(text: string, depth = 0): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let place = 0;
  let paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', runs: parseInline(paragraph.join('\n')) });
    paragraph = [];
  };
  while (place < lines.length) {
    const line = lines[place] ?? '';
    const taken = takeBlock(lines, place, depth);
    if (taken) {
      endParagraph();
      blocks.push(taken.block);
      place = taken.next;
    } else {
      if (line.trim() === '') endParagraph();
      else paragraph.push(line);
      place++;
    }
  }
  endParagraph();
  return blocks;
}

interface Taken {
  block: Block;
  next: number;
}

function takeBlock(lines: string[], place: number, depth: number): Taken | null {
  const line = lines[place] ?? '';
  const marks = headingLine.exec(line)?.[1];
  if (marks !== undefined) {
    const title = line
      .slice(marks.length)
      .trim()
      .replace(/(?<!#)#+$/, '')
      .trim();
    return { block: { kind: 'heading', level: marks.length, runs: parseInline(title) }, next: place + 1 };
  }
  if (fenceLine.test(line)) return takeFence(lines, place);
  if (line.includes('|') && isTableRule(lines[place + 1] ?? '')) return takeTable(lines, place);
  if (ruleLine.test(line)) return { block: { kind: 'rule' }, next: place + 1 };
  if (depth >= maxDepth) return null;
  if (/^\s*>/.test(line)) return takeQuote(lines, place, depth);
  return listLine.test(line) ? takeList(lines, place, depth) : null;
}

function takeFence(lines: string[], place: number): Taken {
  const fence = fenceLine.exec(lines[place] ?? '')?.[1] ?? '```';
  let last = place + 1;
  while (last < lines.length && !(lines[last] ?? '').trim().startsWith(fence)) last++;
  return { block: { kind: 'code', text: lines.slice(place + 1, last).join('\n') }, next: last + 1 };
}

function takeTable(lines: string[], place: number): Taken {
  let next = place + 2;
  const rows: Run[][][] = [];
  while (next < lines.length && (lines[next] ?? '').includes('|') && (lines[next] ?? '').trim() !== '') {
    rows.push(splitCells(lines[next] ?? ''));
    next++;
  }
  return { block: { kind: 'table', header: splitCells(lines[place] ?? ''), rows }, next };
}

const splitCells = (line: string): Run[][] =>
  line
    .trim()
    .replace(/^\||(?<!\\)\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => parseInline(cell.trim().replaceAll('\\|', '|')));

function takeQuote(lines: string[], place: number, depth: number): Taken {
  let next = place;
  const inner: string[] = [];
  while (next < lines.length && /^\s*>/.test(lines[next] ?? '')) {
    inner.push((lines[next] ?? '').replace(/^\s*>\s?/, ''));
    next++;
  }
  return { block: { kind: 'quote', blocks: parseMarkdown(inner.join('\n'), depth + 1) }, next };
}

function takeList(lines: string[], place: number, depth: number): Taken {
  const first = listLine.exec(lines[place] ?? '');
  const indent = first?.[1]?.length ?? 0;
  const ordered = /\d/.test(first?.[2] ?? '');
  const items: string[][] = [];
  let next = place;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    const item = listLine.exec(line);
    const deeper = line.length - line.trimStart().length > indent;
    if (item && !deeper && (item[1]?.length ?? 0) === indent && /\d/.test(item[2] ?? '') === ordered)
      items.push([item[3] ?? '']);
    else if (line.trim() !== '' && deeper) items.at(-1)?.push(line.slice(indent + 2));
    else break;
  }
  return {
    block: {
      kind: 'list',
      ordered,
      start: ordered ? Number.parseInt(first?.[2] ?? '1', 10) : 1,
      items: items.map((item) => parseMarkdown(item.join('\n'), depth + 1)),
    },
    next,
  };
}

// no part may run over the mark that begins it again, or a line of such marks would cost its square
const inlineToken =
  /\\([!-/:-@[-`{-~])|`([^`\n]+)`|\*\*(?=\S)([^*\n]+)\*\*|__(?=\S)([^_\n]+)__|\*(?=\S)([^*\n]+)\*|(?<![\p{L}\p{N}])_(?=\S)([^_\n]+)_(?![\p{L}\p{N}])|~~(?=\S)([^~\n]+)~~|!?\[([^[\]\n]*)\]\([^)\n]{0,1000}\)|<br\s*\/?>/gu;

function parseInline(text: string): Run[] {
  if (text.length > maxInlineCharacters) return [{ text }];
  const runs: Run[] = [];
  let last = 0;
  const add = (run: Run) => {
    if (run.text !== '') runs.push(run);
  };
  for (const match of text.matchAll(inlineToken)) {
    add({ text: text.slice(last, match.index) });
    last = match.index + match[0].length;
    const [whole, escaped, code, bold, bold2, italic, italic2, struck, link] = match;
    const strong = bold ?? bold2;
    const slanted = italic ?? italic2;
    if (escaped !== undefined) add({ text: escaped });
    else if (code !== undefined) add({ text: code, code: true });
    else if (strong !== undefined) add({ text: strong, bold: true });
    else if (slanted !== undefined) add({ text: slanted, italic: true });
    else if (struck !== undefined) add({ text: struck, struck: true });
    else add({ text: link ?? (whole.startsWith('<br') ? '\n' : '') });
  }
  add({ text: text.slice(last) });
  return runs;
}

const textOfRuns = (runs: Run[]): string => runs.map(({ text }) => text).join('');

function textOfBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return textOfRuns(block.runs);
    case 'paragraph':
      // a quote may be a row of a table without its head
      return textOfRuns(block.runs).replace(/^\|.*\|$/gm, (row) => textOfRow(splitCells(row)));
    case 'code':
      return block.text;
    case 'quote':
      return plainText(block.blocks);
    case 'list':
      return block.items.map(plainText).join(' • ');
    case 'table':
      return [block.header, ...block.rows].map(textOfRow).join('; ');
    case 'rule':
      return '';
  }
}

const textOfRow = (cells: Run[][]): string =>
  cells
    .map(textOfRuns)
    .filter((cell) => cell !== '')
    .join(' · ');

/** Blocks as one line of text. */
export const plainText = (blocks: Block[]): string =>
  blocks.map(textOfBlock).join(' ').replace(/\s+/g, ' ').trim();
