export const space = 32;

// Values of the table beside code units, none of which is a letter or a digit.
const unmet = 0;
export const dropped = 1;
export const several = 2;
export const dependent = 3;
/** Callers may give characters this value. */
export const reserved = 4;

// combining marks and jamo join with their predecessor, surrogates are halves, and a capital sigma ends a
// word with another letter
const neighbourly = /[\p{M}\p{Surrogate}\u1100-\u11ff\u3130-\u318fΣ]/u;
const letterOrDigit = /[\p{L}\p{N}]/u;

/**
 * The result of a normal form for each UTF-16 unit by itself: another unit, a space, `dropped`, `several`
 * units, or `dependent` on its neighbours. To read a text unit by unit is many times faster than to normalise
 * it as a whole.
 */
export class CharacterTable {
  private readonly becomes = new Uint16Array(0x10000);
  private readonly longer = new Map<number, string>();

  /** @param normalize makes letters and digits of a text, with a space for anything else */
  constructor(private readonly normalize: (text: string) => string) {}

  /** @param value a unit, or `reserved` */
  set(character: string, value: number): void {
    this.becomes[character.charCodeAt(0)] = value;
  }

  at(unit: number): number {
    const known = this.becomes[unit] as number;
    return known === unmet ? this.lookUp(unit) : known;
  }

  /** The units of a character that becomes `several`. */
  expansion(unit: number): string {
    return this.longer.get(unit) ?? '';
  }

  /** `İ` becomes `i` with a dot above, which parts a word where the dot is no letter. */
  private breaks(character: string, plain: string): boolean {
    return this.normalize(`x${character}x`).trim() !== `x${plain}x`;
  }

  private lookUp(unit: number): number {
    const character = String.fromCharCode(unit);
    const plain = this.normalize(character).trim();
    let found = plain.charCodeAt(0);
    if (neighbourly.test(character) || neighbourly.test(character.normalize('NFKC'))) found = dependent;
    else if (plain.length > 1) {
      this.longer.set(unit, plain);
      found = several;
    } else if (plain.length === 1 && this.breaks(character, plain)) found = dependent;
    else if (plain === '') found = letterOrDigit.test(character) ? dropped : space;
    this.becomes[unit] = found;
    return found;
  }
}
