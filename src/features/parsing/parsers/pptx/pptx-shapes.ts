import { chartMarkdown } from '../shared/chart.js';
import { markdownTable } from '../shared/markdown-table.js';
import { heading, joinBlocks, oneLine } from '../shared/markdown-text.js';
import type { OfficePackage, Relationship } from '../shared/ooxml.js';
import { descend, elements, findAll, findFirst, readText, type XmlElement } from '../shared/xml-tree.js';
import { cellText, renderBlocks } from '../shared/blocks.js';
import { diagramMarkdown } from '../docx/docx-body.js';
import { alternative } from '../docx/docx-inline.js';
import type { Omissions, UnreadKind } from '../shared/omissions.js';
import { isSmallPicture, pictureText } from '../shared/pictures.js';
import { inReadingOrder } from '../shared/reading-order.js';
import { marked } from '../shared/text-marks.js';
import { readPlaceholder, type SlideLayout } from './pptx-layout.js';
import { bodyBlocks, paragraphText } from './pptx-text.js';
import { maxColumns, maxRepeat, maxRepeated } from '../shared/table-limits.js';

/** Filled in by the application on every slide. */
const furniture = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

/**
 * Turns the shapes of one slide into Markdown: the title
 * first, then the rest as a reader's eye goes, top to bottom.
 */
export class SlideReader {
  private readonly shown = new Set<string>();
  private repeated = 0;

  constructor(
    private readonly office: OfficePackage,
    private readonly relationships: Map<string, Relationship>,
    private readonly layout: SlideLayout,
    private readonly hidden: Omissions,
    private readonly page: number,
    /** Null if the file does not say it. */
    private readonly slideSize: { width: number; height: number } | null,
  ) {}

  read(tree: XmlElement): { title: string | null; markdown: string } {
    const shapes = this.ordered(tree);
    const titled = shapes.find((shape) => isTitle(shape) && !isHidden(shape) && this.plainText(shape) !== '');
    const title = titled ? this.plainText(titled) : null;
    const rest = shapes.filter((shape) => shape !== titled).map((shape) => this.shape(shape));
    return { title, markdown: joinBlocks([title === null ? '' : heading(1, title), ...rest]) };
  }

  private ordered(container: XmlElement): XmlElement[] {
    return inReadingOrder(this.listShapes(container), (shape) => this.layout.position(shape));
  }

  private listShapes(container: XmlElement): XmlElement[] {
    return elements(container).flatMap((child) => {
      if (child.name === 'mc:AlternateContent') return this.listShapes(alternative(child));
      return ['p:sp', 'p:grpSp', 'p:graphicFrame', 'p:pic', 'p:cxnSp'].includes(child.name) ? [child] : [];
    });
  }

  private shape(shape: XmlElement, inGroup = false): string {
    if (!isHidden(shape) && (inGroup || !this.isOutside(shape))) return this.visible(shape);
    // pictures beside the slide lack nothing
    if (!isHidden(shape) && ![...findAll(shape, 'a:t')].some((run) => readText(run).trim() !== '')) return '';
    this.hidden.add('shape');
    return this.hidden.keep ? marked('hidden', this.visible(shape)) : '';
  }

  /** True for a shape beside the slide, where notes and leftovers are kept that no one is shown. */
  private isOutside(shape: XmlElement): boolean {
    const size = this.layout.extent(shape);
    if (!this.slideSize || !size) return false;
    const { x, y } = this.layout.position(shape);
    const { width, height } = this.slideSize;
    return x + size.width <= 0 || y + size.height <= 0 || x >= width || y >= height;
  }

  private visible(shape: XmlElement): string {
    switch (shape.name) {
      case 'p:grpSp':
        return joinBlocks(this.ordered(shape).map((child) => this.shape(child, true)));
      case 'p:graphicFrame':
        return this.frame(shape);
      case 'p:pic':
        return this.picture(shape);
      default:
        return this.textShape(shape);
    }
  }

  private textShape(shape: XmlElement): string {
    const body = descend(shape, 'p:txBody');
    if (!body || furniture.has(readPlaceholder(shape)?.type ?? '')) return '';
    if (isTitle(shape)) return heading(1, this.plainText(shape));
    const levels = new Map<number, XmlElement[]>();
    const inherited = (level: number): XmlElement[] => {
      const known = levels.get(level) ?? this.layout.paragraphProperties(shape, level);
      levels.set(level, known);
      return known;
    };
    return renderBlocks(bodyBlocks(body, this.findAddress, inherited));
  }

