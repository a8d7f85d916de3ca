import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { functions, type PgArgument } from '../../src/platform/database/functions.js';
import { templateFor } from '../../src/platform/queue/task-producer.js';
import { eachDatabase } from '../database-drivers.js';
import { claim, createDocuments, createTask, newDocument } from '../rows.js';

const sqlNames: Record<string, string> = {
  int4: 'integer',
  int8: 'bigint',
  float8: 'double precision',
  bool: 'boolean',
  timestamptz: 'timestamp with time zone',
};

eachDatabase((opened) => {
  const tenant = 'contract';

  it('has every function of the table, with the same arguments and types, and no other', async () => {
    const rows = await opened().sql(
      `select p.proname as name, p.prorettype::regtype::text as returns,
         coalesce((select string_agg(p.proargnames[i] || ' ' || format_type(p.proargtypes[i - 1], null), ', ' order by i) from generate_series(1, p.pronargs) i), '') as parameters
       from pg_proc p where p.pronamespace = 'docent_api'::regnamespace order by p.proname`,
      [],
    );
    const found = Object.fromEntries(
      rows.map((row) => [row['name'], `${String(row['parameters'])} -> ${String(row['returns'])}`]),
    );
    const described = Object.entries(functions).map(([name, { args }]) => {
      const parameters = Object.entries<PgArgument>(args).map(([argument, type]) => {
        const [, base = '', array = ''] = /^(\w+)(\[\])?/.exec(type) ?? [];
        return `p_${argument} ${sqlNames[base] ?? base}${array}`;
      });
      return [name, `${parameters.join(', ')} -> jsonb`];
    });
    expect(found).toEqual(Object.fromEntries(described));
  });

  it('gives only the owner access to tables and functions', async () => {
    const tables = await opened().sql(
      `select relname from pg_class where relnamespace = 'docent'::regnamespace and relkind = 'r' and not relrowsecurity`,
      [],
    );
    expect(tables).toEqual([]);
    const open = await opened().sql(
      `select p.proname from pg_proc p, lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
       where p.pronamespace in ('docent'::regnamespace, 'docent_api'::regnamespace) and a.grantee = 0`,
      [],
    );
    expect(open).toEqual([]);
  });

  it('carries text, arrays, numbers, times and nested JSON to the functions unharmed', async () => {
    const { database } = opened();
    const id = randomUUID();
    const made = await database.call('create_api_key', {
      id,
      tenant,
      subject: `O'Brien "the \\ one" 北京 🦀`,
      name: 'line\nbreak\ttab',
      hash: randomUUID(),
      scopes: ['read', 'a,b', '{"x"}', ''],
      document_sets: ['null', 'NULL', 'b c'],
      expires_at: '2031-02-03T04:05:06.789012Z',
    });
    expect(made).toMatchObject({
      id,
      subject: `O'Brien "the \\ one" 北京 🦀`,
      name: 'line\nbreak\ttab',
      scopes: ['read', 'a,b', '{"x"}', ''],
      document_sets: ['null', 'NULL', 'b c'],
      expires_at: '2031-02-03T04:05:06.789012Z',
      revoked_at: null,
    });
    const detail = {
      nested: [{ n: 1.5, deep: { yes: true, no: null } }],
      text: `it's "quoted" \\ back`,
      big: 2 ** 40,
    };
    await database.call('append_audit', { tenant, subject: 's', action: 'try', detail });
    const [entry] = await database.call('list_audit', { tenant, limit: 1 });
    expect(entry?.detail).toEqual(detail);
  });

  it('strips what Postgres text cannot hold: NUL and half surrogate pairs', async () => {
    const { database } = opened();
    const detail = { 'k\u0000ey': 'a\u0000b', half: 'x\ud800y', whole: '🦀', literal: 'back\\u0000slash' };
    await database.call('append_audit', { tenant, subject: 'sub\u0000ject\udfff', action: 'strip', detail });
    const [entry] = await database.call('list_audit', { tenant, limit: 1 });
    expect(entry).toMatchObject({
      subject: 'subject',
      detail: { key: 'ab', half: 'xy', whole: '🦀', literal: 'back\\u0000slash' },
    });
  });

  it('answers null and empty lists as such', async () => {
    const { database } = opened();
    expect(await database.call('get_document', { tenant, id: randomUUID() })).toBeNull();
    expect(await database.call('list_documents', { tenant: 'nobody', limit: 10 })).toEqual([]);
    expect(await database.call('find_api_key', { hash: 'unknown' })).toBeNull();
  });

  it('refuses with errors of the catalogue, and a refused call changes nothing', async () => {
    const { database } = opened();
    const documents = [newDocument('late.txt', 'late')];
    const call = database.call('create_documents', {
      tenant,
      subject: 's',
      batch_id: randomUUID(),
      documents,
      task: templateFor('ingest', 3),
    });
    await expect(call).rejects.toMatchObject({ code: 'request_timeout', retryable: true });
    expect(await database.call('find_documents', { tenant, filename: 'late.txt' })).toEqual([]);
  });

  it('passes an unexpected error through unchanged', async () => {
    const call = opened().database.call('get_document', { tenant, id: 'not-a-uuid' });
    await expect(call).rejects.toMatchObject({ code: '22P02' });
  });

  it('stops waiting when its caller does', async () => {
    const { database } = opened();
    await expect(
      database.call('stats', { tenant }, { signal: AbortSignal.abort(new Error('gone')) }),
    ).rejects.toThrow('gone');
    expect(await database.call('stats', { tenant })).toMatchObject({ documents: { total: 0 } });
  });

  it('migrates once, and reports the versions', async () => {
    const { database } = opened();
    expect(await database.migrate()).toEqual({ applied: [] });
    const versions = await database.call('versions', {});
    expect(versions.migrations).toBeGreaterThan(0);
    expect(versions.pgvector).toMatch(/^0\.\d+\.\d+$/);
    await database.ping();
  });

  it('answers thirty calls at once', async () => {
    const { database } = opened();
    const tasks = await Promise.all(Array.from({ length: 30 }, () => createTask(database, 'many')));
    expect(new Set(tasks).size).toBe(30);
    expect(await database.call('list_tasks', { tenant: 'many', limit: 200 })).toHaveLength(30);
  });

  describe('idempotency keys', () => {
    const key = { tenant, subject: 's' };

    it('lets one request begin, and replays its answer', async () => {
      const { database } = opened();
      const begin = () =>
        database.call('begin_idempotent', { ...key, key: 'k1', request_hash: 'h', ttl_seconds: 60 });
      const states = await Promise.all([begin(), begin(), begin()]);
      expect(states.map(({ state }) => state).sort()).toEqual(['new', 'running', 'running']);
      const body = { status: 'success', at: 1 };
      const answer = JSON.stringify(body);
      expect(
        await database.call('finish_idempotent', {
          ...key,
          key: 'k1',
          request_hash: 'h',
          status: 202,
          body,
          answer,
          ttl_seconds: 60,
        }),
      ).toEqual({ finished: true });
      expect(await begin()).toEqual({ state: 'replay', request_hash: 'h', status: 202, body, answer });
      expect(await database.call('drop_idempotent', { ...key, key: 'k1' })).toEqual({ dropped: false });
    });

    it('starts again after a key is dropped and after its time to live', async () => {
      const { database } = opened();
      const begin = (ttl_seconds: number) =>
        database.call('begin_idempotent', { ...key, key: 'k2', ttl_seconds });
      expect(await begin(60)).toMatchObject({ state: 'new', request_hash: null });
      expect(await database.call('drop_idempotent', { ...key, key: 'k2' })).toEqual({ dropped: true });
      expect(await begin(-1)).toMatchObject({ state: 'new' });
      expect(await begin(60)).toMatchObject({ state: 'new' });
      expect(await begin(60)).toMatchObject({ state: 'running' });
    });

    it('renews the key of a running request, and not that of an ended one', async () => {
      const { database } = opened();
      const one = { ...key, key: 'k4' };
      const begin = (ttl_seconds: number) => database.call('begin_idempotent', { ...one, ttl_seconds });
      await begin(-1);
      expect(await database.call('renew_idempotent', { ...one, ttl_seconds: 60 })).toEqual({ renewed: true });
      expect(await begin(60)).toMatchObject({ state: 'running' });
      const answer = { request_hash: 'h', status: 202, body: {}, ttl_seconds: 60 };
      await database.call('finish_idempotent', { ...one, ...answer });
      expect(await database.call('renew_idempotent', { ...one, ttl_seconds: -1 })).toEqual({
        renewed: false,
      });
      expect(await begin(60)).toMatchObject({ state: 'replay' });
    });

    it('keeps subjects and tenants apart', async () => {
      const { database } = opened();
      const begin = (tenantName: string, subject: string) =>
        database.call('begin_idempotent', { tenant: tenantName, subject, key: 'k3', ttl_seconds: 60 });
      const states = [await begin('a', 'x'), await begin('a', 'y'), await begin('b', 'x')];
      expect(states.map(({ state }) => state)).toEqual(['new', 'new', 'new']);
    });
  });

  it('gives a lease to one holder at a time, until it is released or expires', async () => {
    const { database } = opened();
    const holders = Array.from({ length: 3 }, () => randomUUID());
    const take = (holder: string, ttl_seconds = 60) =>
      database.call('take_lease', { name: 'work', holder, ttl_seconds });
    const taken = await Promise.all(holders.map((holder) => take(holder)));
    const [first = ''] = holders.filter((_holder, index) => taken[index]?.taken);
    const [second = '', third = ''] = holders.filter((holder) => holder !== first);
    expect(taken.filter((answer) => answer.taken)).toHaveLength(1);
    expect(await take(first)).toEqual({ taken: true });
    expect(await database.call('release_lease', { name: 'work', holder: second })).toEqual({
      released: false,
    });
    expect(await take(second)).toEqual({ taken: false });
    expect(await database.call('release_lease', { name: 'work', holder: first })).toEqual({ released: true });
    expect(await take(second, -1)).toEqual({ taken: true });
    expect(await take(third)).toEqual({ taken: true });
  });

  it('keeps the checkpoints of a task until it is purged', async () => {
    const { database } = opened();
    const task = await createTask(database, 'check');
    const { token } = await claim(database, task);
    for (const [key, value] of [
      ['b', { n: 1 }],
      ['a', [1]],
      ['b', { n: 2 }],
    ] as const)
      await database.call('save_checkpoint', { task, token, key, value });
    expect(await database.call('list_checkpoints', { tenant: 'check', task })).toEqual([
      { key: 'a', value: [1] },
      { key: 'b', value: { n: 2 } },
    ]);
    await database.call('complete_task', { task, token, result: null, stages: {} });
    await database.call('sweep', { max_losses: 3, retention_seconds: 0, garbage_limit: 0, ring_limit: 0 });
    expect(await database.call('list_checkpoints', { tenant: 'check', task })).toEqual([]);
  });

  describe('principals and quotas', () => {
    it('finds a key by its hash, with the reasons to refuse it', async () => {
      const { database } = opened();
      const key = {
        id: randomUUID(),
        tenant: 'keys',
        subject: 'ann',
        name: 'n',
        hash: randomUUID(),
        scopes: ['read'],
      };
      await database.call('create_api_key', key);
      expect(await database.call('find_api_key', { hash: key.hash })).toMatchObject({
        id: key.id,
        suspended: false,
        revoked_at: null,
        last_used_at: null,
      });
      await database.call('touch_api_keys', { ids: [key.id] });
      await database.call('suspend_subject', { tenant: 'keys', subject: 'ann', suspended: true });
      expect(await database.call('is_suspended', { tenant: 'keys', subject: 'ann' })).toEqual({
        suspended: true,
      });
      const found = await database.call('find_api_key', { hash: key.hash });
      expect(found).toMatchObject({
        suspended: true,
        last_used_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/),
      });
      expect(await database.call('revoke_api_key', { tenant: 'other', id: key.id })).toEqual({
        revoked: false,
      });
      expect(await database.call('revoke_api_key', { tenant: 'keys', id: key.id })).toEqual({
        revoked: true,
      });
      expect(await database.call('list_api_keys', { tenant: 'keys', limit: 10 })).toHaveLength(1);
    });

    it('adds up the usage of a tenant', async () => {
      const { database } = opened();
      await createDocuments(database, 'usage', [
        newDocument('a.txt', 'four'),
        newDocument('b.txt', 'seven77'),
      ]);
      await database.call('add_tokens', { tenant: 'usage', tokens: 40 });
      expect(await database.call('add_tokens', { tenant: 'usage', tokens: 2 })).toEqual({ tokens_today: 42 });
      expect(await database.call('tenant_usage', { tenant: 'usage' })).toEqual({
        documents: 2,
        bytes: 11,
        tasks: 2,
        tokens_today: 42,
      });
    });
  });
});
