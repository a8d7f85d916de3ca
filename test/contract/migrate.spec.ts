import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../src/config/env.js';
import { migrateSchema, pendingChanges, refuseOldPgvector } from '../../src/platform/database/migrate.js';
import { PgliteDatabase } from '../../src/platform/database/pglite.js';

describe('migrating', () => {
  let database: PgliteDatabase;
  const run = (text: string, values?: string[]) => database.session().run(text, values);
  const migrate = () => migrateSchema(database.session());
  beforeAll(async () => {
    database = new PgliteDatabase();
    await database.ready();
  });
  afterAll(() => database.close());
  beforeEach(migrate);

  it('applies each migration once and leaves the functions alone when none has changed', async () => {
    const before = await run(`select oid from pg_proc where proname = 'get_document'`);
    expect(await migrate()).toEqual({ applied: [] });
    expect(await run(`select oid from pg_proc where proname = 'get_document'`)).toEqual(before);
  });

  it('creates all functions again when one has changed, and drops removed ones', async () => {
    await run(
      `create function docent_api.forgotten(p_old text) returns jsonb language sql as $$ select '{}'::jsonb $$`,
    );
    await run(`update docent.function_library set hash = 'older'`);
    expect(await migrate()).toEqual({ applied: ['functions'] });
    expect(await run(`select 1 from pg_proc where proname = 'forgotten'`)).toEqual([]);
    expect(await database.call('stats', { tenant: 't' })).toMatchObject({ chunks: 0 });
  });

  it('refuses a migration that was changed after it had been applied', async () => {
    const [row] = await run(`select hash from docent.migrations where name = '0001_schema.sql'`);
    await run(`update docent.migrations set hash = 'other' where name = '0001_schema.sql'`);
    await expect(migrate()).rejects.toThrow(
      new ConfigurationError(['DATABASE: migration 0001_schema.sql was changed after it had been applied']),
    );
    await run(`update docent.migrations set hash = $1 where name = '0001_schema.sql'`, [
      String(row?.['hash']),
    ]);
  });

  describe('on the schema of a newer release', () => {
    beforeEach(() => run(`update docent.function_library set hash = 'newer'`));
    afterEach(() => run(`delete from docent.migrations where name like '9999%'`));
    const functionsAre = (hash: string) =>
      run('select hash from docent.function_library').then((rows) => expect(rows).toEqual([{ hash }]));

    it('goes on with its functions, so that a release can be rolled back', async () => {
      await run(`insert into docent.migrations (name, hash) values ('9999_future.sql', 'h')`);
      expect(await migrate()).toEqual({ applied: [] });
      expect(await pendingChanges(database.session())).toEqual([]);
      await functionsAre('newer');
    });

    it('refuses one that says that it breaks older releases, and leaves it as it was', async () => {
      await run(`insert into docent.migrations (name, hash) values ('9999_future.breaking.sql', 'h')`);
      await expect(migrate()).rejects.toThrow(
        /^DATABASE: the schema is newer than this program \(it has 9999_future\.breaking\.sql\)/,
      );
      await functionsAre('newer');
    });
  });
});

describe('pgvector', () => {
  it.each(['0.8.4', '0.8.10', '0.9.0', '1.0'])('is new enough as %s', (version) => {
    expect(() => refuseOldPgvector(version)).not.toThrow();
  });
  it.each(['0.8.3', '0.8', '0.7.9', 'undefined'])('is refused as %s', (version) => {
    expect(() => refuseOldPgvector(version)).toThrow(
      `pgvector ${version} is too old, 0.8.4 or newer is needed`,
    );
  });
});
