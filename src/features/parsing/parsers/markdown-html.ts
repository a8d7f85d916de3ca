import { Parser } from 'htmlparser2';
import { htmlToMd } from './html/html.js';
import { extractContent } from './html/html-content.js';
import type { Omissions } from './shared/omissions.js';
import { marked, resolveMarks } from './shared/text-marks.js';

const maxTable = 500_000;
const maxHeading = 200;
const fence = /^ {0,3}(`{3,}|~{3,})/;
const cue = /<[a-z!]/i;

/** Turns the HTML in a Markdown document into Markdown, outside of code: tables, raised and struck text, comments, hidden elements. */
export function withoutHtml(markdown: string, hidden: Omissions): string {
  if (!cue.test(markdown)) return markdown;
  return resolveMarks(outsideOfCode(markdown, (prose) => joinProse(prose, hidden)));
}

/** Writes the characters that a Markdown document names (`&copy;`, `&#124;`), outside of code. */
export function withCharacters(markdown: string): string {
  if (!entity.test(markdown)) return markdown;
  const met = new Map<string, string>();
  const write = (name: string, at: number, line: string): string => {
    const character = met.get(name) ?? namedCharacter(name);
    if (met.size < maxNames) met.set(name, character);
    const isMark =
      character === '<' ||
      (character === '|' && /^\s*\|/.test(line)) ||
      (at === 0 && /^[#>+-]$/.test(character));
    return isMark ? `\\${character}` : character;
  };
  return outsideOfCode(markdown, (prose) =>
    prose
      .split('\n')
      .map((line) =>
        /^(?: {4}|\t)/.test(line) || !entity.test(line)
          ? line
          : line.replace(
              /(`[^`]+`)|&(?:[A-Za-z]{2,31}\d{0,2}|#\d{1,7}|#[xX][\da-fA-F]{1,6});/g,
              (found, code, at: number) => (code === undefined ? write(found, at, line) : found),
            ),
      )
      .join('\n'),
  );
}

const entity = /&(?:[A-Za-z]|#)/;
/** HTML defines about 2,000 names. */
const maxNames = 4_000;

/** The character of an entity; the entity itself where HTML knows none. */
function namedCharacter(name: string): string {
  let character = '';
  new Parser({ ontext: (text) => (character += text) }).end(name);
  return /\p{Cc}/u.test(character) ? name : character.replaceAll('\u00a0', ' ');
}

/** Changes the text between fenced blocks of code. */
function outsideOfCode(markdown: string, change: (prose: string) => string): string {
  const pieces: string[] = [];
  let prose: string[] = [];
  let code: string | null = null;
  const endProse = (): void => {
    if (prose.length > 0) pieces.push(change(prose.join('\n')));
    prose = [];
  };
  for (const line of markdown.split('\n')) {
    const mark = fence.exec(line)?.[1];
    const inCode = code !== null;
    if (mark !== undefined && (code === null || mark.startsWith(code))) code = code === null ? mark : null;
    if (inCode || mark !== undefined) {
      endProse();
      pieces.push(line);
    } else prose.push(line);
  }
  endProse();
  return pieces.join('\n');
}

function joinProse(text: string, hidden: Omissions): string {
  if (!cue.test(text)) return text;
  return withoutTables(withoutComments(text), hidden)
    .split(/(`[^`\n]+`)/)
    .map((piece, index) => (index % 2 === 1 ? piece : inline(piece, hidden)))
    .join('')
    .replace(/\n{3,}/g, '\n\n');
}

/**
 * Headings that are underlined become headings with marks,
 * which is what the rest of docent looks for, and headings without a text go; code stays.
 */
export function withMarkedHeadings(markdown: string): string {
  if (!/^(?:=+|-{2,}|#{1,6})[ \t]*$/m.test(markdown)) return markdown;
  const marked: string[] = [];
  let code = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (fence.test(line)) code = !code;
    if (!code && /^#{1,6}[ \t]*$/.test(line)) continue;
    const title = marked.at(-1) ?? '';
    const level = /^=+[ \t]*$/.test(line) ? '#' : /^-{2,}[ \t]*$/.test(line) ? '##' : '';
    const isTitle = /^(?!#|>|\||[-*+] |\d+[.)] |`|~| {4})\S/.test(title) && title.length <= maxHeading;
    const isAlone = index < 2 || (marked.at(-2) ?? '').trim() === '';
    if (!code && level !== '' && isTitle && isAlone) marked[marked.length - 1] = `${level} ${title.trim()}`;
    else marked.push(line);
  }
  return marked.join('\n');
}

function withoutComments(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf('<!--'); at >= 0; at = text.indexOf('<!--', from)) {
    const end = text.indexOf('-->', at + 4);
    if (end < 0) break;
    pieces.push(text.slice(from, at));
    from = end + 3;
  }
  return pieces.join('') + text.slice(from);
}

function withoutTables(text: string, hidden: Omissions): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.search(/<table[\s>]/i); at >= 0;) {
    const end = text.indexOf('</table>', at);
    if (end < 0 || end - at > maxTable) break;
    const table = htmlToMd(extractContent(text.slice(at, end + 8), hidden, false));
    pieces.push(text.slice(from, at), `\n\n${table}\n\n`);
    from = end + 8;
    const next = text.slice(from).search(/<table[\s>]/i);
    at = next < 0 ? -1 : from + next;
  }
  return pieces.join('') + text.slice(from);
}

const shifted = /<(sup|sub|del|s|strike)>([^<\n]{1,500})<\/\1>/gi;
const unseen =
  /<(span|div|p|section)\b([^<>]{0,300}(?:display\s*:\s*none|\shidden\b)[^<>]{0,300})>([^<]{0,5000})<\/\1>/gi;
const tags =
  /<\/?(?:div|p|span|center|details|summary|font|u|ins|small|big|section|article|main|header|figure|figcaption|picture|source)(?:\s[^<>]{0,500})?\/?>/gi;

function inline(text: string, hidden: Omissions): string {
  if (!cue.test(text)) return text;
  return text
    .replace(unseen, (_whole, _tag: string, _attributes: string, inner: string) => {
      if (inner.trim() === '') return '';
      hidden.add('element');
      return hidden.keep ? marked('hidden', inner) : '';
    })
    .replace(shifted, (_whole, tag: string, inner: string) =>
      marked(/^sup$/i.test(tag) ? 'raised' : /^sub$/i.test(tag) ? 'lowered' : 'struck', inner),
    )
    .replace(/<img\b([^<>]{0,1000})>/gi, (_whole, attributes: string) => {
      const alt = /\salt\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(attributes);
      const words = (alt?.[1] ?? alt?.[2] ?? '').trim();
      return words === '' ? '' : `![${words}](image)`;
    })
    .replace(/^.*<br\s*\/?>.*$/gim, (line) =>
      line.replace(/\s*<br\s*\/?>\s*/gi, line.trimStart().startsWith('|') ? ' ' : '\n'),
    )
    .replace(tags, '');
}
