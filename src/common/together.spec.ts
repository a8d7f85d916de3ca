import { describe, expect, it } from '@jest/globals';
import { currentContext, runInContext } from './request-context.js';
import { Together } from './together.js';

/** Answers each call when it is told to. */
function heldCalls() {
  const calls: { items: number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const send = (items: number[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      calls.push({ items, answer: () => resolve(items.map((item) => item * 10)), fail: reject });
    });
  return { calls, send };
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('Together', () => {
  it('sends with one call what comes at the same moment, and with the next what comes meanwhile', async () => {
    const { calls, send } = heldCalls();
    const together = new Together(send, 10);
    const first = [together.add(1), together.add(2)];
    await nextTurn();
    const second = [together.add(3), together.add(4), together.add(5)];
    await nextTurn();
    expect(calls.map(({ items }) => items)).toEqual([[1, 2]]);
    calls[0]?.answer();
    expect(await Promise.all(first)).toEqual([10, 20]);
    await nextTurn();
    calls[1]?.answer();
    expect(await Promise.all(second)).toEqual([30, 40, 50]);
    expect(calls.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });

  it('sends no more than the weight allows, and what is heavier alone', async () => {
    const sent: number[][] = [];
    const together = new Together(async (items: number[]) => {
      sent.push(items);
      return items;
    }, 4);
    await Promise.all([
      together.add(1, 2),
      together.add(2, 2),
      together.add(3, 1),
      together.add(4, 9),
      together.add(5, 1),
    ]);
    expect(sent).toEqual([[1, 2], [3], [4], [5]]);
  });

  it('fails all items of a call that fails, and goes on', async () => {
    const { calls, send } = heldCalls();
    const together = new Together(send, 10);
    const failed = Promise.allSettled([together.add(1), together.add(2)]);
    await nextTurn();
    calls[0]?.fail(new Error('away'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const later = together.add(3);
    await nextTurn();
    calls[1]?.answer();
    expect(await later).toBe(30);
  });

  it('calls outside of the request that comes first, and answers within each', async () => {
    let context: unknown = 'none yet';
    const together = new Together(async (items: number[]) => {
      context = currentContext();
      return items;
    }, 10);
    await runInContext({ requestId: 'r' }, async () => {
      await together.add(1);
      expect(currentContext()).toEqual({ requestId: 'r' });
    });
    expect(context).toBeUndefined();
  });
});
