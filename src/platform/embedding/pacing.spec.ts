import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../common/errors.js';
import { Pacing } from './pacing.js';

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

describe('pacing', () => {
  it('lets the requests of ten seconds pass at once, then holds the pace', async () => {
    const pacing = new Pacing(600, 1_000_000_000);
    expect(await timed(() => Promise.all(Array.from({ length: 100 }, () => pacing.turn(1))))).toBeLessThan(
      80,
    );
    const ms = await timed(() => Promise.all(Array.from({ length: 3 }, () => pacing.turn(1))));
    expect(ms).toBeGreaterThan(200);
    expect(ms).toBeLessThan(600);
  });

  it('counts tokens, and lets a request larger than the bucket pass once the bucket is full', async () => {
    const pacing = new Pacing(1_000_000, 60_000);
    expect(await timed(() => pacing.turn(10_100))).toBeLessThan(50);
    const ms = await timed(() => pacing.turn(100));
    expect(ms).toBeGreaterThan(150);
    expect(ms).toBeLessThan(500);
  });

  it('keeps the order of arrival', async () => {
    const pacing = new Pacing(6_000_000, 6_000);
    await pacing.turn(1_000);
    const order: number[] = [];
    await Promise.all([pacing.turn(20).then(() => order.push(1)), pacing.turn(1).then(() => order.push(2))]);
    expect(order).toEqual([1, 2]);
  });

  it('stops waiting with the signal and lets the next one pass', async () => {
    const pacing = new Pacing(6_000_000, 6_000);
    await pacing.turn(1_010);
    const leaving = new AbortController();
    const gone = pacing.turn(1_000, leaving.signal);
    const next = pacing.turn(1);
    leaving.abort(new Problem('cancelled'));
    await expect(gone).rejects.toMatchObject({ code: 'cancelled' });
    expect(await timed(() => next)).toBeLessThan(1_000);
  });

  it('holds all requests for as long as the server asked', async () => {
    const pacing = new Pacing(6_000_000, 6_000_000);
    pacing.hold(0.2);
    expect(pacing.heldFor).toBeCloseTo(0.2, 1);
    expect(await timed(() => pacing.turn(1))).toBeGreaterThan(150);
    expect(pacing.heldFor).toBe(0);
  });
});
