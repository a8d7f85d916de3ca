import { isSmallPicture } from '../shared/pictures.js';
import { inReadingOrder } from '../shared/reading-order.js';
import { elements, type XmlElement } from '../shared/xml-tree.js';

/** True for a shape that its file hides; newer versions of LibreOffice write so under a name of their own. */
export function isHiddenShape({ attributes }: XmlElement): boolean {
  return (attributes['draw:display'] ?? attributes['drawooo:display']) === 'none';
}

export function isSmallFrame({ attributes }: XmlElement): boolean {
  return isSmallPicture(emuOf(attributes['svg:width']), emuOf(attributes['svg:height']));
}

/** Deeper groups stand where they are in the file. */
const maxGroups = 20;

/** The shapes of a slide or group as they are read, with groups as a whole. */
export function sortedShapes(shapes: readonly XmlElement[], depth = 0): XmlElement[] {
  const inner = shapes.map((shape) =>
    shape.name === 'draw:g' && depth < maxGroups
      ? { ...shape, children: sortedShapes(elements(shape), depth + 1) }
      : shape,
  );
  return inReadingOrder(inner, corner);
}

function corner(shape: XmlElement): { x: number; y: number } {
  // the shapes of a group are in order: the first ones stand at its top
  const own = shape.name === 'draw:g' ? elements(shape).map(corner) : [];
  if (own.length > 0) return { x: Math.min(...own.map(({ x }) => x)), y: Math.min(...own.map(({ y }) => y)) };
  const { attributes } = shape;
  const place = (at: string): number =>
    Number(emuOf(attributes[`svg:${at}`]) ?? emuOf(attributes[`svg:${at}1`]) ?? 0);
  return { x: place('x'), y: place('y') };
}

function emuOf(length: string | undefined): string | undefined {
  const [, number, unit = ''] = /^(-?[\d.]+)(cm|mm|in|pt)$/.exec(length ?? '') ?? [];
  const perUnit = { cm: 360_000, mm: 36_000, in: 914_400, pt: 12_700 }[unit];
  return perUnit === undefined ? undefined : String(Number(number) * perUnit);
}
