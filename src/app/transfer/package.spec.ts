import { describe, expect, it } from '@jest/globals';
import { Manifest, PackagedChunk } from './package.js';

const document = {
  filename: 'leave.md',
  content_hash: 'a'.repeat(64),
  bytes: 10,
  format: 'md',
  media_type: 'text/markdown',
  pipeline: 'standard',
  metadata: { department: 'hr' },
  title: null,
  language: 'en',
  pages: null,
  warnings: [],
  parsed: true,
  chunks: 1,
};
const manifest = (more: object, set: object = {}) => ({
  docent: 1,
  document_set: 'manuals',
  space: null,
  documents: [{ ...document, ...more }],
  ...set,
});

describe('the manifest of a package', () => {
  it('is validated as strictly as an upload', () => {
    expect(Manifest.parse(manifest({}))).toMatchObject({ documents: [{ filename: 'leave.md' }] });
    expect(Manifest.parse(manifest({}, { document_set: 'Plans:Of/Others' })).document_set).toBe(
      'plans_of_others',
    );
    expect(Manifest.parse(manifest({ filename: '../../etc/a\r\nb.md' })).documents[0]?.filename).toBe(
      'ab.md',
    );
    const watched = { department: 'hr', watched_path: 'a.md', modified_at: '2026-01-01T00:00:00Z' };
    expect(Manifest.parse(manifest({ metadata: watched })).documents[0]?.metadata).toEqual({
      department: 'hr',
    });
  });

  it.each([
    { media_type: 'text/markdown\r\nX-Evil: 1' },
    { media_type: 'text/html' },
    { format: 'exe' },
    { filename: '..' },
    { content_hash: 'x' },
    { bytes: -1 },
    { metadata: { nested: { deep: 1 } } },
    { metadata: { long: 'x'.repeat(2001) } },
    { title: 'x'.repeat(10_001) },
    { language: 'en\r\nX: 1' },
  ])('is refused with %j', (more) => {
    expect(Manifest.safeParse(manifest(more)).success).toBe(false);
  });

  it.each(['all', 'ALL', '日本', ''])(
    'is refused for the set %j, which no route could name',
    (document_set) => {
      expect(Manifest.safeParse(manifest({}, { document_set })).success).toBe(false);
    },
  );
});

describe('a chunk of a package', () => {
  const chunk = {
    ordinal: 0,
    content: 'Leave is 28 days.',
    heading: null,
    page: null,
    page_end: null,
    start: 0,
    end: 17,
    input_hash: 'x',
    embedding: null,
  };

  it('has a place that citations can use, or none', () => {
    const place = { source: 'text', sizes: { 1: [595, 842] }, lines: [[0, 17, 1, 10, 10, 80, 12]] };
    expect(PackagedChunk.parse({ ...chunk, place })).toMatchObject({ place });
    expect(PackagedChunk.safeParse(chunk).success).toBe(true);
    for (const bad of [{ ...place, lines: 'x' }, { ...place, lines: [[0]] }, { ...place, cells: [{}] }, 5])
      expect(PackagedChunk.safeParse({ ...chunk, place: bad }).success).toBe(false);
  });
});
