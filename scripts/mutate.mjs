#!/usr/bin/env node
// Breaks one mechanism behind a promise of SECURITY.md at a time and runs the spec that has to notice:
//   npm run mutate                 all of scripts/mutate/mutants.mjs
//   npm run mutate -- audit quota  those whose name contains one of the words
//   npm run mutate -- --list       names, files and specs
// The change is made in a copy of the project. Ends with 1 when a spec
// passes all the same, or when a mutant no longer fits the source.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fetchPostgres } from './fetch-postgres.mjs';
import { mutants } from './mutate/mutants.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false } },
});
const chosen = mutants.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
);
const maxSpecMs = 8 * 60_000;

/** The files of the project that the specs need, without build results and measurements. */
function copyProject() {
  const copy = mkdtempSync(join(tmpdir(), 'docent-mutate-'));
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const path of stdout.split('\n').filter((name) => name && existsSync(join(root, name))))
    cpSync(join(root, path), join(copy, path));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** @returns the result of the mutant: `noticed`, `survived` or `does not fit` */
function tryMutant(copy, { file, find, replace, spec, test }) {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) return 'does not fit';
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  try {
    const jest = ['--experimental-vm-modules', '--no-wasm-code-gc', '--disable-warning=ExperimentalWarning'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...jest, 'node_modules/jest/bin/jest.js', '--maxWorkers=1', spec, ...(test ? ['-t', test] : [])],
      { cwd: copy, encoding: 'utf8', timeout: maxSpecMs, maxBuffer: 64 * 1024 * 1024 },
    );
    const ran = /^Tests:.*?(\d+) total/mu.exec(stdout + stderr)?.[1];
    const failed = /^Tests:.*?(\d+) failed/mu.exec(stdout + stderr)?.[1];
    const passed = /^Tests:.*?(\d+) passed/mu.exec(stdout + stderr)?.[1];
    if (ran && !failed && !passed) return `did not run: no test is called ${test}`;
    // A spec that could not be loaded has noticed nothing.
    if (!ran || ran === '0') return `did not run: ${(stderr || stdout).trim().slice(-600)}`;
    return status !== 0 && failed ? 'noticed' : 'survived';
  } finally {
    writeFileSync(path, source);
  }
}

if (values.list) {
  for (const { name, file, spec } of chosen) console.log(`${name}\n  ${file}\n  ${spec}`);
  process.exit(0);
}
// some mechanisms show only where each connection is a session, which the stand-in has not
try {
  process.env.TEST_POSTGRES_DIR ??= fetchPostgres();
} catch (error) {
  console.log(`without a Postgres of our own, specs that need one notice nothing: ${error.message}`);
}
const copy = copyProject();
const bad = [];
try {
  for (const mutant of chosen) {
    const started = Date.now();
    const fate = tryMutant(copy, mutant);
    if (fate !== 'noticed') bad.push(mutant.name);
    console.log(`${fate} (${((Date.now() - started) / 1000).toFixed(0)} s)  ${mutant.name}`);
    if (fate !== 'noticed') console.log(`  ${mutant.file}\n  ${mutant.spec}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - bad.length} of ${chosen.length} mutants were noticed`);
process.exit(bad.length > 0 ? 1 : 0);
