import { describe, expect, it } from '@jest/globals';
import { Manifest } from './package.js';

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
  it('is read as an upload would be', () => {
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
  ])('is refused with %j', (more) => {
    expect(Manifest.safeParse(manifest(more)).success).toBe(false);
  });
});
