import { describe, expect, it } from '@jest/globals';
import { packWindow } from '../../platform/embedding/window-vectors.js';
import { KeptWindows } from './kept-windows.js';

const asked = Float32Array.of(1, 0);
const windows = packWindow(asked);
/** Of one entry, with what the table takes. */
const bytes = windows.length + 300;

describe('windows that are kept', () => {
  it('leave in the order of their use when there is less room', () => {
    let room = 3 * bytes;
    const kept = new KeptWindows(10 * bytes, () => room);
    kept.use('one');
    kept.keep('one', [
      ['a', windows],
      ['b', windows],
      ['c', windows],
    ]);
    expect(kept.compare(asked, 'a')).toBe(1);
    expect(kept.bytes).toBe(3 * bytes);
    room = 2 * bytes;
    kept.keep('one', [['d', windows]]);
    expect(['a', 'b', 'c', 'd'].filter((chunk) => kept.compare(asked, chunk) === 1)).toEqual(['a', 'd']);
    kept.shrinkTo(0);
    expect(kept.bytes).toBe(0);
  });

  it('are not kept at all without memory for them', () => {
    const kept = new KeptWindows(0, () => 0);
    kept.use('one');
    kept.keep('one', [['a', windows]]);
    expect(kept.compare(asked, 'a')).toBeUndefined();
  });

  it('are dropped for those of another source, also when they were read before it came', () => {
    const kept = new KeptWindows(10 * bytes, () => 10 * bytes);
    kept.use('one');
    kept.keep('one', [['a', windows]]);
    kept.use('two');
    kept.keep('one', [['b', windows]]);
    expect(kept.compare(asked, 'a')).toBeUndefined();
    expect(kept.compare(asked, 'b')).toBeUndefined();
  });
});
