#!/usr/bin/env node
// Runs every test with coverage, finds what Redis and Postgres suites need, and says loudly what was not run.
//   npm test [-- PATTERN…]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ci = process.env.CI === 'true';
const patterns = process.argv.slice(2);
const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** With CI=true the machine is ours to install on. */
function aptInstall(packages) {
  process.stderr.write(`installing ${packages.join(', ')} …\n`);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet);
}

const missing = [];
if (!process.env.REDIS_URL && !has('redis-server')) {
  if (ci && has('apt-get')) aptInstall(['redis-server']);
  if (!has('redis-server')) missing.push('Redis suites (no REDIS_URL, no redis-server)');
}

if (!has('promtool')) {
  if (ci && has('apt-get')) aptInstall(['prometheus']);
  if (!has('promtool')) missing.push("checks of the alert rules (no promtool: it comes with Debian's prometheus)");
}

const work = mkdtempSync(join(tmpdir(), 'docent-test-'));
const report = join(work, 'report.json');
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--maxWorkers=2',
    '--json',
    `--outputFile=${report}`,
    ...(patterns.length > 0 ? patterns : ['--coverage']),
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, NODE_ENV: 'test' } },
);

let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numRuntimeErrorTestSuites: 0 };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  process.stderr.write('the test runner left no report\n');
}
rmSync(work, { recursive: true, force: true });

const skipped = counts.numPendingTests + counts.numTodoTests;
for (const line of missing) process.stderr.write(`NOT RUN: ${line}\n`);
if (skipped > 0) process.stderr.write(`NOT RUN: ${skipped} tests were skipped, see above\n`);
const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
process.stdout.write(`${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(run.status !== 0 || failed > 0 || counts.numPassedTests === 0 || (ci && missing.length > 0) ? 1 : 0);
