#!/usr/bin/env node
// Brings a fresh clone to where it can run: installs when the lockfile
// changed, builds when the sources did. Uses nothing but Node >= 20 and npm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const installMark = join(root, 'node_modules', '.docent-install-hash');
const buildMark = join(root, 'dist', '.build-hash');

const filesBelow = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

function hashFile(paths) {
  const hash = createHash('sha256').update(process.platform + process.arch);
  for (const path of paths) hash.update(relative(root, path)).update(readFileSync(path));
  return hash.digest('hex');
}

const markedAs = (mark, hash) => existsSync(mark) && readFileSync(mark, 'utf8') === hash;

function run(title, args) {
  const started = Date.now();
  process.stderr.write(`${title} …\n`);
  // through npm, so that the Node of the devDependency comes first on the PATH of what follows
  const { status } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(`${title} failed: npm ${args.join(' ')} ended with ${status}\n`);
    process.exit(1);
  }
  process.stderr.write(`${title} took ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  process.stderr.write(`docent needs Node 20 or newer with npm; this is ${process.version}\n`);
  process.exit(1);
}

const lockHash = hashFile([join(root, 'package-lock.json'), join(root, 'package.json')]);
if (!markedAs(installMark, lockHash)) {
  run('installing packages', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(installMark, lockHash);
}

const sources = [
  ...filesBelow(join(root, 'src')).filter((path) => !path.endsWith('.spec.ts')),
  ...['nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) =>
    join(root, name),
  ),
];
const buildHash = hashFile(sources);
if (!markedAs(buildMark, buildHash)) {
  run('building', ['run', '--silent', 'build']);
  writeFileSync(buildMark, buildHash);
}
