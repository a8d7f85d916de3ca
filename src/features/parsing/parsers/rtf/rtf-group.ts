import type { TextEffects } from '../shared/text-marks.js';
import { plainEffects, type RtfEffects } from './rtf-effects.js';
import type { Destination } from './rtf-words.js';

/** The state between a pair of braces. */
export interface Group extends RtfEffects {
  destination: Destination;
  /** Characters that replace a `\u` one for old readers; they are skipped. */
  fallback: number;
  encoding: string | null;
  font: number;
  /** Text that the surrounding destination had collected. */
  resume: string;
  /** Effects that the style of the paragraph sets. */
  styled: Partial<RtfEffects>;
  /** White letters, and letters on a background. */
  white: boolean;
  shaded: boolean;
  /** The text of a shape that is not drawn. */
  inHiddenShape: boolean;
}

export const firstGroup: Readonly<Group> = {
  ...plainEffects,
  destination: 'body',
  fallback: 1,
  encoding: null,
  font: -1,
  resume: '',
  styled: {},
  white: false,
  shaded: false,
  inHiddenShape: false,
};

/** How text is drawn: by the group itself, else by the style of the paragraph. */
export function readEffects({ styled, ...group }: Group): TextEffects {
  const position = group.position === 'line' ? styled.position : group.position;
  return {
    raised: position === 'raised',
    lowered: position === 'lowered',
    struck: group.struck || (styled.struck ?? false),
    hidden: group.inHiddenShape || group.hidden || (styled.hidden ?? false),
  };
}

/** A switch that is turned off wins over the style of the paragraph. */
export function overrideStyle(group: Group, word: string, value: number | null): void {
  if (value !== 0) return;
  if (word === 'v') group.styled = { ...group.styled, hidden: false };
  else if (word === 'strike') group.styled = { ...group.styled, struck: false };
}

/** @param property of a shape, its name and its value */
export function hideShape(shape: Group, property: string): void {
  if (/^fHidden\s*1$/.test(property.trim())) shape.inHiddenShape = true;
}

/** True where a destination that opens in a group is no part of the document. */
export const refuses = ({ destination, deleted }: Group, opened: Destination): boolean =>
  destination === 'property' || (opened === 'note' && deleted);
