import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../config/env.js';

/** One connection without other users. */
export interface SqlSession {
  /** Runs one statement, or several when there are no values. */
  run(text: string, values?: (string | number)[]): Promise<Record<string, unknown>[]>;
}

interface SqlFile {
  name: string;
  text: string;
  hash: string;
}

const folder = new URL('./sql/', import.meta.url);
const lock = 4_027_193_117;
const oldestPgvector = '0.8.4';

async function readFiles(kind: 'migrations' | 'functions'): Promise<SqlFile[]> {
  const path = fileURLToPath(new URL(`${kind}/`, folder));
  const names = (await readdir(path)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(`${kind}/${name}`, folder), 'utf8');
      return { name, text, hash: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Read once: a running program means the schema that it was started with. */
let files: Promise<[SqlFile[], SqlFile[]]> | undefined;
const schemaFiles = (): Promise<[SqlFile[], SqlFile[]]> =>
  (files ??= Promise.all([readFiles('migrations'), readFiles('functions')]));

const digest = (files: SqlFile[]): string =>
  createHash('sha256')
    .update(files.map((file) => `${file.name} ${file.hash}\n`).join(''))
    .digest('hex');

const ledger = `
create schema if not exists docent;
create schema if not exists docent_api;
create table if not exists docent.migrations (name text primary key, hash text not null, applied_at timestamptz not null default clock_timestamp());
create table if not exists docent.function_library (one boolean primary key default true check (one), hash text not null, applied_at timestamptz not null default clock_timestamp());
alter table docent.migrations enable row level security;
alter table docent.function_library enable row level security;`;

// functions belong to no table, so that all of them can go and come
// back in one transaction; those of triggers came with a migration
const dropFunctions = `
do $$
declare r record;
begin
  for r in
    select p.oid::regprocedure as signature from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('docent', 'docent_api') and p.prorettype <> 'trigger'::regtype and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('drop function %s', r.signature);
  end loop;
end $$`;

// Supabase has the three roles; elsewhere only PUBLIC is shut out
const closeDoors = `
revoke all on all functions in schema docent, docent_api from public;
revoke all on schema docent, docent_api from public;
do $$
declare r text;
begin
  foreach r in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = r) then
      execute format('revoke all on all functions in schema docent, docent_api from %I', r);
      execute format('revoke all on all tables in schema docent from %I', r);
      execute format('revoke all on schema docent, docent_api from %I', r);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant usage, create on schema docent to service_role;
    grant usage on schema docent_api to service_role;
    grant all on all tables in schema docent to service_role;
    grant all on all sequences in schema docent to service_role;
    grant execute on all functions in schema docent, docent_api to service_role;
    alter default privileges in schema docent grant all on tables to service_role;
  end if;
end $$`;

/** Ends the name of a migration after which no older release can run. */
const breaking = '.breaking.sql';

interface Ledger {
  /** Hashes of the applied migrations, by name. */
  hashes: ReadonlyMap<string, string>;
  /** True after a newer release: its functions serve this program too, and must stay for the newer processes. */
  isNewer: boolean;
}

/** @throws ConfigurationError for a schema of a newer release on which this program cannot run */
async function readLedger(session: SqlSession, files: SqlFile[]): Promise<Ledger> {
  const rows = await session.run('select name, hash from docent.migrations order by name');
  const hashes = new Map(rows.map((row) => [String(row['name']), String(row['hash'])]));
  const foreign = [...hashes.keys()].filter((name) => !files.some((file) => file.name === name));
  const barrier = foreign.find((name) => name.endsWith(breaking));
  if (barrier)
    throw new ConfigurationError([
      `DATABASE: the schema is newer than this program (it has ${barrier}); start the newer version`,
    ]);
  return { hashes, isNewer: foreign.length > 0 };
}

/**
 * Lists by name the changes that `migrateSchema` would apply. @throws
 * ConfigurationError for a schema that is newer than this program
 */
export async function pendingChanges(session: SqlSession): Promise<string[]> {
  const [migrations, library] = await schemaFiles();
  const [found] = await session.run(`select to_regclass('docent.migrations') is not null as is_there`);
  if (found?.['is_there'] !== true) return [...migrations.map(({ name }) => name), 'functions'];
  const { hashes, isNewer } = await readLedger(session, migrations);
  const pending = migrations.filter(({ name }) => !hashes.has(name)).map(({ name }) => name);
  if (isNewer) return pending;
  const [row] = await session.run('select hash from docent.function_library');
  return row?.['hash'] === digest(library) ? pending : [...pending, 'functions'];
}

async function applyMigrations(
  session: SqlSession,
  files: SqlFile[],
  known: ReadonlyMap<string, string>,
): Promise<string[]> {
  const applied: string[] = [];
  for (const file of files) {
    const hash = known.get(file.name);
    if (hash !== undefined && hash !== file.hash)
      throw new ConfigurationError([
        `DATABASE: migration ${file.name} was changed after it had been applied`,
      ]);
    if (hash !== undefined) continue;
    await session.run(file.text);
    await session.run('insert into docent.migrations (name, hash) values ($1, $2)', [file.name, file.hash]);
    applied.push(file.name);
  }
  return applied;
}

async function applyFunctions(session: SqlSession, files: SqlFile[]): Promise<boolean> {
  const hash = digest(files);
  const [row] = await session.run('select hash from docent.function_library');
  if (row?.['hash'] === hash) return false;
  await session.run(dropFunctions);
  await session.run('set local check_function_bodies = off');
  for (const file of files) await session.run(file.text);
  await session.run(
    'insert into docent.function_library (hash) values ($1) on conflict (one) do update set hash = excluded.hash, applied_at = clock_timestamp()',
    [hash],
  );
  return true;
}

/** True when nothing is missing. It changes nothing, and so needs neither a transaction nor the lock. */
async function isCurrent(session: SqlSession, migrations: SqlFile[], library: SqlFile[]): Promise<boolean> {
  const [found] = await session.run(`select to_regclass('docent.function_library') is not null as is_there`);
  if (found?.['is_there'] !== true) return false;
  const { hashes, isNewer } = await readLedger(session, migrations);
  const [row] = await session.run('select hash from docent.function_library');
  if (!isNewer && row?.['hash'] !== digest(library)) return false;
  return migrations.every(({ name, hash }) => hashes.get(name) === hash);
}

/**
 * Applies the missing parts in one transaction that only one process can enter: each numbered migration once,
 * then the function library if any of its files changed and no newer release has put its own there.
 * @throws ConfigurationError for a changed migration, and for one after which this program cannot run
 */
export async function migrateSchema(session: SqlSession): Promise<{ applied: string[] }> {
  const [migrations, library] = await schemaFiles();
  if (await isCurrent(session, migrations, library)) return { applied: [] };
  await session.run('begin');
  try {
    await session.run('set local statement_timeout = 0');
    await session.run(`select pg_advisory_xact_lock(${lock})`);
    await session.run('set local client_min_messages = warning');
    await session.run(ledger);
    const { hashes, isNewer } = await readLedger(session, migrations);
    const applied = await applyMigrations(session, migrations, hashes);
    if (!isNewer && (await applyFunctions(session, library))) applied.push('functions');
    if (applied.length > 0) await session.run(closeDoors);
    await session.run('commit');
    return { applied };
  } catch (error) {
    await session.run('rollback').catch(() => undefined);
    throw error;
  }
}

/** Changes with any file of the schema. */
export async function schemaHash(): Promise<string> {
  return digest((await schemaFiles()).flat());
}

/** How far the schema of this program goes, to compare with what `versions` answers. */
export async function expectedSchema(): Promise<{ migrations: number; functions: string }> {
  const [migrations, library] = await schemaFiles();
  return { migrations: migrations.length, functions: digest(library) };
}

const parts = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** @throws ConfigurationError for a pgvector whose indexes may be corrupt (CVE-2026-3172) */
export function refuseOldPgvector(version: string): void {
  const [found, least] = [parts(version), parts(oldestPgvector)];
  const first = least.findIndex((part, index) => (found[index] ?? 0) !== part);
  if (first >= 0 && (found[first] ?? 0) < (least[first] ?? 0)) {
    throw new ConfigurationError([
      `DATABASE: pgvector ${version} is too old, ${oldestPgvector} or newer is needed`,
    ]);
  }
}
