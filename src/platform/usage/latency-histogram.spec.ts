import { describe, expect, it } from '@jest/globals';
import { findBucket, buckets, quantile } from './latency-histogram.js';

const makeCounts = (times: number[]): number[] => {
  const counts = Array.from({ length: buckets }, () => 0);
  for (const time of times) counts[findBucket(time)] = (counts[findBucket(time)] ?? 0) + 1;
  return counts;
};

describe('the histogram of latencies', () => {
  it('gives quantiles within a sixth', () => {
    const times = Array.from({ length: 1000 }, (_, index) => 10 + index);
    for (const share of [0.5, 0.95]) {
      const exact = times[Math.floor(share * times.length)] ?? 0;
      const told = quantile(makeCounts(times), share) ?? 0;
      expect(Math.abs(told - exact) / exact).toBeLessThan(1 / 6);
    }
  });

  it('counts the shortest and the longest times', () => {
    expect(quantile(makeCounts([0]), 0.5)).toBeLessThanOrEqual(5);
    expect(findBucket(10 ** 9)).toBe(buckets - 1);
  });

  it('has no quantile without a question', () => {
    expect(quantile([], 0.5)).toBeNull();
  });
});
