import { readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';
import type { ParsedDocument } from '../parsed-document.js';
import type { Parser } from '../parser.js';
import { bodyDocument } from './shared/body-document.js';
import { decodeText } from './shared/decode.js';
import { plainLetters } from './shared/markdown-text.js';
import { Omissions } from './shared/omissions.js';

/** Plain text and Markdown: decoded, HTML inside of Markdown turned into Markdown, otherwise as they are. */
export const parse: Parser = async ({ path, filename, bytes, includeHidden, progress }) => {
  const { text } = decodeText(await readFile(path));
  progress(bytes, bytes);
  const plain = plainLetters(text.trimEnd());
  const settings = /\.(ya?ml|toml|ini)$/i.exec(filename)?.[1];
  if (settings !== undefined) return settingsDocument(plain, settings.toLowerCase());
  if (!/\.(?:md|markdown|qmd|rmd)$/i.test(filename)) return bodyDocument(plain);
  const { title, markdown } = withoutFrontMatter(plain);
  const hidden = new Omissions(includeHidden ?? false);
  const { withCharacters, withMarkedHeadings, withoutHtml } = await import('./markdown-html.js');
  const body = withMarkedHeadings(withCharacters(withoutHtml(markdown, hidden))).trim();
  return bodyDocument(body, title ?? firstHeading(body), hidden.warnings());
};

/** Settings stand as they are: a `#` begins a comment there, no heading. */
function settingsDocument(text: string, language: string): ParsedDocument {
  if (!/[\p{L}\p{N}]/u.test(text)) throw new Problem('no_text_content');
  const fence = text.includes('```') ? '~~~' : '```';
  return bodyDocument(`${fence}${language.replace(/^yml$/, 'yaml')}\n${text}\n${fence}`);
}

/**
 * A title in the front matter is the document's; its fields stay as lines
 * of text, so that they are found, but not as a rule and a heading.
 */
function withoutFrontMatter(text: string): { title: string | null; markdown: string } {
  const match = /^---[ \t]*\n([^]{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(text);
  const fields = match?.[1] ?? '';
  if (!match || !/^[\w-]+[ \t]*:/m.test(fields)) return { title: null, markdown: text };
  const title = /^title[ \t]*:[ \t]*(.{1,300})$/im.exec(fields)?.[1]?.trim();
  const body = text.slice(match[0].length).trimStart();
  const plain = title?.replace(/^(["'])(.*)\1$/, '$2').trim() ?? '';
  const lines = fields.split('\n').filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
  return { title: plain || null, markdown: `${lines.join('\n')}\n\n${body}`.trim() };
}

function firstHeading(markdown: string): string | null {
  return (
    /^#[ \t]+(.{1,300})$/m
      .exec(markdown.slice(0, 20_000))?.[1]
      ?.replace(/[ \t]#+$/, '')
      .trim() ?? null
  );
}
