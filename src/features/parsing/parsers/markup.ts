import { readFile } from 'node:fs/promises';
import type { Parser } from '../parser.js';
import { bodyDocument } from './shared/body-document.js';
import { decodeText } from './shared/decode.js';
import { markdownTable } from './shared/markdown-table.js';
import { link, plainLetters } from './shared/markdown-text.js';
import { maxColumns } from './shared/table-limits.js';

/** Texts in reStructuredText, AsciiDoc and Org: headings, code, tables and links as Markdown; the rest as it is. */
export const parse: Parser = async ({ path, filename, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  progress(bytes, bytes);
  const lines = plainLetters(text).split('\n');
  const read = /\.rst$/i.test(filename) ? fromRst : /\.org$/i.test(filename) ? fromOrg : fromAsciiDoc;
  const markdown = read(lines)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return bodyDocument(markdown, /^# (.{1,300})$/m.exec(markdown.slice(0, 20_000))?.[1] ?? null);
};

/** Directives within directives. */
const maxDepth = 5;
const rule = /^([=\-`:'"~^_*+#<>.])\1{2,}\s*$/;

function fromRst(lines: readonly string[], depth = 0): string[] {
  const out: string[] = [];
  const levels: string[] = [];
  const heading = (text: string, key: string): void => {
    if (!levels.includes(key)) levels.push(key);
    out.push('', `${'#'.repeat(Math.min(6, levels.indexOf(key) + 1))} ${rstInline(text.trim())}`, '');
  };
  for (let at = 0; at < lines.length; at++) {
    const [line = '', next = '', third = ''] = lines.slice(at, at + 3);
    const over = rule.exec(line)?.[1];
    const under = rule.exec(next)?.[1];
    const directive = /^\s*\.\. (?:([\w-]+)::\s*(.*)|.*)$/.exec(line);
    if (over !== undefined && next.trim() !== '' && rule.exec(third)?.[1] === over) {
      heading(next, `over ${over}`);
      at += 2;
    } else if (
      under !== undefined &&
      line.trim() !== '' &&
      !/^\s/.test(line) &&
      next.trim().length >= line.trim().length
    ) {
      heading(line, under);
      at += 1;
    } else if (directive) {
      const end = blockEnd(lines, at);
      const body = lines.slice(at + 1, end).filter((one) => !/^\s+:[\w-]+:/.test(one));
      out.push(...rstDirective(directive[1], directive[2] ?? '', dedented(body), depth));
      at = end - 1;
    } else if (/^\s*\+(?:[-=]+\+)+\s*$/.test(line)) {
      const end = endBy(lines, at, (one) => !/^\s*[+|]/.test(one));
      out.push('', gridTable(lines.slice(at, end)), '');
      at = end - 1;
    } else if (/::\s*$/.test(line)) {
      const end = blockEnd(lines, at);
      out.push(
        rstInline(line.replace(/:?:\s*$/, line.trim() === '::' ? '' : ':')),
        '',
        ...fence('', dedented(lines.slice(at + 1, end))),
      );
      at = end - 1;
    } else out.push(rstInline(line));
  }
  return out;
}

/** Where the indented lines below a line end. */
function blockEnd(lines: readonly string[], start: number): number {
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0].length ?? 0;
  let end = start + 1;
  while (
    end < lines.length &&
    (/^\s*$/.test(lines[end] ?? '') || (/^\s*/.exec(lines[end] ?? '')?.[0].length ?? 0) > indent)
  )
    end++;
  return end;
}

function rstDirective(name: string | undefined, argument: string, body: string[], depth: number): string[] {
  if (name === undefined || /^(?:toctree|contents|raw|index|highlight|only|include|meta)$/.test(name))
    return [''];
  if (/^(?:code(?:-block)?|sourcecode|literalinclude|math)$/.test(name))
    return ['', ...fence(argument, body)];
  if (/^(?:image|figure)$/.test(name)) return ['', ...body.map(rstInline), ''];
  const title = /^(?:note|tip|warning|important|caution|danger|attention|hint|seealso)$/.test(name)
    ? `**${name.charAt(0).toUpperCase()}${name.slice(1)}:** ${argument}`
    : argument;
  return ['', rstInline(title), ...(depth < maxDepth ? fromRst(body, depth + 1) : body), ''];
}

/** Lines of signs part the rows; a table with merged cells stays as it is drawn. */
function gridTable(lines: readonly string[]): string {
  const rows: string[][] = [];
  let open: string[] | null = null;
  for (const line of lines) {
    if (line.trim().startsWith('+')) open = null;
    else {
      const cells = line
        .trim()
        .slice(1, -1)
        .split('|')
        .map((cell) => rstInline(cell.trim()));
      if (open?.length === cells.length)
        for (const [at, cell] of cells.entries()) open[at] = `${open[at]} ${cell}`.trim();
      else rows.push((open = cells));
    }
  }
  const width = rows[0]?.length ?? 0;
  return width > 0 && rows.every((row) => row.length === width)
    ? markdownTable(rows)
    : fence('', lines).join('\n');
}

function rstInline(line: string): string {
  return line
    .replace(/``([^`]{1,500})``/g, '`$1`')
    .replace(/:[\w:.-]{1,40}:`([^`<]{1,300}?)(?:\s*<[^`>]{0,500}>)?`/g, '$1')
    .replace(/`([^`<]{1,300}?)\s*<([^`<>\s]{1,1000})>`__?/g, (_, text: string, target: string) =>
      link(text, target),
    )
    .replace(/`([^`]{1,300})`_/g, '$1');
}

function fromAsciiDoc(lines: readonly string[]): string[] {
  const out: string[] = [];
  let language = '';
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const title = /^(={1,6}) (\S.*)$/.exec(line);
    const block = /^(?:-{4,}|\.{4,}|`{3,}\w*)$/.test(line.trim()) ? line.trim() : null;
    if (title) out.push('', `${'#'.repeat(title[1]?.length ?? 1)} ${adocInline(title[2] ?? '')}`, '');
    else if (block !== null) {
      const end = endOf(lines, at, block.replace(/\w+$/, ''));
      out.push(...fence(language, lines.slice(at + 1, end)));
      at = end;
    } else if (/^\|={3,}$/.test(line.trim())) {
      const end = endOf(lines, at, line.trim());
      out.push('', adocTable(lines.slice(at + 1, end)), '');
      at = end;
    } else if (/^\/{4,}$/.test(line.trim())) at = endOf(lines, at, line.trim());
    else if (/^\[(?:source|listing)/.test(line)) language = /^\[source,\s*([\w+-]+)/.exec(line)?.[1] ?? '';
    else if (!/^(?:\/\/|:[\w-]+!?:|\[.*\]$|={4,}$|\*{4,}$|_{4,}$|--$|\+$|'''$|<<<$)/.test(line)) {
      if (line.trim() === '') language = '';
      out.push(adocInline(line));
    }
  }
  return out;
}

function endOf(lines: readonly string[], start: number, mark: string): number {
  return endBy(lines, start, (line) => line.trim() === mark);
}

function endBy(lines: readonly string[], start: number, ends: (line: string) => boolean): number {
  for (let at = start + 1; at < lines.length; at++) if (ends(lines[at] ?? '')) return at;
  return lines.length;
}

/** Cells stand on a line of their own or beside others: the first line with cells has as many as a row. */
function adocTable(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const cells: string[] = [];
  let width = 0;
  for (const line of filled) {
    const pieces = line.split(/(?<!\\)\|/);
    const [before = '', ...own] = pieces;
    if (before.trim() !== '' && cells.length > 0) cells[cells.length - 1] += ` ${before.trim()}`;
    for (const cell of own) cells.push(adocInline(cell.trim()));
    width ||= Math.min(own.length, maxColumns);
  }
  const rows: string[][] = [];
  if (width === 0) return '';
  for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width));
  return rows.length === 0 ? '' : markdownTable(rows);
}

function adocInline(line: string): string {
  return line
    .replace(/^\.(?=\p{L})/u, '')
    .replace(/^(\*{1,5}|-) (?=\S)/, (_, stars: string) => `${'    '.repeat(stars.length - 1)}- `)
    .replace(/^(\.{1,5}) (?=\S)/, (_, dots: string) => `${'    '.repeat(dots.length - 1)}1. `)
    .replace(/\bimage::?([^\s[]{1,500})\[([^\]]{0,300})\]/g, '![$2](image)')
    .replace(
      /(?:link:)?(https?:\/\/[^\s[\]]{1,1000})\[([^\]]{1,300})\]/g,
      (_, target: string, text: string) => link(text, target),
    )
    .replace(/\b(?:link|xref):[^\s[]{1,500}\[([^\]]{1,300})\]/g, '$1')
    .replace(
      /<<[^<>,]{1,300}(?:,\s*([^<>]{1,300}))?>>/g,
      (whole, text?: string) => text ?? whole.slice(2, -2),
    );
}

function fromOrg(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const title = /^(\*{1,6}) (\S.*)$/.exec(line);
    const block = /^\s*#\+begin_(src|example)(?:\s+(\S+))?/i.exec(line);
    const keyword = /^#\+title:\s*(\S.*)$/i.exec(line)?.[1];
    if (title) out.push('', `${'#'.repeat(title[1]?.length ?? 1)} ${orgInline(title[2] ?? '')}`, '');
    else if (keyword !== undefined) out.push(`# ${keyword}`, '');
    else if (block) {
      const end = endBy(lines, at, (one) => /^\s*#\+end_/i.test(one));
      out.push(...fence(block[2] ?? '', dedented(lines.slice(at + 1, end))));
      at = end;
    } else if (/^\s*\|[-+]+\|?\s*$/.test(line)) {
      const before = out.at(-1) ?? '';
      if (before.startsWith('|')) out.push(before.replace(/[^|]+/g, ' --- ').trimEnd());
    } else if (!/^\s*(?:#\+|# |:[\w-]+:\s*(?:\S.*)?$)/.test(line)) out.push(orgInline(line));
  }
  return out;
}

function orgInline(line: string): string {
  return line.replace(
    /\[\[([^[\]]{1,1000})\](?:\[([^[\]]{1,300})\])?\]/g,
    (_, target: string, text?: string) => (text === undefined ? target : link(text, target)),
  );
}

function dedented(lines: readonly string[]): string[] {
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => /^\s*/.exec(line)?.[0].length ?? 0);
  const indent = indents.reduce((least, one) => Math.min(least, one), 1_000);
  return lines.map((line) => line.slice(Math.min(indent, line.length)));
}

function fence(language: string, lines: readonly string[]): string[] {
  const text = lines.join('\n').replace(/^\n+|\s+$/g, '');
  if (text === '') return [];
  const mark = text.includes('```') ? '~~~' : '```';
  return [`${mark}${language.trim()}`, text, mark, ''];
}
