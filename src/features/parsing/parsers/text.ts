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
  const title = /\.(?:md|markdown)$/i.test(filename) ? firstHeading(text) : null;
  return bodyDocument(text.trimEnd(), title);
};

function firstHeading(markdown: string): string | null {
  return (
    /^#[ \t]+(.{1,300})$/m
      .exec(markdown.slice(0, 20_000))?.[1]
      ?.replace(/[ \t]#+$/, '')
      .trim() ?? null
  );
}
