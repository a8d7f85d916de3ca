#!/usr/bin/env node
// Runs every test, finds what Redis and Postgres suites need, and says loudly what was not run.
//   npm test [-- --all] [-- --coverage] [-- PATTERN…]
// The ring of the built service as processes of its own (test/acceptance) is slow. It runs with --all, with
// CI=true, and where a pattern names it.
// Coverage is not measured by default: collecting it after each suite doubles the time of the whole run.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchPostgres } from './fetch-postgres.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ci = process.env.CI === 'true';
const patterns = process.argv.slice(2).filter((argument) => argument !== '--all');
const whole = patterns.every((pattern) => pattern.startsWith('--'));
const withoutProcesses = whole && !ci && !process.argv.includes('--all');
const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** With CI=true this script may install packages. */
function aptInstall(packages) {
  process.stderr.write(`installing ${packages.join(', ')} …\n`);
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
}

/**
 * Not in Debian, so that a machine of CI fetches them: too large, or too old, for everybody's node_modules.
 */
function fetchProgram(spec) {
  process.stderr.write(`installing ${spec} …\n`);
  const prefix = mkdtempSync(join(tmpdir(), 'docent-program-'));
  const options = ['--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  spawnSync('npm', ['install', ...options, spec], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.env.PATH = `${join(prefix, 'node_modules', '.bin')}:${process.env.PATH}`;
}

/** Suites that this machine cannot run. With CI=true they are a failure. */
const missing = [];

/** Looks for a program that a suite needs; with CI=true, Debian's package brings it. */
function need(command, debianPackage, told) {
  if (has(command)) return;
  if (ci && has('apt-get')) aptInstall([debianPackage]);
  if (!has(command)) missing.push(told);
}

if (!process.env.REDIS_URL)
  need('redis-server', 'redis-server', 'Redis suites (no REDIS_URL, no redis-server)');
need('promtool', 'prometheus', "checks of the alert rules (no promtool: it comes with Debian's prometheus)");
need('ss', 'iproute2', 'the length of the accept queue (no ss: it comes with iproute2)');
need('kubectl', 'kubernetes-client', 'building the Kubernetes files (no kubectl)');
need('chromium', 'chromium', 'the console in a browser (no chromium)');

const hasRequests = () => spawnSync('python3', ['-c', 'import requests'], { stdio: 'ignore' }).status === 0;
if (!hasRequests()) {
  if (ci && has('apt-get')) aptInstall(['python3', 'python3-requests']);
  if (!hasRequests()) missing.push('the example in Python (no python3 with requests)');
}

if (!has('azurite-blob')) {
  if (ci) fetchProgram('azurite@3.37.0');
  if (!has('azurite-blob'))
    missing.push('the Azure blob store against an emulator (no azurite-blob: npm install --global azurite)');
}

if (!has('s3rver')) {
  if (ci) fetchProgram('s3rver@3.7.1');
  if (!has('s3rver'))
    missing.push('the S3 blob store against a server (no s3rver: npm install --global s3rver)');
}

if (!process.env.DATABASE_URL && process.env.TEST_POSTGRES !== 'pglite') {
  // a newcomer's machine uses its own Postgres or the stand-in;
  // TEST_POSTGRES=packages downloads a real one, about 48 MB
  if (ci || process.env.TEST_POSTGRES === 'packages') {
    try {
      process.env.TEST_POSTGRES_DIR = fetchPostgres();
    } catch (error) {
      missing.push(`suites that need a real Postgres (${error.message})`);
    }
  }
}

/**
 * The tests create about two hundred databases. Where there is enough memory, their files lie in it:
 * no test waits for a disk to store what is deleted a second later.
 */
function scratchFolder() {
  const inMemory = '/dev/shm';
  const gibibyte = 2 ** 30;
  try {
    const { type, bavail, bsize } = statfsSync(inMemory);
    const tmpfs = 0x01021994;
    if (type === tmpfs && bavail * bsize > 4 * gibibyte && freemem() > 6 * gibibyte) return inMemory;
  } catch {
    // not Linux
  }
  return tmpdir();
}

/**
 * One more than there are cores: suites of timeouts, restarts and polite clients wait more than they work.
 * A worker needs up to 2 GiB.
 */
function countWorkers() {
  const gibibyte = 2 ** 30;
  return Math.max(1, Math.min(availableParallelism() + 1, 8, Math.floor(freemem() / (2 * gibibyte))));
}

const work = mkdtempSync(join(scratchFolder(), 'docent-test-'));
// Postgres runs as a user of its own, and its files lie in here
chmodSync(work, 0o711);
/** Runs jest and gives its exit status and what it reports of each suite. */
function jest(workers, files) {
  const report = join(work, 'report.json');
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      // as src/platform/database/pglite.ts, for what runs before it
      '--no-wasm-code-gc',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      `--maxWorkers=${workers}`,
      '--json',
      `--outputFile=${report}`,
      ...files,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NODE_ENV: 'test', TMPDIR: work },
    },
  );
  try {
    return { status, suites: JSON.parse(readFileSync(report, 'utf8')).testResults };
  } catch {
    process.stderr.write('the test runner left no report\n');
    return { status, suites: [] };
  }
}

const first = jest(countWorkers(), [
  ...patterns,
  ...(withoutProcesses ? ['--testPathIgnorePatterns', 'test/acceptance/'] : []),
]);
let { status, suites } = first;

/**
 * A machine that other work keeps busy makes a suite fail now and then that passes alone. One or two such suites run
 * once more, alone. A fault fails again; what passes is listed, because an unsteady test is a fault of the test.
 */
const failing = suites.filter((suite) => suite.status === 'failed').map(({ name }) => name);
const unsteady = [];
if (status !== 0 && whole && patterns.length === 0 && failing.length > 0 && failing.length <= 2) {
  process.stderr.write('running again, alone, what failed …\n');
  const second = jest(1, ['--runTestsByPath', ...failing]);
  const ranAgain = new Map(second.suites.map((suite) => [suite.name, suite]));
  suites = suites.map((suite) => ranAgain.get(suite.name) ?? suite);
  status = second.status;
  const passed = new Set(second.suites.filter((suite) => suite.status === 'passed').map(({ name }) => name));
  unsteady.push(...failing.filter((name) => passed.has(name)).map((name) => relative(root, name)));
}
rmSync(work, { recursive: true, force: true });

const tests = suites.flatMap(({ assertionResults }) => assertionResults);
const countOf = (...statuses) => tests.filter((test) => statuses.includes(test.status)).length;
const passed = countOf('passed');
const skipped = countOf('pending', 'todo');
/** With them, suites that could not be loaded and have no tests. */
const failed =
  countOf('failed') +
  suites.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .length;

/** Skipped tests by file. With CI=true every one of them is a failure. */
const skippedIn = suites.flatMap(({ name, assertionResults }) => {
  const titles = assertionResults
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
  return titles.length > 0 ? [{ file: relative(root, name), titles }] : [];
});
if (withoutProcesses)
  process.stderr.write(
    'NOT RUN: test/acceptance, the built service as processes (npm test -- --all runs it)\n',
  );
for (const line of missing) process.stderr.write(`NOT RUN: ${line}\n`);
for (const { file, titles } of skippedIn) {
  process.stderr.write(
    `NOT RUN: ${titles.length} of ${file}\n${titles.map((title) => `  ${title}\n`).join('')}`,
  );
}
for (const file of unsteady)
  process.stderr.write(`UNSTEADY: ${file} failed beside others and passed alone. Find out why.\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(
  status !== 0 || failed > 0 || passed === 0 || (ci && whole && missing.length + skipped > 0) ? 1 : 0,
);
