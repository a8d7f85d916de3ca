import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanJson, rpcArguments, statementFor } from './statement.js';

const id = '0190163d-8694-739b-aea5-966c26f8ad91';

describe('a statement', () => {
  it('names every argument with its type, and gives null for those left out', () => {
    expect(statementFor('get_document', { tenant: 't', id })).toEqual({
      text: 'select docent_api.get_document(p_tenant => $1::text, p_sets => $2::text[], p_id => $3::uuid) as result',
      values: ['t', null, id],
    });
    expect(rpcArguments('get_document', { tenant: 't', id })).toEqual({
      p_tenant: 't',
      p_sets: null,
      p_id: id,
    });
  });

  it('writes arrays as literals that no element can break out of', () => {
    const { values } = statementFor('discard_blobs', {
      tenant: 't',
      keys: ['a,b', '"', '\\', '{}', 'NULL', ''],
    });
    expect(values).toEqual(['t', '{"a,b","\\"","\\\\","{}","NULL",""}']);
  });

  it('strips NUL and lone surrogates from text, arrays and JSON alike', () => {
    const { values } = statementFor('append_audit', {
      tenant: 'a\u0000b',
      subject: '\ud800x',
      action: '🦀',
      detail: { 'k\u0000': ['\udc00y', '\\u0000'] },
    });
    expect(values).toEqual(['ab', 'x', '🦀', null, JSON.stringify({ k: ['y', '\\u0000'] }), null]);
  });
});

describe('cleaning JSON text', () => {
  const strip = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '').replaceAll('\0', '');
    return Array.isArray(value) ? value.map(strip) : value;
  };
  const nasty = fc.array(
    fc.constantFrom(
      '\u0000',
      '\ud800',
      '\udfff',
      '🦀',
      '\\',
      '\\u0000',
      '\\ud800',
      '"',
      'a',
      '\n',
      'u0000',
      '0',
    ),
    {
      maxLength: 12,
    },
  );

  it('equals cleaning each string of the parsed value', () => {
    fc.assert(
      fc.property(fc.array(nasty), (parts) => {
        const value = parts.map((part) => part.join(''));
        expect(JSON.parse(cleanJson(JSON.stringify(value)))).toEqual(strip(value));
      }),
      { numRuns: 2_000 },
    );
  });
});
