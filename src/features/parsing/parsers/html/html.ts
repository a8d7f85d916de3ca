import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { htmlToMarkdown, initSync } from 'mdream/wasm';
import type { ParsedDocument } from '../../parsed-document.js';
import type { Parser } from '../../parser.js';
import { decodeText } from '../shared/decode.js';
import { Omissions } from '../shared/omissions.js';
import { joinSpacedLetters, plainLetters } from '../shared/markdown-text.js';
import { resolveMarks } from '../shared/text-marks.js';
import { extractContent } from './html-content.js';
import { resolveOffice } from './html-office.js';
import { liftTableTitles } from './html-table-heads.js';
import { levelTables } from './html-tables.js';
import { bodyDocument } from '../shared/body-document.js';

// The WASM build of mdream: npm leaves its native one out where npm itself runs on Node 20.
initSync({ module: readFileSync(createRequire(import.meta.url).resolve('mdream/wasm/mdream_edge_bg.wasm')) });

/** A web page, without scripts, styles and inlined images. */
export const parse: Parser = async ({ path, bytes, includeHidden, progress }) => {
  const raw = await readFile(path);
  const { text } = decodeText(raw, declaredCharset(raw));
  progress(bytes, bytes);
  return pageDocument(text, includeHidden ?? false);
};

/** The document of a page: its content, and its title. @throws Problem no_text_content */
export function pageDocument(html: string, includeHidden: boolean): ParsedDocument {
  const title = findTitle(html);
  const hidden = new Omissions(includeHidden);
  const markdown = withTitle(htmlToMd(extractContent(html, hidden, true)), title);
  return bodyDocument(markdown, title, hidden.warnings());
}

/** Turns HTML into Markdown; links and images with inlined data, attached pictures or scripts lose their target. */
export function htmlToMd(html: string): string {
  const markdown = htmlToMarkdown(
    levelTables(html).replace(
      /(\s(?:src|href|srcset)\s*=\s*)(["'])\s*(?:data|cid|javascript|vbscript):[^"']*\2/gi,
      '$1$2$2',
    ),
    undefined,
  );
  const shown = resolveMarks(
    resolveOffice(plainLetters(markdown))
      .replace(/^#{1,6} .*$/gm, (line) => joinSpacedLetters(line).replace(/[ \u00a0]{2,}/g, ' '))
      .replace(/!\[([^\]\n]*)\]\(\s*\)/g, '$1')
      .replace(/\\\[([x ])\](?= )/g, '[$1]')
      // a caption that begins with a blank would be an item of a list
      .replace(/^\* +(?=\S[^*\n]*\*$)/gm, '*')
      // nested <strong><b>
      .replace(/\*{4,}(?=\S)|(?<=\S)\*{4,}/g, '**')
      .replace(/^\|.*<.*\|$/gm, (row) =>
        row.replace(/<\/?(?:ul|ol|li|p|div|br|pre)\s*\/?>/gi, ' ').replace(/ {2,}/g, ' '),
      )
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  );
  return liftTableTitles(shown);
}

/**
 * mdream puts the page's title first, as a line of prose: a heading
 * where the page has none, else it is only the document's title.
 */
function withTitle(markdown: string, title: string | null): string {
  if (title === null) return markdown;
  const newline = markdown.indexOf('\n');
  const first = newline < 0 ? markdown : markdown.slice(0, newline);
  const body =
    first.replace(/\\/g, '').trim() === title ? markdown.slice(first.length).trimStart() : markdown;
  return /^#{1,6} /m.test(body) ? body : `# ${title}\n\n${body}`;
}

/** The encoding that a page names. */
export function declaredCharset(raw: Buffer): string | undefined {
  const head = raw.subarray(0, 4096).toString('latin1');
  return (
    /<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1] ??
    /^<\?xml[^>]{0,200}encoding\s*=\s*["']([\w-]+)/i.exec(head)?.[1]
  );
}

function findTitle(html: string): string | null {
  const title = /<title[^>]{0,200}>([^<]{1,1000})<\/title/i.exec(html.slice(0, 200_000))?.[1];
  // mdream decodes the entities of what it is given
  return title ? htmlToMarkdown(`<p>${title}</p>`, undefined).replace(/\s+/g, ' ').trim() || null : null;
}
