import { describe, expect, it } from '@jest/globals';
import { filenameWords } from './filename-words.js';

describe('filenameWords', () => {
  it.each([
    ['stock-suzhou.csv', ['stock', 'suzhou']],
    ['aurora-3-specification.json', ['aurora', '3', 'specification']],
    ['policies/TravelPolicy_2026 (final).docx', ['policies', 'Travel', 'Policy', '2026', 'final']],
    ['Übergabeprotokoll.v2.pdf', ['Übergabeprotokoll', 'v2']],
    ['苏州仓库.txt', ['苏州仓库']],
    ['report-9f86d081884c7d65.md', ['report']],
    ['README', ['README']],
  ])('reads %s', (filename, words) => expect(filenameWords(filename)).toEqual(words));

  it.each(['1234.md', 'p99.md', '550e8400-e29b-41d4-a716-446655440000.pdf', '.md', '...'])(
    'finds nothing in %s',
    (filename) => expect(filenameWords(filename)).toEqual([]),
  );
});
