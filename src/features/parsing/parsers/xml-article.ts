import { renderBlocks, type Block } from './shared/blocks.js';
import { oneLine } from './shared/markdown-text.js';
import { descend, elements, findAll, findFirst, readText, type XmlElement } from './shared/xml-tree.js';
import { maxColumns, maxRepeated } from './shared/table-limits.js';
import { inline } from './xml-inline.js';

/**
 * Vocabularies whose documents are articles: JATS, DocBook,
 * and patents of the US office, by the name of their root.
 */
const roots = new Set(
  'article book us-patent-grant us-patent-application patent-application-publication PATDOC'.split(' '),
);
const sections = new Set(
  'sec section sect1 sect2 sect3 sect4 sect5 chapter appendix app boxed-text notes fn-group glossary'.split(
    ' ',
  ),
);
const named = new Map([
  ['abstract', 'Abstract'],
  ['SDOAB', 'Abstract'],
  ['subdoc-abstract', 'Abstract'],
  ['claims', 'Claims'],
  ['SDOCL', 'Claims'],
  ['subdoc-claims', 'Claims'],
  ['ack', 'Acknowledgments'],
  ['ref-list', 'References'],
]);
const paragraphs = new Set(
  'p para simpara PARA paragraph claim-text PTEXT verse-line disp-formula attrib'.split(' '),
);
const headings = new Set('title heading H'.split(' '));
const items = new Set('list-item listitem ref claim CLM li'.split(' '));
/** What has a number and a title of its own, without being a section. */
const captioned = /^(?:table-wrap|fig|figure|supplementary-material)$/;
const skipped = new Set(
  'front journal-meta article-meta us-bibliographic-data-grant us-bibliographic-data-application subdoc-bibliographic-information SDOBI drawings SDODR graphic object-id label inline-graphic article-info'.split(
    ' ',
  ),
);

/**
 * An article or patent with its title, sections, lists, tables
 * and references as Markdown; null for other documents.
 */
export function articleMarkdown(root: XmlElement): { markdown: string; title: string | null } | null {
  if (!roots.has(root.name)) return null;
  const title = oneLine(readText(findTitle(root)));
  const blocks: Block[] = title === '' ? [] : [{ kind: 'heading', level: 0, text: title }];
  const people = listPeople(root);
  if (people !== '') blocks.push({ kind: 'text', text: people });
  const places = listAffiliations(root);
  if (places !== '') blocks.push({ kind: 'text', text: places });
  const meta = descend(root, 'front', 'article-meta');
  for (const abstract of elements(meta, 'abstract')) new Walker(blocks).section(abstract, 1);
  new Walker(blocks).children(root, 1);
  return blocks.length < 2 ? null : { markdown: renderBlocks(blocks), title: title || null };
}

function findTitle(root: XmlElement): XmlElement | undefined {
  return (
    findFirst(descend(root, 'front', 'article-meta'), 'article-title') ??
    findFirst(root, 'invention-title') ??
    findFirst(root, 'title-of-invention') ??
    findFirst(root, 'B540') ??
    findFirst(root, 'title')
  );
}

function listPeople(root: XmlElement): string {
  const group = descend(root, 'front', 'article-meta', 'contrib-group');
  const names = elements(group, 'contrib').map((contrib) => {
    const name = descend(contrib, 'name') ?? findFirst(contrib, 'name');
    return oneLine(`${readText(descend(name, 'given-names'))} ${readText(descend(name, 'surname'))}`);
  });
  return names.filter(Boolean).join(', ');
}

/** Where the authors work, each place once. */
function listAffiliations(root: XmlElement): string {
  const meta = descend(root, 'front', 'article-meta');
  const authors = elements(meta, 'contrib-group').filter((group) =>
    elements(group, 'contrib').every(
      ({ attributes }) => (attributes['contrib-type'] ?? 'author') === 'author',
    ),
  );
  const places = [...authors.flatMap((group) => [...findAll(group, 'aff')]), ...elements(meta, 'aff')];
  const texts = places
    .filter(({ attributes }) => attributes.id?.startsWith('edit') !== true)
    .map((place) => oneLine(affiliation(place)).replace(/ (?=[,;])/g, ''));
  return [...new Set(texts)].filter(Boolean).join('; ');
}

