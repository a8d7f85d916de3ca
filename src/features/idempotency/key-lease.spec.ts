import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { keepKey, keyLeaseSeconds } from './key-lease.js';

describe('the lease of an idempotency key', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is renewed well before it ends, also after a renewal that failed, until the request ends', async () => {
    let renewals = 0;
    const end = keepKey(() => {
      renewals++;
      return Promise.reject(new Error('the database is away'));
    });
    await jest.advanceTimersByTimeAsync(keyLeaseSeconds * 1000);
    expect(renewals).toBeGreaterThanOrEqual(2);
    end();
    const before = renewals;
    await jest.advanceTimersByTimeAsync(keyLeaseSeconds * 1000);
    expect(renewals).toBe(before);
  });

  it('is no longer renewed for a request that never ends', async () => {
    let renewals = 0;
    keepKey(() => Promise.resolve(renewals++));
    await jest.advanceTimersByTimeAsync(3_600_000);
    const before = renewals;
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(renewals).toBe(before);
  });
});
