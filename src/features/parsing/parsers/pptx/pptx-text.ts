import { link } from '../shared/markdown-text.js';
import { ommlToLatex } from '../shared/omml.js';
import { withEffects, type TextEffects } from '../shared/text-marks.js';
import { descend, elements, findFirst, readText, type XmlElement } from '../shared/xml-tree.js';
import type { Block } from '../shared/blocks.js';
import { alternative } from '../docx/docx-inline.js';
import type { Marker } from '../shared/list-numbers.js';

/**
 * Finds the paragraph properties that hold for a level where
 * the paragraph itself says nothing: shape, layout, master.
 */
export type InheritedProperties = (level: number) => XmlElement[];

export type AddressOf = (relationshipId: string | undefined) => string | undefined;

/**
 * The text of a DrawingML text body (`p:txBody`, `a:txBody`):
 * paragraphs, and list items where the slide shows bullets.
 */
export function bodyBlocks(
  body: XmlElement,
  findAddress: AddressOf,
  inherited: InheritedProperties,
): Block[] {
  const blocks: Block[] = [];
  const counters: number[] = [];
  for (const paragraph of elements(body, 'a:p')) {
    const properties = descend(paragraph, 'a:pPr');
    const depth = Math.min(8, Math.max(0, Number(properties?.attributes.lvl ?? 0) || 0));
    const around = inherited(depth);
    const text = paragraphText(paragraph, findAddress, around);
    if (text.trim() === '') continue;
    const marker = readMarker([...(properties ? [properties] : []), ...around], depth, counters);
    blocks.push(marker === undefined ? { kind: 'text', text } : { kind: 'item', depth, marker, text });
  }
  return blocks;
}

/**
 * The text of one paragraph (`a:p`), links and equations included.
 * @param inherited paragraph properties whose run properties hold where a run sets none, nearest first
 */
export function paragraphText(
  paragraph: XmlElement,
  findAddress: AddressOf,
  inherited: XmlElement[] = [],
): string {
  let text = '';
  const defaults = inherited.flatMap((one) => elements(one, 'a:defRPr'));
  for (const node of elements(paragraph)) text += inlineText(node, findAddress, defaults);
  return text;
}

function inlineText(node: XmlElement, findAddress: AddressOf, defaults: XmlElement[]): string {
  switch (node.name) {
    case 'a:r': {
      const text = withEffects(readText(descend(node, 'a:t')), readEffects(descend(node, 'a:rPr'), defaults));
      const address = findAddress(descend(node, 'a:rPr', 'a:hlinkClick')?.attributes['r:id']);
      return address === undefined ? text : link(text, address);
    }
    case 'a:fld':
      return withEffects(readText(descend(node, 'a:t')), readEffects(descend(node, 'a:rPr'), defaults));
    case 'a:br':
      return '\n';
    case 'mc:AlternateContent':
      return elements(alternative(node))
        .map((child) => inlineText(child, findAddress, defaults))
        .join('');
    default: {
      const math = node.name === 'm:oMath' ? node : findFirst(node, 'm:oMath');
      return math ? ` $${ommlToLatex(math)}$ ` : '';
    }
  }
}

function readEffects(properties: XmlElement | undefined, defaults: XmlElement[]): TextEffects {
  const set = (name: string): string | undefined =>
    [properties, ...defaults].find((one) => one?.attributes[name] !== undefined)?.attributes[name];
  const [baseline = '0', strike = 'noStrike'] = [set('baseline'), set('strike')];
  const shift = parseFloat(baseline);
  return { raised: shift > 0, lowered: shift < 0, struck: strike !== 'noStrike' };
}

/**
 * `3.` for a paragraph that shows a number, null for a bullet,
 * undefined for neither. Counts in `counters`, by level.
 */
function readMarker(properties: XmlElement[], level: number, counters: number[]): Marker | undefined {
  for (const one of properties) {
    for (const bullet of elements(one)) {
      if (bullet.name === 'a:buNone') {
        counters.length = 0;
        return undefined;
      }
      if (bullet.name === 'a:buChar' || bullet.name === 'a:buBlip') {
        counters.length = level;
        return null;
      }
      if (bullet.name === 'a:buAutoNum') {
        const start = Number(bullet.attributes.startAt ?? 1) || 1;
        const next = (counters[level] ?? start - 1) + 1;
        counters.length = level;
        counters[level] = next;
        return `${next}.`;
      }
    }
  }
  counters.length = 0;
  return undefined;
}
