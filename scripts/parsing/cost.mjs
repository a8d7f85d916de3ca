#!/usr/bin/env node
// Parses files of one format several times in this process and prints what that cost:
//   node scripts/parsing/cost.mjs DIST FORMAT FILE…
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const minSeconds = 2;
const [dist, format, ...files] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, 'features', 'parsing', path)).href);
const { formatTable } = await load('formats/format-table.js');
const { embeddedReader } = await load('sandbox/embedded-files.js');
const entry = Object.values(formatTable).find(({ extensions }) => extensions.includes(format));
const { parse } = await entry.load();

async function parseAll() {
  let [pages, bytes] = [0, 0];
  for (const path of files) {
    const source = { path, filename: basename(path), bytes: statSync(path).size };
    const embedded = embeddedReader(false, '/tmp');
    const document = await parse({ ...source, progress: () => undefined, embedded }).catch(() => null);
    pages += document?.parts.length ?? 0;
    bytes += source.bytes;
  }
  return { pages, bytes };
}

// the first pass compiles the code
await parseAll();
const start = process.cpuUsage();
let [pages, bytes, seconds] = [0, 0, 0];
while (seconds < minSeconds) {
  const pass = await parseAll();
  pages += pass.pages;
  bytes += pass.bytes;
  const { user, system } = process.cpuUsage(start);
  seconds = (user + system) / 1e6;
}
const memory = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${[format, files.length, (pages / seconds).toFixed(0), (bytes / 1e6 / seconds).toFixed(1), memory.toFixed(0)].join('\t')}\n`,
);
