import { readFile } from 'node:fs/promises';
import { toMarkdownBytes, type ConvertErrorCode } from '@firecrawl/anydoc';
import { Problem, type ErrorCode } from '../../../common/errors.js';
import type { ParsedDocument } from '../parsed-document.js';
import type { ParserSource } from '../parser.js';
import { isCompound } from './shared/ooxml.js';
import { bodyDocument } from './shared/body-document.js';

const codes: Partial<Record<ConvertErrorCode, ErrorCode>> = {
  encrypted: 'encrypted_document',
  resourceLimit: 'archive_bomb',
};

/**
 * Binary PowerPoint presentations: the text of the slides in their
 * order, lists and speaker notes; slides are not told apart.
 */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (!isCompound(bytes)) throw new Problem('corrupt_document');
  const markdown = await converted(bytes);
  source.progress(source.bytes, source.bytes);
  return bodyDocument(markdown.trim(), /^[^\n]{1,200}/.exec(markdown.trim())?.[0] ?? null);
}

async function converted(bytes: Buffer): Promise<string> {
  try {
    return await toMarkdownBytes(bytes);
  } catch (error) {
    const code =
      error instanceof Error && 'code' in error ? codes[error.code as ConvertErrorCode] : undefined;
    throw new Problem(code ?? 'corrupt_document', undefined, { cause: error });
  }
}
