import { describe, expect, it } from '@jest/globals';
import { assemble, freeze, prepareParts, writeJson } from './prepared-json.js';

describe('prepared JSON', () => {
  const known = freeze({ results: [{ content: 'a "b" \n é', n: 1.5 }], empty: [], none: null, text: 'x' });
  prepareParts(known);

  it('is the same text as that of JSON.stringify', () => {
    const answer = { ...known, left: undefined, took_ms: { answer: 1 }, 'a "name"': [known] };
    expect(writeJson(assemble(answer))).toBe(JSON.stringify(answer));
    for (const value of [known, null, 'x', [1], undefined])
      expect(writeJson(value)).toBe(JSON.stringify(value));
  });

  it('is built only from values that cannot change', () => {
    expect(() => Object.assign(known.results[0] ?? {}, { n: 2 })).toThrow(TypeError);
    const changing = { parts: [1] };
    prepareParts(changing);
    changing.parts.push(2);
    expect(writeJson(assemble({ ...changing }))).toBe('{"parts":[1,2]}');
  });
});
