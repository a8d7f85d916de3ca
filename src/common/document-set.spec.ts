import { describe, expect, it } from '@jest/globals';
import { DocumentSetFilter, DocumentSetTarget, normalizeDocumentSet } from './document-set.js';

describe('document sets', () => {
  it.each([
    ['Human Resources', 'human_resources'],
    ['  2026/Q1 ', '2026_q1'],
    ['__x__', 'x'],
    ['x'.repeat(80), 'x'.repeat(63)],
    [`${'x'.repeat(62)}!y`, 'x'.repeat(62)],
  ])('stores %j as %j', (given, name) => {
    expect(normalizeDocumentSet(given)).toBe(name);
  });

  it('makes one set of the composed and the decomposed spelling', () => {
    expect(normalizeDocumentSet('Caf\u00e9')).toBe(normalizeDocumentSet('Cafe\u0301'));
  });

  it.each(['', '!!!', '___'])('refuses %j', (given) => {
    expect(() => normalizeDocumentSet(given)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    expect(DocumentSetFilter.safeParse(given).success).toBe(false);
  });

  it('reads `all` and nothing as every set on a search, and as `default` on an upload', () => {
    for (const given of [undefined, null, 'all', 'ALL']) {
      expect(DocumentSetFilter.parse(given)).toBeNull();
      expect(DocumentSetTarget.parse(given)).toBe('default');
    }
  });
});
