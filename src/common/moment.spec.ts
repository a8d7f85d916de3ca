import { describe, expect, it } from '@jest/globals';
import { Moment } from './moment.js';

describe('Moment', () => {
  it.each([
    ['2026-11-26T20:00:00Z', '2026-11-26T20:00:00.000Z'],
    ['2026-11-26T20:00:00.1234+23:59', '2026-11-25T20:01:00.123Z'],
  ])('takes %s as %s', (text, moment) => {
    expect(Moment.parse(text)).toBe(moment);
  });

  it.each([
    '',
    'now',
    '2026-11-26',
    '2026-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-23:00',
  ])('refuses %j', (text) => {
    expect(Moment.safeParse(text).success).toBe(false);
  });
});
