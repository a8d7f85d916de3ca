import { describe, expect, it } from '@jest/globals';
import { isUuid, uuidv7 } from './ids.js';

describe('uuidv7', () => {
  it('has version and variant of RFC 9562 in every one of many, and makes none twice', () => {
    const made = Array.from({ length: 5000 }, () => uuidv7());
    expect(
      made.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toEqual([]);
    expect(new Set(made.map((id) => id.slice(14))).size).toBe(5000);
    expect(new Set(made.map((id) => id.charAt(19)))).toEqual(new Set(['8', '9', 'a', 'b']));
    expect(made.every(isUuid)).toBe(true);
  });

  it.each([0, 1, Date.UTC(2026, 10, 27), 2 ** 48 - 1])(
    'begins with its time %d, so that keys sort by age',
    (at) => {
      const id = uuidv7(at);
      expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(at);
      expect(uuidv7(Math.max(0, at - 1)).slice(0, 13) <= id.slice(0, 13)).toBe(true);
    },
  );
});
