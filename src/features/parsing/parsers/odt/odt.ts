import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { oneLine } from '../shared/markdown-text.js';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { parseXml, type XmlElement } from '../shared/xml-tree.js';
import { renderBlocks, type Block } from '../shared/blocks.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { OdtStory } from './odt-body.js';
import { metaTitle, openDocument, openStyles, type OdtPackage } from './odt-package.js';
import { OdtObjects } from './odt-objects.js';

/** OpenDocument text: headings, lists, tables, notes, comments, text boxes, charts, formulas. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const { zip, content } = openDocument(await readFile(source.path));
  const hidden = new Omissions(source.includeHidden ?? false);
  const { blocks, notes } = readContent(zip, content, hidden);
  const markdown = resolveMarks(renderBlocks(blocks, notes));
  if (markdown === '') throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const title = metaTitle(zip) ?? findHeading(blocks);
  return {
    title,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings: hidden.warnings(),
  };
}

/** Automatic styles precede the body in the same file, so the body can be read as a stream. */
function readContent(
  zip: OdtPackage,
  content: string,
  hidden: Omissions,
): { blocks: Block[]; notes: string[] } {
  const story = new OdtStory(openStyles(zip, content), new OdtObjects(zip), hidden);
  const blocks: Block[] = [];
  const take = (child: XmlElement) => {
    for (const block of story.read(child)) blocks.push(block);
  };
  parseXml(content, { doctype: true, stream: { parent: 'office:text', take } });
  return { blocks, notes: story.notes() };
}

function findHeading(blocks: Block[]): string | null {
  const block = blocks.find((one) => one.kind === 'heading');
  return block?.kind === 'heading' ? oneLine(resolveMarks(block.text)) : null;
}
