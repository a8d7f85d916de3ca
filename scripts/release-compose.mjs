#!/usr/bin/env node
// Writes the compose file of a release: node scripts/release-compose.mjs ghcr.io/OWNER/docent:1.2.3@sha256:…
import { readFileSync } from 'node:fs';

const [image] = process.argv.slice(2);
if (!/^[\w.-]+(\/[\w.-]+)+:[\w.-]+(@sha256:[0-9a-f]{64})?$/.test(image ?? '')) {
  console.error('name the image: node scripts/release-compose.mjs REGISTRY/NAME:VERSION[@sha256:…]');
  process.exit(2);
}
const owner = image.split('/').slice(1, -1).join('/');
const text = readFileSync(new URL('../docker/release.compose.yml', import.meta.url), 'utf8')
  .replace(/\$\{DOCENT_IMAGE:\?[^}]*\}/, image)
  .replaceAll('OWNER', owner);
process.stdout.write(text);
