import { describe, expect, it } from '@jest/globals';
import { Filter, normalizeFilter } from './filter.js';

const faults = (filter: unknown) => {
  const result = Filter.safeParse(filter);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const nested = (depth: number): unknown => (depth <= 1 ? { language: 'en' } : { not: nested(depth - 1) });

describe('Filter', () => {
  it.each([
    {},
    { filename: 'a.pdf' },
    { document_set: { in: ['a', 'b'] }, language: { ne: 'de' } },
    { document_id: '0190a0b0-0000-7000-8000-000000000000' },
    { created_at: { gte: '2026-01-01', lt: '2026-02-01T00:00:00+01:00' } },
    { page: { gte: 3, lte: 5 } },
    { page: null },
    {
      'metadata.year': { gt: 2020 },
      'metadata.owner.name': { exists: true },
      'metadata.draft': false,
      'metadata.gone': null,
    },
    { or: [{ media_type: 'text/csv' }, { not: { language: 'en' } }] },
    nested(8),
  ])('takes %j', (filter) => {
    expect(faults(filter)).toEqual([]);
  });

  it.each([
    [{ owner: 'x' }, 'owner: unknown field'],
    [{ 'metadata.': 'x' }, 'metadata.: unknown field'],
    [{ constructor: 'x' }, 'constructor: unknown field'],
    [{ and: [{ page: 1 }] }, 'and: unknown field'],
    [{ filename: { like: 'a%' } }, 'filename.like: unknown operator'],
    [{ filename: {} }, 'filename: names no operator'],
    [{ filename: 3 }, 'filename: must be a string'],
    [{ filename: ['a'] }, 'filename: must be a string'],
    [{ filename: { in: 'a' } }, 'filename.in: must be a list'],
    [{ filename: { gt: null } }, 'filename.gt: must be a number or a string'],
    [{ filename: { exists: 'yes' } }, 'filename.exists: must be true or false'],
    [{ document_id: '17' }, 'document_id: must be a document id'],
    [{ created_at: 'yesterday' }, 'created_at: must be an RFC 3339 time'],
    [{ page: 0 }, 'page: must be a page number'],
    [{ page: { in: [1, 1.5] } }, 'page.in: must be a page number'],
    [{ 'metadata.x': { eq: { a: 1 } } }, 'metadata.x.eq: must be a string, a number'],
    [{ or: [] }, 'or: must be a list of filters'],
    [{ or: [{ owner: 1 }] }, 'or.0.owner: unknown field'],
    [{ not: 'x' }, 'not: must be an object'],
    [nested(9), 'not.not.not.not.not.not.not.not: is nested deeper than 8'],
    [
      { or: Array.from({ length: 64 }, (_, index) => ({ page: { gte: 1, lte: index + 1 } })) },
      ': has more than 64 clauses',
    ],
  ])('refuses %j', (filter, fault) => {
    expect(faults(filter)).toEqual([expect.stringContaining(fault)]);
  });
});

describe('normalizeFilter', () => {
  it('returns values as the database stores them, at any depth', () => {
    const id = '0190A0B0-0000-7000-8000-000000000000';
    expect(
      normalizeFilter({
        or: [{ document_id: { in: [id] } }, { not: { created_at: { lt: '2026-01-01T01:00:00+01:00' } } }],
        filename: 'cafe\u0301.md',
      }),
    ).toEqual({
      or: [
        { document_id: { in: [id.toLowerCase()] } },
        { not: { created_at: { lt: '2026-01-01T00:00:00.000Z' } } },
      ],
      filename: 'caf\u00e9.md',
    });
  });

  it('returns null for an empty filter', () => {
    expect(normalizeFilter({})).toBeNull();
    expect(normalizeFilter(undefined)).toBeNull();
  });
});
