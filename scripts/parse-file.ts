// Parses one file in this process and prints its parts, so that a debugger can stop in a parser:
//   npm run parse -- FILE
import { statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { formatTable } from '../src/features/parsing/formats/formats.js';

// a pager that is closed early is no error
process.stdout.on('error', () => process.exit(0));

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: npm run parse -- FILE\n');
  process.exit(2);
}
const extension = extname(file).slice(1).toLowerCase();
const entry = Object.values(formatTable).find(({ extensions }) => extensions.includes(extension));
if (entry === undefined) {
  process.stderr.write(`no parser reads .${extension}\n`);
  process.exit(2);
}
const path = resolve(file);
const { parse } = await entry.load();
const parsed = await parse({
  path,
  filename: basename(file),
  bytes: statSync(path).size,
  progress: () => undefined,
});
for (const part of parsed.parts) {
  process.stdout.write(`--- ${part.kind} ${part.page ?? part.label ?? ''}\n${part.markdown}\n`);
}
process.stdout.write(`--- warnings: ${JSON.stringify(parsed.warnings)}\n`);
