import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { oneLine } from '../shared/markdown-text.js';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { descend, findFirst, parseXml, textOf, type XmlElement } from '../shared/xml-tree.js';
import { ZipArchive } from '../shared/zip.js';
import { renderBlocks, type Block } from '../shared/blocks.js';
import { HiddenContent } from '../shared/hidden-content.js';
import { resolveMarks } from '../shared/text-marks.js';
import { OdtStory } from './odt-body.js';
import { OdtObjects } from './odt-objects.js';
import { OdtStyles } from './odt-styles.js';

/** OpenDocument text: headings, lists, tables, notes, comments, text boxes, charts, formulas. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const zip = ZipArchive.open(await readFile(source.path));
  if (/<manifest:encryption-data/.test(zip.text('META-INF/manifest.xml') ?? ''))
    throw new Problem('encrypted_document');
  const content = zip.text('content.xml');
  if (content === null) throw new Problem('corrupt_document', 'The document has no content');
  const hidden = new HiddenContent(source.includeHidden ?? false);
  const { blocks, notes } = readContent(zip, content, hidden);
  const markdown = resolveMarks(renderBlocks(blocks, notes));
  if (markdown === '') throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const title = metaTitle(zip) ?? headingOf(blocks);
  return {
    title,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings: hidden.warnings(),
  };
}

/** Automatic styles stand before the body in the same file, so the body can be read as it streams by. */
function readContent(
  zip: ZipArchive,
  content: string,
  hidden: HiddenContent,
): { blocks: Block[]; notes: string[] } {
  const styles = new OdtStyles();
  const common = zip.text('styles.xml');
  if (common !== null) styles.add(parseXml(common, { doctype: true }));
  styles.add(parseXml(headOf(content), { doctype: true }));
  const story = new OdtStory(styles, new OdtObjects(zip), hidden);
  const blocks: Block[] = [];
  const take = (child: XmlElement) => {
    for (const block of story.read(child)) blocks.push(block);
  };
  parseXml(content, { doctype: true, stream: { parent: 'office:text', take } });
  return { blocks, notes: story.notes() };
}

/** The content file without its body. */
function headOf(content: string): string {
  const start = content.indexOf('<office:body');
  const end = content.lastIndexOf('</office:body>');
  return start < 0 || end < start
    ? content
    : content.slice(0, start) + content.slice(end + '</office:body>'.length);
}

function metaTitle(zip: ZipArchive): string | null {
  const meta = zip.text('meta.xml');
  const title =
    meta === null
      ? undefined
      : findFirst(descend(parseXml(meta, { doctype: true }), 'office:meta'), 'dc:title');
  return oneLine(textOf(title)) || null;
}

function headingOf(blocks: Block[]): string | null {
  const block = blocks.find((one) => one.kind === 'heading');
  return block?.kind === 'heading' ? oneLine(resolveMarks(block.text)) : null;
}
