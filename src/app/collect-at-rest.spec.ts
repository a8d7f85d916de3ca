import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { CollectorAtRest } from './collect-at-rest.js';

/** Has the process grow by 64 MB. @returns an old object that nobody holds any more */
function leaveGarbage(): WeakRef<object> {
  const from = process.memoryUsage.rss();
  const held: string[][] = [];
  while (process.memoryUsage.rss() - from < 64 * 2 ** 20)
    held.push(Array.from({ length: 1000 }, (_unused, at) => `text ${at}`));
  return new WeakRef(held);
}

describe('the collector of a process at rest', () => {
  it('collects when there is nothing to do, and not again before the process has grown', async () => {
    let busy = 0.5;
    const collector = new CollectorAtRest(() => busy);
    const first = leaveGarbage();
    await nextTurn();
    expect(collector.look()).toBe(false);
    busy = 0.001;
    expect(collector.look()).toBe(true);
    expect(first.deref()).toBeUndefined();
    expect(collector.look()).toBe(false);
    const second = leaveGarbage();
    await nextTurn();
    expect(collector.look()).toBe(true);
    expect(second.deref()).toBeUndefined();
  });
});
