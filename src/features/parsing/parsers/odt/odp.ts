import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { cellText, renderBlocks, type Block } from '../shared/blocks.js';
import { Omissions } from '../shared/omissions.js';
import { heading, joinBlocks, oneLine } from '../shared/markdown-text.js';
import { resolveMarks } from '../shared/text-marks.js';
import { elements, parseXml, type XmlElement } from '../shared/xml-tree.js';
import { OdtStory } from './odt-body.js';
import { sortedShapes } from './odt-frames.js';
import { OdtObjects } from './odt-objects.js';
import { metaTitle, openDocument, openStyles } from './odt-package.js';
import type { OdtStyles } from './odt-styles.js';

const maxTitleLength = 120;
const furniture = /^(?:date-time|footer|header|page-number|page)$/;

/** OpenDocument presentations: a part for each slide, its title first, with speaker notes. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const { zip, content } = openDocument(await readFile(source.path));
  const hidden = new Omissions(source.includeHidden ?? false);
  const styles = openStyles(zip, content);
  const story = new OdtStory(styles, new OdtObjects(zip), hidden, false);
  const parts: ParsedPart[] = [];
  let pages = 0;
  let firstTitle: string | null = null;
  const take = (slide: XmlElement): void => {
    if (slide.name !== 'draw:page') return;
    pages++;
    const { title, markdown } = readSlide(slide, pages, story, styles, hidden);
    firstTitle ??= title;
    if (markdown !== null) parts.push({ kind: 'slide', page: pages, label: null, markdown });
  };
  parseXml(content, { doctype: true, stream: { parent: 'office:presentation', take } });
  if (parts.every((part) => part.markdown === '')) throw new Problem('no_text_content');
  source.progress(pages, pages);
  return { title: metaTitle(zip) ?? firstTitle, language: null, pages, parts, warnings: hidden.warnings() };
}

function readSlide(
  slide: XmlElement,
  page: number,
  story: OdtStory,
  styles: OdtStyles,
  hidden: Omissions,
): { title: string | null; markdown: string | null } {
  const isHidden = styles.isHidden(slide.attributes['draw:style-name']);
  if (isHidden) hidden.add('slide', { page });
  if (isHidden && !hidden.keep) return { title: null, markdown: null };
  const shapes = elements(slide).filter(
    ({ name, attributes }) =>
      name !== 'presentation:notes' && !furniture.test(attributes['presentation:class'] ?? ''),
  );
  const titled = titleShape(shapes, story);
  const title =
    (titled ? oneLine(resolveMarks(cellText(story.read(titled)))) : '') ||
    givenName(slide.attributes['draw:name']);
  const rest = sortedShapes(shapes.filter((shape) => shape !== titled));
  const blocks: Block[] = rest.flatMap((shape) => story.read(shape));
  const markdown = joinBlocks([
    isHidden ? '[hidden slide]' : '',
    heading(1, title),
    renderBlocks(blocks),
    ...listNotes(slide, story),
  ]);
  return { title: title || null, markdown: resolveMarks(markdown) };
}

/** The name that someone gave to a slide; programs number the others (`page3`, `Folie 3`). */
function givenName(name = ''): string {
  return /^\p{L}{0,20}[ _.-]?\d{0,6}$/u.test(name.trim()) ? '' : oneLine(name);
}

/** Slides of other programs have no classes: a short line at the top is the title then. */
function titleShape(shapes: XmlElement[], story: OdtStory): XmlElement | undefined {
  const [first] = shapes;
  const classed = shapes.find((shape) => shape.attributes['presentation:class'] === 'title');
  if (classed || !first || shapes.some((shape) => shape.attributes['presentation:class'])) return classed;
  const blocks = story.read(first);
  const text = cellText(blocks);
  return blocks.length === 1 && blocks[0]?.kind === 'text' && text.length <= maxTitleLength
    ? first
    : undefined;
}

function listNotes(slide: XmlElement, story: OdtStory): string[] {
  return elements(slide, 'presentation:notes').flatMap((notes) => {
    const frames = elements(notes, 'draw:frame').filter((frame) =>
      ['notes', undefined].includes(frame.attributes['presentation:class']),
    );
    const text = renderBlocks(frames.flatMap((frame) => story.read(frame)));
    return text === '' ? [] : [`Notes: ${text}`];
  });
}
