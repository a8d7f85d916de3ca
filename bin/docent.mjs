#!/usr/bin/env node
// Finds a Node that is new enough and the built command line.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
// an old Node has no compile cache, and must get as far as the message about its version
import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const { engines } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
const minNode = engines.node.replace(/^>=\s*/, '');
const [minMajor = 0, minMinor = 0] = minNode.split('.').map(Number);
const isNewEnough = major > minMajor || (major === minMajor && minor >= minMinor);
const bundled = here(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
const built = here('../dist/app/cli/main.js');

if (!isNewEnough && existsSync(bundled) && process.execPath !== bundled) {
  const { status, signal } = spawnSync(bundled, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(status ?? (signal ? 1 : 0));
}
if (!isNewEnough) {
  process.stderr.write(
    `docent needs Node ${minNode} or newer; this is ${process.version}. In a clone, \`npm install\` brings one along.\n`,
  );
  process.exit(1);
}
if (!existsSync(built)) {
  process.stderr.write('docent is not built yet: run `npm install && npm run build` first.\n');
  process.exit(1);
}
if (process.argv.slice(2).find((argument) => !argument.startsWith('-')) === 'serve') {
  const { holdLessMemory } = await import(new URL('../dist/app/hold-less-memory.js', import.meta.url));
  holdLessMemory();
}
// before the program is loaded: its compiled code is kept for the next start
nodeModule.enableCompileCache();
const { main } = await import(pathToFileURL(built).href);
await main();
