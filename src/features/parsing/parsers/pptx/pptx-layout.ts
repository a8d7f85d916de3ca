import type { OfficePackage } from '../shared/ooxml.js';
import { descend, elements, findAll, type XmlElement } from '../shared/xml-tree.js';

/** Position of a shape's upper left corner, in EMU. */
export interface Position {
  x: number;
  y: number;
}

interface Placeholder {
  type: string;
  index: string;
  shape: XmlElement;
}

/** Properties that a slide's placeholders inherit from its layout and master: positions and bullets. */
export class SlideLayout {
  private constructor(
    private readonly placeholders: Placeholder[],
    private readonly textStyles: XmlElement | undefined,
  ) {}

  /** Layouts are shared by many slides: `cache` holds them by part name. */
  static forSlide(office: OfficePackage, slide: string, cache: Map<string, SlideLayout>): SlideLayout {
    const layoutPart = related(office, slide, 'slideLayout');
    const known = cache.get(layoutPart ?? '');
    if (known) return known;
    const masterPart = layoutPart === undefined ? undefined : related(office, layoutPart, 'slideMaster');
    const layout = layoutPart === undefined ? null : office.xml(layoutPart);
    const master = masterPart === undefined ? null : office.xml(masterPart);
    const placeholders = [layout, master].flatMap((root) => (root ? listPlaceholders(root) : []));
    const made = new SlideLayout(placeholders, descend(master ?? undefined, 'p:txStyles'));
    cache.set(layoutPart ?? '', made);
    return made;
  }

  /** The position of a shape; the origin if it is not set. */
  position(shape: XmlElement): Position {
    for (const one of [shape, ...this.ancestors(shape)]) {
      const offset =
        descend(one, 'p:spPr', 'a:xfrm', 'a:off') ??
        descend(one, 'p:xfrm', 'a:off') ??
        descend(one, 'p:grpSpPr', 'a:xfrm', 'a:off');
      if (offset) return { x: Number(offset.attributes.x) || 0, y: Number(offset.attributes.y) || 0 };
    }
    return { x: 0, y: 0 };
  }

  /** Width and height of a shape; null if they are not set. */
  extent(shape: XmlElement): { width: number; height: number } | null {
    for (const one of [shape, ...this.ancestors(shape)]) {
      const size =
        descend(one, 'p:spPr', 'a:xfrm', 'a:ext') ??
        descend(one, 'p:xfrm', 'a:ext') ??
        descend(one, 'p:grpSpPr', 'a:xfrm', 'a:ext');
      if (size) return { width: Number(size.attributes.cx) || 0, height: Number(size.attributes.cy) || 0 };
    }
    return null;
  }

  /** Paragraph properties for a level that hold for a shape, nearest first. */
  paragraphProperties(shape: XmlElement, level: number): XmlElement[] {
    const name = `a:lvl${level + 1}pPr`;
    const lists = [shape, ...this.ancestors(shape)].map((one) =>
      descend(one, 'p:txBody', 'a:lstStyle', name),
    );
    const type = readPlaceholder(shape)?.type;
    if (type === 'body') lists.push(descend(this.textStyles, 'p:bodyStyle', name));
    return lists.filter((one): one is XmlElement => one !== undefined);
  }

  private ancestors(shape: XmlElement): XmlElement[] {
    const own = readPlaceholder(shape);
    if (!own) return [];
    const byIndex = this.placeholders.filter((one) => own.index !== '' && one.index === own.index);
    const byType = this.placeholders.filter((one) => one.type === own.type && !byIndex.includes(one));
    return [...byIndex, ...byType].map((one) => one.shape);
  }
}

function related(office: OfficePackage, part: string, type: string): string | undefined {
  return [...office.relationships(part).values()].find(
    (relationship) => relationship.type === type && !relationship.external,
  )?.target;
}

function listPlaceholders(root: XmlElement): Placeholder[] {
  return [...findAll(root, 'p:sp')].flatMap((shape) => {
    const placeholder = readPlaceholder(shape);
    return placeholder ? [{ ...placeholder, shape }] : [];
  });
}

/** The placeholder that a shape fills; null for other shapes. Content placeholders count as `body`. */
export function readPlaceholder(shape: XmlElement): { type: string; index: string } | null {
  for (const child of elements(shape)) {
    const placeholder = descend(child, 'p:nvPr', 'p:ph');
    if (!placeholder) continue;
    const type = placeholder.attributes.type ?? 'obj';
    return { type: type === 'obj' ? 'body' : type, index: placeholder.attributes.idx ?? '' };
  }
  return null;
}
