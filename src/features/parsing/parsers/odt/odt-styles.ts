import type { TextEffects } from '../shared/text-marks.js';
import { descend, elements, findAll, findFirst, type XmlElement } from '../shared/xml-tree.js';

/** Effects of a style, and white letters. */
export interface OdtEffects extends TextEffects {
  white?: boolean;
  /** The font, by the name that the file has for it. */
  font?: string;
}

/** How a level of a list or of the headings is numbered. */
export interface OdtLevel {
  /** `1`, `a`, `A`, `i` or `I`. */
  format: string;
  prefix: string;
  suffix: string;
  start: number;
  /** The numbers of this many levels are shown, the own one last. */
  levels: number;
  /** The whole marker, with `%1%` for the number of the first level. */
  template: string | undefined;
}

interface Style {
  name: string;
  effects: OdtEffects;
  parent: string | undefined;
  list: string | undefined;
}

/** Paragraph, text and list styles of an OpenDocument file, common and automatic. */
export class OdtStyles {
  private readonly styles = new Map<string, Style>();
  /** Styles of sheets and slides that are not shown. */
  private readonly hidden = new Set<string>();
  private readonly drawn = new Map<string, OdtEffects>();
  private readonly lists = new Map<string, XmlElement>();
  private outlineStyle: XmlElement | undefined;

  add(root: XmlElement): void {
    for (const style of findAll(root, 'style:style')) {
      const id = style.attributes['style:name'];
      const family = style.attributes['style:family'] ?? '';
      if (id !== undefined && hides(style)) this.hidden.add(id);
      if (id === undefined || !['paragraph', 'text', 'table-cell'].includes(family)) continue;
      this.styles.set(styleKey(family, id), {
        name: style.attributes['style:display-name'] ?? id,
        effects: readEffects(style),
        parent: parentKey(family, style.attributes['style:parent-style-name']),
        list: style.attributes['style:list-style-name'],
      });
    }
    for (const list of findAll(root, 'text:list-style'))
      this.lists.set(list.attributes['style:name'] ?? '', list);
    this.outlineStyle ??= findFirst(root, 'text:outline-style');
  }

  /** True when sheets or slides of a style are not shown. */
  isHidden(style: string | undefined): boolean {
    return this.hidden.has(style ?? '');
  }

  /** How a style draws text, with all it is based on. */
  effects(family: 'paragraph' | 'text' | 'table-cell', style: string | undefined): OdtEffects {
    if (style === undefined) return {};
    const key = styleKey(family, style);
    const known = this.drawn.get(key);
    if (known) return known;
    const chain: OdtEffects[] = [];
    for (
      let at: string | undefined = key;
      at !== undefined && chain.length < 20;
      at = this.styles.get(at)?.parent
    )
      chain.unshift(this.styles.get(at)?.effects ?? {});
    const merged = Object.assign({}, ...chain) as OdtEffects;
    this.drawn.set(key, merged);
    return merged;
  }

  isTitle(style: string | undefined): boolean {
    return this.names(style).some((name) => /^title$/i.test(name));
  }

  /** The level of a heading that is a plain paragraph with a style of headings; null for other paragraphs. */
  headingLevel(style: string | undefined): number | null {
    for (const name of this.names(style)) {
      const level = /^(?:heading|überschrift|titre)[ _](?:20_)?([1-9])$/i.exec(name)?.[1];
      if (level !== undefined) return Number(level);
    }
    return null;
  }

  isCode(style: string | undefined): boolean {
    return this.names(style).some((name) =>
      /^(preformatted[ _](?:20_)?text|source ?code|code)$/i.test(name.replaceAll('_20_', ' ')),
    );
  }

  /** How a list numbers one of its levels (1 is the highest); null for bullets. */
  numbering(list: string | undefined, level: number): OdtLevel | null {
    const style = this.lists.get(list ?? '');
    const found = elements(style).find((one) => Number(one.attributes['text:level']) === level);
    return found?.name === 'text:list-level-style-number' ? readLevel(found) : null;
  }

  /** How headings of a level (1 is the highest) are numbered; null for headings without a number. */
  outline(level: number): OdtLevel | null {
    const found = elements(this.outlineStyle).find((one) => Number(one.attributes['text:level']) === level);
    return found ? readLevel(found) : null;
  }

  private names(style: string | undefined): string[] {
    const names: string[] = [];
    for (let at = style; at !== undefined && names.length < 20; at = this.styles.get(at)?.parent)
      names.push(this.styles.get(at)?.name ?? at);
    return names;
  }
}

function readLevel(level: XmlElement): OdtLevel | null {
  const { attributes } = level;
  const format = attributes['style:num-format'] ?? '';
  if (format === '') return null;
  return {
    format,
    prefix: attributes['style:num-prefix'] ?? '',
    suffix: attributes['style:num-suffix'] ?? '',
    start: Number(attributes['text:start-value'] ?? 1) || 1,
    levels: Number(attributes['text:display-levels'] ?? 1) || 1,
    template: attributes['loext:num-list-format'],
  };
}

function hides(style: XmlElement): boolean {
  const sheet = descend(style, 'style:table-properties')?.attributes['table:display'];
  const slide = descend(style, 'style:drawing-page-properties')?.attributes['presentation:visibility'];
  return sheet === 'false' || slide === 'hidden';
}

/** Styles of several families may bear one name. */
function styleKey(family: string, id: string): string {
  return family === 'paragraph' ? id : `${family}\0${id}`;
}

function parentKey(family: string, parent: string | undefined): string | undefined {
  return parent === undefined ? undefined : styleKey(family, parent);
}

function readEffects(style: XmlElement): OdtEffects {
  const properties = descend(style, 'style:text-properties')?.attributes;
  if (!properties) return {};
  const effects: OdtEffects = {};
  const position = properties['style:text-position'];
  if (position !== undefined) {
    effects.raised = /^super|^[1-9]/.test(position);
    effects.lowered = /^sub|^-[1-9]/.test(position);
  }
  const line = properties['style:text-line-through-style'] ?? properties['style:text-line-through-type'];
  if (line !== undefined) effects.struck = line !== 'none';
  const font = properties['style:font-name'];
  if (font !== undefined) effects.font = font;
  const colour = properties['fo:color'];
  const background =
    properties['fo:background-color'] ??
    (descend(style, 'style:paragraph-properties') ?? descend(style, 'style:table-cell-properties'))
      ?.attributes['fo:background-color'];
  if (colour !== undefined) effects.white = /^#f{6}$/i.test(colour);
  if (background !== undefined && !/^(?:transparent|#f{6})$/i.test(background)) effects.white = false;
  if (properties['text:display'] !== undefined) effects.hidden = properties['text:display'] === 'none';
  return effects;
}

/** Rows or columns that one element stands for; empty ones at a sheet's end claim millions. */
export function repeated(element: XmlElement, attribute: string, most: number): number {
  const count = Number(element.attributes[attribute] ?? 1);
  return Number.isInteger(count) && count > 0 ? Math.min(count, most) : 1;
}

/** The author of an annotation. */
export function findCreator(annotation: XmlElement): XmlElement | undefined {
  return descend(annotation, 'dc:creator');
}
