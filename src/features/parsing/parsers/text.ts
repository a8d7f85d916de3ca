import { readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';
import type { Parser } from '../parser.js';
import type { ParsedDocument, ParseWarning } from '../parsed-document.js';
import { decodeText } from './shared/decode.js';

/** A document that is one body of Markdown. @throws Problem no_text_content */
export function bodyDocument(
  markdown: string,
  title: string | null = null,
  warnings: ParseWarning[] = [],
): ParsedDocument {
  if (!/[\p{L}\p{N}]/u.test(markdown)) throw new Problem('no_text_content');
  return {
    title,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings,
  };
}

/** Plain text and Markdown: decoded, otherwise as they are. */
export const parse: Parser = async ({ path, filename, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  progress(bytes, bytes);
  if (!/\.(?:md|markdown)$/i.test(filename)) return bodyDocument(text.trimEnd());
  const { title, markdown } = withoutFrontMatter(text.trimEnd());
  return bodyDocument(markdown, title ?? firstHeading(markdown));
};

/** A title in the front matter is the document's; its fields stay as lines of text, so that they are found, but not as a rule and a heading. */
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
