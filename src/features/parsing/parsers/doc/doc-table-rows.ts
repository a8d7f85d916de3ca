import type { CellPlace } from '../shared/spread-rows.js';

/** Bytes that describe a cell; its first two hold the switches for merging. */
const cellSize = 20;
const isMergedAcross = 0x02;
const isMergedDown = 0x20;
const startsDown = 0x40;

/** Reads where the cells of a row stand from its definition, [MS-DOC] 2.9.321. */
export function cellPlaces(definition: Buffer): CellPlace[] {
  if (definition.length < 3) return [];
  // two bytes with the size of the definition stand first
  const count = definition.readUInt8(2);
  const cells = 3 + (count + 1) * 2;
  if (count > 63 || definition.length < cells) return [];
  return Array.from({ length: count }, (_unused, index): CellPlace => {
    const at = cells + index * cellSize;
    const flags = at + 2 <= definition.length ? definition.readUInt16LE(at) : 0;
    return { right: definition.readInt16LE(3 + (index + 1) * 2), merge: mergeOf(flags) };
  });
}

function mergeOf(flags: number): CellPlace['merge'] {
  if ((flags & isMergedAcross) !== 0) return 'across';
  return (flags & isMergedDown) !== 0 && (flags & startsDown) === 0 ? 'down' : null;
}
