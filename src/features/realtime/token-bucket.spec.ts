import { describe, expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('lets a burst through, then as many as the rate allows', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 5, () => now);
    const taken = () => Array.from({ length: 20 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(5);
    expect(taken()).toBe(0);
    now = 300;
    expect(taken()).toBe(3);
    now = 60_000;
    expect(taken()).toBe(5);
  });
});
