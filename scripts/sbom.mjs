#!/usr/bin/env node
// Writes the bill of materials of what runs in production, as CycloneDX JSON: npm run sbom -- [FILE]
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const usage = 'npm run sbom -- [FILE]    writes the bill of materials, to sbom.cdx.json by default';
const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h', default: false } },
  allowPositionals: true,
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const file = positionals[0] ?? 'sbom.cdx.json';
const { status, stdout, stderr } = spawnSync(
  'npm',
  ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev'],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
);
if (status !== 0) {
  console.error(`the bill of materials could not be made:\n${stderr}`);
  process.exit(1);
}
const bill = JSON.parse(stdout);
const components = bill.components ?? [];
const unlicensed = components
  .filter((component) => !component.licenses?.length)
  .map(({ name, version }) => `${name}@${version}`);
writeFileSync(file, `${JSON.stringify(bill, null, 1)}\n`);
console.log(
  `${components.length} components in ${file}${unlicensed.length > 0 ? `, without a licence: ${unlicensed.join(', ')}` : ''}`,
);
