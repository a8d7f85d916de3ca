#!/usr/bin/env node
// Makes hostile files and a few ordinary ones for the parsers, so that git holds no bomb.
//   node scripts/make-hostile-files.mjs DIRECTORY
// `DIRECTORY/manifest.json` lists `{file, bytes, expect}`: the codes of the
// catalogue that are a right verdict, `ok` where the file must be read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compoundFiles } from './hostile/compound.mjs';
import { officeFiles } from './hostile/office.mjs';
import { pdfFiles } from './hostile/pdf.mjs';
import { textFiles } from './hostile/text.mjs';

const directory = process.argv[2];
if (!directory) {
  console.error('usage: make-hostile-files.mjs DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const manifest = [];
for (const make of [textFiles, pdfFiles, officeFiles, compoundFiles]) {
  for (const [file, data, expect] of make()) {
    const bytes = Buffer.from(data);
    writeFileSync(join(directory, file), bytes);
    manifest.push({ file, bytes: bytes.length, expect });
  }
}
writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
console.log(`${manifest.length} files in ${directory}`);
