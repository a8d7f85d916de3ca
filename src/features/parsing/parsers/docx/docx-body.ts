import { chartMarkdown } from '../shared/chart.js';
import { markdownLines } from '../shared/markdown-text.js';
import type { OfficePackage, Relationship } from '../shared/ooxml.js';
import { descend, elements, findAll, readText, type XmlElement } from '../shared/xml-tree.js';
import type { Block } from '../shared/blocks.js';
import { InlineReader, alternative, isPlaceholder, type InlineSurroundings } from './docx-inline.js';
import type { DocxNotes } from './docx-notes.js';
import type { ListNumbers } from '../shared/list-numbers.js';
import { readNumbering, outlineLevel, type DocxStyles, type ParagraphStyle } from './docx-styles.js';
import { tableBlocks } from './docx-tables.js';
import type { Omissions, UnreadKind } from '../shared/omissions.js';
import type { RunFormat } from './docx-run-styles.js';

/** Parts that all stories of a document (body, notes, headers) share. */
export interface DocxDocument {
  office: OfficePackage;
  styles: DocxStyles;
  numbering: ListNumbers;
  /** Counts hidden text and decides whether it is kept. */
  hidden: Omissions;
  notes: DocxNotes;
  /** Markdown of imported pieces (`w:altChunk`), by relationship id. */
  imported: Map<string, string>;
}

/** Reads one story of a document: its paragraphs, lists and tables, in order. */
export class DocxStory implements InlineSurroundings {
  private readonly inline = new InlineReader(this);
  private readonly shown = new Set<string>();
  /** Text of a paragraph whose mark was deleted by a tracked change: it goes on in the next one. */
  private carried = '';
  /** Tables and text boxes around: their background is not looked at. */
  private depth = 0;
  private tableStyle: string | undefined;

  constructor(
    private readonly document: DocxDocument,
    private readonly relationships: Map<string, Relationship>,
  ) {}

  /** The blocks of one child of a body, cell, note or text box. */
  read(node: XmlElement): Block[] {
    switch (node.name) {
      case 'w:p':
        return this.paragraph(node);
      case 'w:tbl':
        return this.table(node);
      case 'mc:AlternateContent':
        return this.splitBlocks(alternative(node));
      case 'w:sdt':
        return isPlaceholder(node) ? [] : this.splitBlocks(descend(node, 'w:sdtContent') ?? node);
      case 'w:customXml':
      case 'w:smartTag':
      case 'w:ins':
      case 'w:moveTo':
        return this.splitBlocks(node);
      case 'm:oMathPara':
      case 'm:oMath':
        return this.paragraph({ name: 'w:p', attributes: {}, children: [node] });
      case 'w:altChunk':
        return [{ kind: 'markdown', text: this.document.imported.get(node.attributes['r:id'] ?? '') ?? '' }];
      default:
        return [];
    }
  }

  splitBlocks(container: XmlElement): Block[] {
    const blocks: Block[] = [];
    const carried = this.carried;
    this.carried = '';
    this.depth++;
    for (const child of elements(container)) for (const block of this.read(child)) blocks.push(block);
    this.depth--;
    blocks.push(...this.end());
    this.carried = carried;
    return blocks;
  }

  private table(node: XmlElement): Block[] {
    const before = this.end();
    const around = this.tableStyle;
    this.tableStyle = descend(node, 'w:tblPr', 'w:tblStyle')?.attributes['w:val'];
    const blocks = tableBlocks(node, (cell) => this.splitBlocks(cell), this.document.hidden);
    this.tableStyle = around;
    return [...before, ...blocks];
  }

  /** The remaining blocks if a story ends with a deleted paragraph mark. */
  end(): Block[] {
    const text = this.carried;
    this.carried = '';
    return text.trim() === '' ? [] : [{ kind: 'text', text }];
  }

  get keepsHidden(): boolean {
    return this.document.hidden.keep;
  }

  runFormat(properties: XmlElement | undefined, paragraphStyle: string | undefined): RunFormat {
    return this.document.styles.runs.format(properties, paragraphStyle, this.tableStyle);
  }

  address(id: string | undefined): string | undefined {
    const relationship = id === undefined ? undefined : this.relationships.get(id);
    return relationship?.external ? relationship.target : undefined;
  }

  isCodeRun(style: string | undefined): boolean {
    return this.document.styles.isCodeRun(style);
  }

  noteMark(kind: 'footnote' | 'endnote', id: string): string {
    return this.document.notes.mark(kind, id);
  }