  private plainText(shape: XmlElement): string {
    const paragraphs = elements(descend(shape, 'p:txBody'), 'a:p');
    return oneLine(paragraphs.map((paragraph) => paragraphText(paragraph, () => undefined)).join(' '));
  }

  private frame(frame: XmlElement): string {
    const data = descend(frame, 'a:graphic', 'a:graphicData');
    if (!data) return '';
    const table = descend(data, 'a:tbl');
    if (table) return markdownTable(this.tableRows(table));
    const chart = this.related((descend(data, 'c:chart') ?? descend(data, 'cx:chart'))?.attributes['r:id']);
    const diagram = chart ? null : this.related(descend(data, 'dgm:relIds')?.attributes['r:dm']);
    const text = chart ? chartMarkdown(chart) : diagram ? diagramMarkdown(diagram) : '';
    if (text === '') this.hidden.addUnread(unreadKind(data), this.page);
    return text;
  }

  private picture(shape: XmlElement): string {
    const text = pictureText(findFirst(shape, 'p:cNvPr')?.attributes.descr);
    const size = descend(shape, 'p:spPr', 'a:xfrm', 'a:ext')?.attributes;
    if (text === '' && !isSmallPicture(size?.cx, size?.cy)) this.hidden.addUnread('picture', this.page);
    return text;
  }

  /** Merged cells repeat their text, so that each row can be understood alone. */
  private tableRows(table: XmlElement): string[][] {
    const rows: string[][] = [];
    for (const row of elements(table, 'a:tr')) {
      const cells: string[] = [];
      for (const cell of elements(row, 'a:tc').slice(0, maxColumns)) {
        const { hMerge, vMerge } = cell.attributes;
        const text = this.cellText(cell);
        if (text === '' && isSet(hMerge)) cells.push(this.repeat(cells.at(-1)));
        else if (text === '' && isSet(vMerge)) cells.push(this.repeat(rows.at(-1)?.[cells.length]));
        else cells.push(text);
      }
      rows.push(cells);
    }
    return rows;
  }

  private repeat(text = ''): string {
    if (text.length > maxRepeat || this.repeated > maxRepeated) return '';
    this.repeated += text.length;
    return text;
  }

  private cellText(cell: XmlElement): string {
    const body = descend(cell, 'a:txBody');
    return body ? cellText(bodyBlocks(body, this.findAddress, () => [])) : '';
  }

  /**
   * A related part, the first time it is asked for: a small
   * file could otherwise show a large chart a million times.
   */
  private related(id: string | undefined): XmlElement | null {
    const relationship = id === undefined || this.shown.has(id) ? undefined : this.relationships.get(id);
    if (id !== undefined) this.shown.add(id);
    return relationship && !relationship.external ? this.office.xml(relationship.target) : null;
  }

  private readonly findAddress = (id: string | undefined): string | undefined => {
    const relationship = id === undefined ? undefined : this.relationships.get(id);
    return relationship?.external ? relationship.target : undefined;
  };
}

/** The paragraphs of a notes page's body. */
export function notesText(root: XmlElement): string {
  const bodies = [...findAll(root, 'p:sp')].filter((shape) => readPlaceholder(shape)?.type === 'body');
  const texts = bodies.map((shape) => {
    const body = descend(shape, 'p:txBody');
    const nothing = () => undefined;
    return body ? renderBlocks(bodyBlocks(body, nothing, () => [])) : '';
  });
  return joinBlocks(texts);
}

/** Taken off the slide in the selection pane. */
function isHidden(shape: XmlElement): boolean {
  return elements(shape).some((child) => isSet(descend(child, 'p:cNvPr')?.attributes.hidden));
}

function isTitle(shape: XmlElement): boolean {
  const type = readPlaceholder(shape)?.type;
  return shape.name === 'p:sp' && (type === 'title' || type === 'ctrTitle');
}

function unreadKind(data: XmlElement): UnreadKind {
  if (elements(data).some((child) => /^(?:c|cx):chart$/.test(child.name))) return 'chart';
  return descend(data, 'dgm:relIds') ? 'picture' : 'object';
}

function isSet(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
