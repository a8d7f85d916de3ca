/**
 * UTF-16 puts characters beyond the basic plane before some within it; UTF-8, and Postgres under "C", do not.
 */
const moved = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

/** Orders texts as Postgres does under the collation "C": by code point. */
export function compareAsBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one !== other) return moved(one) - moved(other);
  }
  return left.length - right.length;
}
