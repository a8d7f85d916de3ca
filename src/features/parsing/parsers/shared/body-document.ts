import { Problem } from '../../../../common/errors.js';
import type { ParsedDocument, ParseWarning } from '../../parsed-document.js';

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
