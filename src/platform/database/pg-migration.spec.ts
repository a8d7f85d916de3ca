import { describe, expect, it } from '@jest/globals';
import { explainFinalState } from './pg-migration.js';

describe('a database that cannot be used', () => {
  it.each([
    ['0A000', 'extension "vector" is not available', 'the server has no pgvector'],
    ['0A000', 'extension "pg_trgm" is not available', 'the server has no pg_trgm'],
    [
      '58P01',
      'could not open extension control file "/usr/share/postgresql/15/extension/pg_trgm.control"',
      'the server has no pg_trgm',
    ],
    ['58P01', 'could not access file "$libdir/vector.so": No such file', 'the server has no pgvector'],
    ['3D000', 'database "x" does not exist', 'there is no such database'],
  ])('%s: %s', (code, message, reason) => {
    expect(explainFinalState({ code, message })).toBe(reason);
  });

  it('is tried again when its state may be temporary', () => {
    expect(
      explainFinalState({ code: '57P03', message: 'the database system is starting up' }),
    ).toBeUndefined();
    expect(explainFinalState({ code: '0A000', message: 'cannot do this here' })).toBeUndefined();
  });
});
