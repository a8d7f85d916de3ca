import { Problem } from '../../../../common/errors.js';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { Omissions } from '../shared/omissions.js';
import { Attachments } from './attachments.js';
import { header, messageParts } from './message.js';
import type { MimePart } from './mime.js';

/** The document of a message, with a part for each forwarded message and attachment. */
export async function mailDocument(message: MimePart, source: ParserSource): Promise<ParsedDocument> {
  const hidden = new Omissions(source.includeHidden ?? false);
  const attachments = new Attachments(source);
  const parts = await messageParts(message, null, { attachments, hidden });
  if (parts.every((part) => part.markdown === '')) throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const title = header(message, 'subject') || null;
  const warnings = [...attachments.warnings, ...hidden.warnings()];
  return { title, language: null, pages: null, parts, warnings };
}
