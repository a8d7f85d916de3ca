/** How the text of a group is drawn. */
export interface RtfEffects {
  hidden: boolean;
  /** By a tracked change. */
  deleted: boolean;
  struck: boolean;
  position: 'raised' | 'lowered' | 'line';
}

export const plainEffects: RtfEffects = { hidden: false, deleted: false, struck: false, position: 'line' };

/** Control words for how text is drawn; false for all others. */
export function applyEffect(group: RtfEffects, word: string, value: number | null): boolean {
  switch (word) {
    case 'v':
      group.hidden = value !== 0;
      return true;
    case 'deleted':
    case 'mvf':
      group.deleted = value !== 0;
      return true;
    case 'strike':
    case 'striked':
      group.struck = value !== 0;
      return true;
    case 'super':
    case 'sub':
      group.position = value === 0 ? 'line' : word === 'super' ? 'raised' : 'lowered';
      return true;
    case 'up':
    case 'dn':
      // in half points; a shift of less than 2 points is not a superscript
      group.position = Math.abs(value ?? 6) < 4 ? 'line' : word === 'up' ? 'raised' : 'lowered';
      return true;
    case 'nosupersub':
      group.position = 'line';
      return true;
    default:
      return false;
  }
}

/** The effects that differ from plain text. */
export function effectsSetBy({ hidden, struck, position }: RtfEffects): Partial<RtfEffects> {
  return {
    ...(hidden && { hidden }),
    ...(struck && { struck }),
    ...(position !== 'line' && { position }),
  };
}
