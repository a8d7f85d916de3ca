import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { oneLine } from '../shared/markdown-text.js';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { renderBlocks } from '../shared/blocks.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { RtfReader } from './rtf-reader.js';

/**
 * Rich Text Format: headings by style or outline level, lists
 * by their markers, tables, footnotes, comments, links.
 */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (!bytes.subarray(0, 64).toString('latin1').trimStart().startsWith('{\\rtf'))
    throw new Problem('corrupt_document');
  const hidden = new Omissions(source.includeHidden ?? false);
  const reader = new RtfReader(bytes, hidden);
  reader.run();
  const { blocks, notes, title } = reader.result();
  const markdown = resolveMarks(renderBlocks(blocks, notes));
  if (markdown === '') throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const first = blocks.find((block) => block.kind === 'heading');
  return {
    title: oneLine(title) || (first?.kind === 'heading' ? oneLine(resolveMarks(first.text)) : null),
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings: hidden.warnings(),
  };
}

/** The text of RTF that is part of another document. */
export function rtfToMd(bytes: Buffer, hidden: Omissions): string {
  const reader = new RtfReader(bytes, hidden);
  reader.run();
  const { blocks, notes } = reader.result();
  return resolveMarks(renderBlocks(blocks, notes));
}
