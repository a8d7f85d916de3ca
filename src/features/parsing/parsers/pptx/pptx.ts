import { Problem } from '../../../../common/errors.js';
import { joinBlocks, oneLine } from '../shared/markdown-text.js';
import { OfficePackage, type Relationship } from '../shared/ooxml.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { descend, elements, findAll, readText, type XmlElement } from '../shared/xml-tree.js';
import { commentLine } from '../docx/docx-notes.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { SlideLayout } from './pptx-layout.js';
import { SlideReader, notesText } from './pptx-shapes.js';

/** Presentations: a part for each slide in the order they are shown, with speaker notes and comments. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const office = await OfficePackage.open(source.path);
  const main = office.mainPart();
  const slides = slideParts(office, main);
  const authors = commentAuthors(office, main);
  const layouts = new Map<string, SlideLayout>();
  const size = slideSize(office, main);
  const parts: ParsedPart[] = [];
  const hidden = new Omissions(source.includeHidden ?? false);
  let firstTitle: string | null = null;
  for (const [index, slide] of slides.entries()) {
    const { title, markdown, shown } = readSlide(
      office,
      slide,
      { layouts, authors, size },
      hidden,
      index + 1,
    );
    source.progress(index + 1, slides.length);
    if (!shown) hidden.add('slide', { page: index + 1 });
    if (!shown && !hidden.keep) continue;
    firstTitle ??= title;
    parts.push({ kind: 'slide', page: index + 1, label: null, markdown });
  }
  if (parts.every((part) => part.markdown === '')) throw new Problem('no_text_content');
  return {
    title: office.title() ?? firstTitle,
    language: null,
    pages: slides.length,
    parts,
    warnings: hidden.warnings(),
  };
}

/** What the slides of a presentation share. */
interface Deck {
  layouts: Map<string, SlideLayout>;
  authors: Map<string, string>;
  size: { width: number; height: number } | null;
}

function slideSize(office: OfficePackage, main: string): Deck['size'] {
  const { cx, cy } = descend(office.xml(main) ?? undefined, 'p:sldSz')?.attributes ?? {};
  const [width, height] = [Number(cx), Number(cy)];
  return width > 0 && height > 0 ? { width, height } : null;
}

function slideParts(office: OfficePackage, main: string): string[] {
  const root = office.xml(main);
  if (root?.name !== 'p:presentation')
    throw new Problem('corrupt_document', 'The main part is not a presentation.');
  const relationships = office.relationships(main);
  const parts = elements(descend(root, 'p:sldIdLst'), 'p:sldId').flatMap((slide) => {
    const relationship = relationships.get(slide.attributes['r:id'] ?? '');
    return relationship && !relationship.external ? [relationship.target] : [];
  });
  // a hostile file lists a slide a million times; no application lists it twice
  return [...new Set(parts)];
}

function readSlide(
  office: OfficePackage,
  slide: string,
  { layouts, authors, size }: Deck,
  hidden: Omissions,
  page: number,
): { title: string | null; markdown: string; shown: boolean } {
  const root = office.xml(slide);
  const shown = !['0', 'false'].includes(root?.attributes.show ?? '1');
  if (!shown && !hidden.keep) return { title: null, markdown: '', shown };
  const tree = descend(root ?? undefined, 'p:cSld', 'p:spTree');
  if (!tree) return { title: null, markdown: '', shown };
  const relationships = office.relationships(slide);
  const { title, markdown } = new SlideReader(
    office,
    relationships,
    SlideLayout.forSlide(office, slide, layouts),
    hidden,
    page,
    size,
  ).read(tree);
  const notes = listParts(office, relationships, 'notesSlide').map(notesText).filter(Boolean);
  const comments = listParts(office, relationships, 'comments').flatMap((part) =>
    listComments(part, authors),
  );
  const text = joinBlocks([
    shown ? '' : '[hidden slide]',
    markdown,
    ...notes.map((one) => `Notes: ${one}`),
    ...comments,
  ]);
  return { title: title && resolveMarks(title), markdown: resolveMarks(text), shown };
}

function listParts(
  office: OfficePackage,
  relationships: Map<string, Relationship>,
  type: string,
): XmlElement[] {
  return [...relationships.values()].flatMap((relationship) => {
    const root =
      relationship.type === type && !relationship.external ? office.xml(relationship.target) : null;
    return root ? [root] : [];
  });
}

/** Names by the ids that comments of old (`p:cmAuthor`) and new (`p188:author`) making refer to. */
function commentAuthors(office: OfficePackage, main: string): Map<string, string> {
  const relationships = office.relationships(main);
  const roots = [
    ...listParts(office, relationships, 'commentAuthors'),
    ...listParts(office, relationships, 'authors'),
  ];
  return new Map(
    roots.flatMap((root) =>
      elements(root).map(({ attributes }) => [attributes.id ?? '', oneLine(attributes.name ?? '')] as const),
    ),
  );
}

function listComments(root: XmlElement, authors: Map<string, string>): string[] {
  const lines: string[] = [];
  for (const comment of elements(root)) {
    if (!/(^|:)cm$/.test(comment.name)) continue;
    const replies = [...findAll(comment, 'p188:reply')];
    for (const one of [comment, ...replies]) {
      const text = oneLine(commentText(one));
      if (text !== '') lines.push(commentLine(authors.get(one.attributes.authorId ?? '') ?? '', text));
    }
  }
  return lines;
}

function commentText(comment: XmlElement): string {
  const old = descend(comment, 'p:text');
  if (old) return readText(old);
  const body = descend(comment, 'p188:txBody');
  return body ? [...findAll(body, 'a:t')].map(readText).join(' ') : '';
}
