import { isSmallPicture } from '../shared/pictures.js';
import type { XmlElement } from '../shared/xml-tree.js';

/** True for a shape that its file hides; newer versions of LibreOffice write so under a name of their own. */
export function isHiddenShape({ attributes }: XmlElement): boolean {
  return (attributes['draw:display'] ?? attributes['drawooo:display']) === 'none';
}

export function isSmallFrame({ attributes }: XmlElement): boolean {
  return isSmallPicture(emuOf(attributes['svg:width']), emuOf(attributes['svg:height']));
}

function emuOf(length: string | undefined): string | undefined {
  const [, number, unit = ''] = /^([\d.]+)(cm|mm|in|pt)$/.exec(length ?? '') ?? [];
  const perUnit = { cm: 360_000, mm: 36_000, in: 914_400, pt: 12_700 }[unit];
  return perUnit === undefined ? undefined : String(Number(number) * perUnit);
}
