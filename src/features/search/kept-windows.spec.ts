import { describe, expect, it } from '@jest/globals';
import { bestWindow, packWindow } from '../../platform/embedding/window-vectors.js';
import { KeptWindows } from './kept-windows.js';

const dimensions = 1000;
const along = (angle: number): Float32Array => {
  const vector = new Float32Array(dimensions);
  vector.set([Math.cos(angle), Math.sin(angle)]);
  return vector;
};
const asked = along(0);
/** A sixteenth of the memory is a slab: four chunks, which take 300 bytes each beside their windows. */
const slab = 4 * dimensions;
const fullSlab = slab + 4 * 300;
const maxBytes = 16 * slab;
const maxChunks = 4 * Math.floor(maxBytes / fullSlab);

const windowsOf = (chunk: number): Buffer => packWindow(along(chunk / 100));
const cosineOf = (chunk: number): number | null => bestWindow(asked, windowsOf(chunk));
const chunks = (first: number, count: number): [string, Buffer][] =>
  Array.from({ length: count }, (_, at) => [String(first + at), windowsOf(first + at)]);

function keepAll(room = () => 10 * maxBytes): KeptWindows {
  const kept = new KeptWindows(maxBytes, room);
  kept.use('one');
  kept.keep('one', chunks(0, maxChunks));
  return kept;
}

const known = (kept: KeptWindows, of: number[]): number[] =>
  of.filter((chunk) => kept.compare(asked, String(chunk)) !== undefined);

describe('windows that are kept', () => {
  it('fill their memory and no more, and leave oldest first', () => {
    const kept = keepAll();
    expect(kept.bytes).toBe((maxChunks / 4) * fullSlab);
    kept.keep('one', chunks(maxChunks, 4));
    expect(kept.bytes).toBe((maxChunks / 4) * fullSlab);
    expect(known(kept, [maxChunks, maxChunks + 3, maxChunks - 1, 0, 3])).toEqual([
      maxChunks,
      maxChunks + 3,
      maxChunks - 1,
    ]);
  });

  it('stay when they are used, with the same cosine', () => {
    const kept = keepAll();
    for (let round = 0; round < 5; round++) {
      for (const chunk of [2, 9]) expect(kept.compare(asked, String(chunk))).toBe(cosineOf(chunk));
      kept.keep('one', chunks(1000 + 10 * round, 10));
      expect(kept.bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(known(kept, [0, 1, 2, 3, 8, 9, 10])).toEqual([2, 9]);
  });

  it('give way when the indexes need the memory', () => {
    let room = 10 * maxBytes;
    const kept = keepAll(() => room);
    kept.shrinkTo(3 * fullSlab);
    expect(kept.bytes).toBe(3 * fullSlab);
    room = 2 * fullSlab;
    kept.keep('one', chunks(100, 1));
    expect(kept.bytes).toBe(fullSlab + slab + 300);
    expect(known(kept, [maxChunks - 1, 100, maxChunks - 5])).toEqual([maxChunks - 1, 100]);
    kept.shrinkTo(0);
    expect(kept.bytes).toBe(0);
  });

  it('do not hold the bytes that they were read from', () => {
    const kept = keepAll();
    const read = windowsOf(7);
    kept.keep('one', [['read', read]]);
    read.fill(0);
    expect(kept.compare(asked, 'read')).toBe(cosineOf(7));
  });

  it('are not kept at all without memory for them', () => {
    const kept = new KeptWindows(0, () => 0);
    kept.use('one');
    kept.keep('one', chunks(0, 1));
    expect(known(kept, [0])).toEqual([]);
    expect(kept.bytes).toBe(0);
  });

  it('are dropped for those of another source, also when they were read before it came', () => {
    const kept = keepAll();
    kept.use('two');
    kept.keep('one', chunks(200, 1));
    expect(known(kept, [0, maxChunks - 1, 200])).toEqual([]);
  });
});
