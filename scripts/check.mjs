#!/usr/bin/env node
// Every check before a change lands, apart from the tests: npm run check
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/**
 * These need another program, or a registry that answers;
 * where they cannot run the check says so and goes on.
 */
const hasPython = spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0;
const checks = [
  ['format', ['run', '--silent', 'format:check']],
  ['lint', ['run', '--silent', 'lint']],
  ['types', ['run', '--silent', 'typecheck']],
  ['dependency rules', ['run', '--silent', 'deps']],
  ['unused code', ['run', '--silent', 'unused']],
  ['build', ['run', '--silent', 'build']],
  ['generated pages', ['run', '--silent', 'generate:check']],
  ['known weaknesses of packages', ['run', '--silent', 'audit']],
  ['processor time beside its limits', ['run', '--silent', 'bench:check']],
  ...(hasPython ? [['openapi.json against the service', ['run', '--silent', 'check:openapi']]] : []),
];

/** @type {string[]} */
const failed = [];
for (const [name, args] of /** @type {[string, string[]][]} */ (checks)) {
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.stdout.write(
    `${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
  // A check that could not run says so even where it does not fail.
  const skipped = `${stdout}\n${stderr}`.match(/^(?:SKIPPED|NOT RUN): .*$/mu)?.[0];
  if (skipped) process.stdout.write(`       ${skipped}\n`);
  if (status === 0) continue;
  failed.push(name);
  process.stdout.write(`${stdout}\n${stderr}\n`);
}
if (!hasPython)
  process.stdout.write('NOT RUN: openapi.json against the service: python3 with venv is not there\n');
if (failed.length > 0) process.stdout.write(`npm run check failed: ${failed.join(', ')}\n`);
process.exit(failed.length > 0 ? 1 : 0);
