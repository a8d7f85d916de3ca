import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { mapBounded } from './map-bounded.js';

describe('mapBounded', () => {
  it('answers in order and never does more at once than allowed', async () => {
    let running = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, undefined, async (item) => {
      most = Math.max(most, ++running);
      for (let waited = 0; waited < item; waited++) await turn();
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('takes no more items and aborts the others once one has failed', async () => {
    const begun: number[] = [];
    const aborted: number[] = [];
    const work = mapBounded([0, 1, 2, 3, 4, 5], 2, undefined, async (item, _, signal) => {
      begun.push(item);
      if (item === 1) throw new Error('one');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      aborted.push(item);
    });
    await expect(work).rejects.toThrow('one');
    expect(begun).toEqual([0, 1]);
    expect(aborted).toEqual([0]);
  });

  it('stops when its signal aborts', async () => {
    const stop = new AbortController();
    const work = mapBounded([1, 2, 3], 1, stop.signal, async (item) => {
      if (item === 2) stop.abort(new Error('enough'));
      await turn();
      return item;
    });
    await expect(work).rejects.toThrow('enough');
  });
});
