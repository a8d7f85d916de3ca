/** Shapes of a slide whose upper edges are closer than this (a quarter inch, in EMU) stand beside each other. */
export const sameRow = 228_600;

/** Sorts shapes as a reader's eye goes: from top to bottom, those beside each other from left to right. */
export function inReadingOrder<T>(
  shapes: readonly T[],
  position: (shape: T) => { x: number; y: number },
  rowHeight = sameRow,
): T[] {
  const placed = shapes.map((shape) => ({ shape, ...position(shape) })).sort((a, b) => a.y - b.y);
  let rowTop = -Infinity;
  let row = 0;
  const rows = placed.map((one) => {
    if (one.y - rowTop > rowHeight) {
      rowTop = one.y;
      row++;
    }
    return { ...one, row };
  });
  return rows.toSorted((a, b) => a.row - b.row || a.x - b.x).map(({ shape }) => shape);
}