  chart(id: string | undefined): string {
    return this.relatedMarkdown(id, 'chart', chartMarkdown);
  }

  diagram(id: string | undefined): string {
    return this.relatedMarkdown(id, 'picture', diagramMarkdown);
  }

  addUnread(kind: UnreadKind): void {
    this.document.hidden.addUnread(kind);
  }

  /**
   * A related part, the first time it is asked for: a small
   * file could otherwise show a large chart a million times.
   */
  private relatedMarkdown(
    id: string | undefined,
    kind: UnreadKind,
    read: (root: XmlElement) => string,
  ): string {
    if (id !== undefined && this.shown.has(id)) return '';
    const relationship = id === undefined ? undefined : this.relationships.get(id);
    if (id !== undefined) this.shown.add(id);
    const root =
      relationship && !relationship.external ? this.document.office.xml(relationship.target) : null;
    const markdown = root ? read(root) : '';
    if (markdown === '') this.addUnread(kind);
    return markdown;
  }

  private paragraph(node: XmlElement): Block[] {
    const properties = descend(node, 'w:pPr');
    const styleId = descend(properties, 'w:pStyle')?.attributes['w:val'];
    const style = this.document.styles.paragraph(styleId);
    const read = this.inline.read(node);
    const { anchored, comments, onlyMath } = read;
    if (read.hidden) this.document.hidden.add('text');
    if (read.white && this.depth === 0) this.document.hidden.addWhite();
    const text = this.carried + read.text;
    const goesOn = isMarkDeleted(properties) || isDropCap(properties);
    this.carried = goesOn ? text : '';
    if (this.carried !== '' || (read.text === '' && goesOn)) return anchored;
    const place = this.listPlace(properties, style, styleId);
    const remarks = comments.flatMap((id): Block[] => this.document.notes.comment(id));
    return [...own(text, onlyMath, style, place, properties), ...anchored, ...remarks];
  }

  private listPlace(
    properties: XmlElement | undefined,
    style: ParagraphStyle,
    styleId: string | undefined,
  ): ListPlace | null {
    const direct = readNumbering(properties);
    const list = direct?.list || style.numbering?.list || '';
    if (list === '0' || !this.document.numbering.has(list)) {
      return style.bullet === null || list === '0' ? null : { depth: style.bullet, marker: null };
    }
    const depth =
      direct?.level ?? style.numbering?.level ?? this.document.numbering.levelOfStyle(list, styleId);
    return { depth, marker: this.document.numbering.next(list, depth) };
  }
}

interface ListPlace {
  depth: number;
  marker: string | null;
}

/** By a tracked change; the paragraph then goes on in the next one. */
function isMarkDeleted(properties: XmlElement | undefined): boolean {
  const mark = descend(properties, 'w:rPr');
  return descend(mark, 'w:del') !== undefined || descend(mark, 'w:moveFrom') !== undefined;
}

/** The large first letter of a paragraph is a paragraph of its own in the file. */
function isDropCap(properties: XmlElement | undefined): boolean {
  const kind = descend(properties, 'w:framePr')?.attributes['w:dropCap'];
  return kind === 'drop' || kind === 'margin';
}

function own(
  text: string,
  onlyMath: boolean,
  style: ParagraphStyle,
  place: ListPlace | null,
  properties: XmlElement | undefined,
): Block[] {
  if (style.code) return [{ kind: 'code', text }];
  if (text.trim() === '') return [];
  const outline = outlineLevel(properties);
  const level = outline === null ? style.headingLevel : outline < 9 ? outline + 1 : null;
  if (level !== null)
    return [{ kind: 'heading', level, text: place?.marker ? `${place.marker} ${text}` : text }];
  if (place && place.marker !== '') return [{ kind: 'item', depth: place.depth, marker: place.marker, text }];
  if (onlyMath) return [{ kind: 'text', text: displayed(text.trim()) }];
  return [{ kind: 'text', text }];
}

/** A paragraph of one equation is displayed, not inline. */
function displayed(math: string): string {
  const inner = /^\$([^$]+)\$$/.exec(math)?.[1];
  return inner === undefined ? math : `$$${inner}$$`;
}

/** The texts of a SmartArt diagram, one line each. */
export function diagramMarkdown(data: XmlElement): string {
  const lines: string[] = [];
  for (const paragraph of findAll(data, 'a:p')) {
    const text = markdownLines([...findAll(paragraph, 'a:t')].map(readText).join(''));
    if (text !== '') lines.push(`- ${text}`);
  }
  return lines.join('\n');
}
