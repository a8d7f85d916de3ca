import { Problem } from '../../../../common/errors.js';
import { joinBlocks } from '../shared/markdown-text.js';
import { OfficePackage, type Relationship } from '../shared/ooxml.js';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import type { XmlElement } from '../shared/xml-tree.js';
import { renderBlocks, type Block } from '../shared/blocks.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { DocxStory, type DocxDocument } from './docx-body.js';
import { DocxNotes } from './docx-notes.js';
import { docxNumbering } from './docx-numbering.js';
import { DocxStyles } from './docx-styles.js';

/**
 * Office Open XML text documents: headings, lists with the numbers
 * Word shows, tables, equations, notes, comments, text boxes, charts.
 */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const office = await OfficePackage.open(source.path);
  const main = office.mainPart();
  const relationships = office.relationships(main);
  const hidden = new Omissions(source.includeHidden ?? false);
  const document = await openDocument(office, relationships, hidden);
  const blocks = readBody(document, main, relationships);
  const notes = renderNotes(document, relationships);
  const markdown = resolveMarks(renderBlocks(blocks, notes) || runningHeads(document, relationships));
  if (markdown === '') throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const title = office.title() ?? firstHeading(blocks);
  return {
    title,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings: hidden.warnings(),
  };
}

async function openDocument(
  office: OfficePackage,
  relationships: Map<string, Relationship>,
  hidden: Omissions,
): Promise<DocxDocument> {
  const part = (type: string): XmlElement | null => {
    const name = findPart(relationships, type);
    return name === undefined ? null : office.xml(name);
  };
  return {
    office,
    hidden,
    styles: new DocxStyles(part('styles')),
    numbering: docxNumbering(part('numbering')),
    notes: new DocxNotes({
      footnotes: part('footnotes'),
      endnotes: part('endnotes'),
      comments: part('comments'),
    }),
    imported: await importedPieces(office, relationships),
  };
}

function findPart(relationships: Map<string, Relationship>, type: string): string | undefined {
  return [...relationships.values()].find(
    (relationship) => relationship.type === type && !relationship.external,
  )?.target;
}

function readBody(document: DocxDocument, main: string, relationships: Map<string, Relationship>): Block[] {
  const story = new DocxStory(document, relationships);
  const blocks: Block[] = [];
  const take = (child: XmlElement) => {
    for (const block of story.read(child)) blocks.push(block);
  };
  const root = document.office.xml(main, { stream: { parent: 'w:body', take } });
  if (root?.name !== 'w:document')
    throw new Problem('corrupt_document', 'The main part is not a text document.');
  return [...blocks, ...story.end()];
}

function renderNotes(document: DocxDocument, relationships: Map<string, Relationship>): string[] {
  const stories = new Map<string, DocxStory>();
  const openStory = (type: string): DocxStory => {
    const part = findPart(relationships, type);
    const story =
      stories.get(type) ??
      new DocxStory(document, part === undefined ? new Map() : document.office.relationships(part));
    stories.set(type, story);
    return story;
  };
  return document.notes.render((kind, note) => renderBlocks(openStory(`${kind}s`).splitBlocks(note)));
}

/** Headers and footers repeat on every page and stay out, unless they are all there is. */
function runningHeads(document: DocxDocument, relationships: Map<string, Relationship>): string {
  const texts: string[] = [];
  for (const { type, target, external } of relationships.values()) {
    if (external || (type !== 'header' && type !== 'footer')) continue;
    const root = document.office.xml(target);
    if (root)
      texts.push(
        renderBlocks(new DocxStory(document, document.office.relationships(target)).splitBlocks(root)),
      );
  }
  return joinBlocks([...new Set(texts)]);
}

/** Pieces of HTML and plain text that other programs leave for Word to import on opening. */
async function importedPieces(
  office: OfficePackage,
  relationships: Map<string, Relationship>,
): Promise<Map<string, string>> {
  const pieces = new Map<string, string>();
  for (const [id, { type, target, external }] of relationships) {
    if (type !== 'aFChunk' || external) continue;
    const text = office.text(target) ?? '';
    if (/\.(x?html?)$/i.test(target)) {
      const { htmlToMd } = await import('../html/html.js');
      pieces.set(id, htmlToMd(text));
    } else if (/\.txt$/i.test(target)) pieces.set(id, text.trim());
  }
  return pieces;
}

function firstHeading(blocks: Block[]): string | null {
  const titled = blocks.find((block) => block.kind === 'heading' && block.level === 0);
  const block = titled ?? blocks.find((one) => one.kind === 'heading');
  return block?.kind === 'heading' ? resolveMarks(block.text.replace(/\s+/g, ' ').trim()) : null;
}
