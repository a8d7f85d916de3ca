import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Problem } from '../../common/errors.js';
import { endsTask, detectOutage, retryDelay, worthRetrying } from './backoff.js';

describe('retryDelay', () => {
  it('doubles with each attempt', () => {
    const delays = [1, 2, 3, 4].map((attempts) => retryDelay(attempts, { base: 2, random: () => 1 }));
    expect(delays).toEqual([2, 4, 8, 16]);
  });

  it('spreads over the upper half of the delay', () => {
    expect(retryDelay(3, { base: 2, random: () => 0 })).toBe(4);
    expect(retryDelay(3, { base: 2, random: () => 0.5 })).toBe(6);
  });

  it('never retries before the server allows, and never waits for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 0, max: 600 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempts, retryAfter, chance) => {
          const delay = retryDelay(attempts, { base: 2, retryAfter, random: () => chance });
          return delay >= retryAfter && delay > 0 && delay <= Math.max(600, retryAfter * 1.1);
        },
      ),
    );
  });
});

describe('worthRetrying', () => {
  it('depends on the error, and is false where the configuration must change', () => {
    expect(worthRetrying(new Problem('upstream_timeout'))).toBe(true);
    expect(worthRetrying(new Problem('upstream_timeout', undefined, { retryable: false }))).toBe(false);
    expect(worthRetrying(new Problem('corrupt_document'))).toBe(false);
    expect(worthRetrying(new Problem('needs_ocr'))).toBe(false);
  });
});

describe('detectOutage', () => {
  it('counts an unavailable database and an unavailable or full blob store, but not a slow statement', () => {
    expect(detectOutage(new Problem('database_unavailable'))).toBe('database');
    expect(detectOutage(new Problem('storage_full'))).toBe('storage');
    expect(detectOutage(new Problem('storage_unavailable'))).toBe('storage');
    expect(
      detectOutage(new Problem('database_unavailable', undefined, { cause: { code: '57014' } })),
    ).toBeUndefined();
    expect(detectOutage(new Problem('upstream_unavailable'))).toBeUndefined();
    expect(detectOutage(new Error('defect'))).toBeUndefined();
  });
});

describe('endsTask', () => {
  it('is true for permanent errors and the last attempt, never for an unavailable database', () => {
    const [early, last] = [
      { attempts: 1, max_attempts: 3 },
      { attempts: 3, max_attempts: 3 },
    ];
    expect(endsTask(new Problem('upstream_timeout'), early)).toBe(false);
    expect(endsTask(new Error('defect'), early)).toBe(false);
    expect(endsTask(new Problem('upstream_timeout'), last)).toBe(true);
    expect(endsTask(new Problem('corrupt_document'), early)).toBe(true);
    expect(endsTask(new Problem('database_unavailable'), last)).toBe(false);
    expect(endsTask(new Problem('storage_full'), last)).toBe(false);
  });
});