/** Institution, town and country are elements of their own, often without a sign between them. */
function affiliation(node: XmlElement): string {
  let text = '';
  for (const child of node.children) {
    if (typeof child === 'string') text += child.replace(/\s+/g, ' ');
    else if (!/^(?:label|institution-id|sup|email|ext-link)$/.test(child.name)) {
      const inner = elements(child).length > 0 ? affiliation(child) : readText(child);
      text += (inner !== '' && /[^\s,;:(]$/.test(text) ? ', ' : '') + inner;
    }
  }
  return text;
}

class Walker {
  private repeated = 0;

  constructor(private readonly blocks: Block[]) {}

  children(parent: XmlElement, level: number): void {
    for (const child of elements(parent)) this.read(child, level);
  }

  section(node: XmlElement, level: number): void {
    const title = descend(node, 'title') ? '' : (named.get(node.name) ?? '');
    if (title !== '') this.blocks.push({ kind: 'heading', level, text: title });
    const label = oneLine(readText(descend(node, 'label')));
    for (const child of elements(node))
      if (child.name === 'title') this.heading(child, level, label);
      else this.read(child, level + 1);
  }

  private read(node: XmlElement, level: number): void {
    if (skipped.has(node.name)) return;
    if (sections.has(node.name) || named.has(node.name)) return this.section(node, level);
    if (headings.has(node.name)) return this.heading(node, level);
    if (items.has(node.name)) return this.item(node);
    if (captioned.test(node.name)) return this.captioned(node, level);
    if (node.name === 'table' || node.name === 'tgroup') return this.table(node);
    if (paragraphs.has(node.name)) return this.paragraph(node, level);
    this.children(node, level);
  }

  /** @param label the number of the section, which stands beside its title */
  private heading(node: XmlElement, level: number, label = ''): void {
    const title = oneLine(inline(node));
    const text = label === '' || title === '' || title.startsWith(label) ? title : `${label} ${title}`;
    const own = Number(node.attributes.level ?? node.attributes.LVL ?? NaN);
    if (
      text !== '' &&
      this.blocks.every((block) => block.kind !== 'heading' || block.level > 0 || block.text !== text)
    )
      this.blocks.push({ kind: 'heading', level: own >= 1 && own <= 6 ? own : level, text });
  }

  /** Tables, lists and formulas may be within a paragraph. */
  private paragraph(node: XmlElement, level: number): void {
    const apart: XmlElement[] = [];
    const text = oneLine(inline(node, apart));
    if (text !== '') this.blocks.push({ kind: 'text', text });
    for (const one of apart) this.read(one, level);
  }

  private item(node: XmlElement): void {
    const label = readText(descend(node, 'label')).trim();
    const number = /^\d{1,4}\.?$/.test(label)
      ? label
      : (/^\d+$/.exec(node.attributes.num?.replace(/^0+/, '') ?? '')?.[0] ?? null);
    const text = oneLine(inline(node));
    if (text !== '')
      this.blocks.push({ kind: 'item', depth: 0, marker: number, text: text.replace(/^\d+ ?\. (?=\S)/, '') });
  }

  private captioned(node: XmlElement, level: number): void {
    const caption = [descend(node, 'label'), descend(node, 'caption'), descend(node, 'title')];
    const text = oneLine(caption.map((one) => (one ? inline(one) : '')).join(' '));
    if (text !== '') this.blocks.push({ kind: 'text', text });
    for (const child of elements(node))
      if (!['label', 'caption', 'title'].includes(child.name)) this.read(child, level);
  }

  private table(node: XmlElement): void {
    const rows: string[][] = [];
    const open = new Map<number, { text: string; rows: number }>();
    for (const row of findAll(node, 'tr')) rows.push(this.row(row, open, new Map()));
    for (const group of node.name === 'tgroup' ? [node] : findAll(node, 'tgroup')) {
      const names = columnNames(group);
      open.clear();
      for (const row of findAll(group, 'row')) rows.push(this.row(row, open, names));
    }
    if (rows.some((row) => row.some((text) => text !== ''))) this.blocks.push({ kind: 'table', rows });
  }

  private row(
    row: XmlElement,
    open: Map<number, { text: string; rows: number }>,
    names: ReadonlyMap<string, number>,
  ): string[] {
    const cells: string[] = [];
    const above = (): void => {
      for (let held = open.get(cells.length); held; held = open.get(cells.length)) {
        if (--held.rows <= 0) open.delete(cells.length);
        cells.push(this.repeat(held.text));
      }
    };
    const own = elements(row).filter(({ name }) => /^(?:td|th|entry)$/.test(name));
    for (const cell of own) {
      above();
      const text = oneLine(inline(cell));
      const { colspan, rowspan, morerows, namest, nameend, colname } = cell.attributes;
      const from = names.get(namest ?? colname ?? '') ?? 0;
      while (cells.length < from) cells.push('');
      const columns = Number(colspan) || (names.get(nameend ?? '') ?? from) - from + 1;
      const rows = Math.min(1_000, Number(rowspan ?? 1) || 1) + (Number(morerows ?? 0) || 0);
      for (let i = 0; i < Math.min(maxColumns, Math.max(1, columns)); i++) {
        if (rows > 1) open.set(cells.length, { text, rows: rows - 1 });
        // the only cell of a row heads the rows below: once is enough
        cells.push(i === 0 ? text : own.length === 1 ? '' : this.repeat(text));
      }
    }
    above();
    return cells;
  }

  private repeat(text: string): string {
    this.repeated += text.length;
    return this.repeated > maxRepeated ? '' : text;
  }
}

/** Places of the columns that a group of CALS rows names. */
function columnNames(group: XmlElement): Map<string, number> {
  const names = new Map<string, number>();
  for (const { attributes } of elements(group, 'colspec').slice(0, maxColumns))
    names.set(attributes.colname ?? `${names.size}`, names.size);
  return names;
}
