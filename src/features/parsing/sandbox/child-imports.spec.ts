import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const { compile } = createRequire(import.meta.url)('../../../../test/native/compile.cjs') as {
  compile: (path: string) => { code: string };
};

/** Packages of the service that no parser needs. They take a tenth of a second of each child's start. */
const packagesOfTheService = /^(?:zod|undici|@nestjs\/.*|fastify|rxjs|pino|pg|ioredis|reflect-metadata)$/;

const importing = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const importingLater = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

interface Reached {
  files: Set<string>;
  packages: Set<string>;
  /** Modules that are loaded only when a document needs them. */
  later: Set<string>;
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Follows the imports that are left when the types are gone. */
function follow(entries: readonly string[]): Reached {
  const files = new Set<string>();
  const reached: Reached = { files, packages: new Set(), later: new Set() };
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const { code } = compile(fileURLToPath(file));
    const sourceOf = (specifier: string) => new URL(specifier.replace(/\.js$/, '.ts'), file).href;
    for (const [, specifier = ''] of code.matchAll(importing)) {
      if (specifier.startsWith('.')) waiting.push(sourceOf(specifier));
      else if (!specifier.startsWith('node:')) reached.packages.add(packageOf(specifier));
    }
    for (const [, specifier = ''] of code.matchAll(importingLater))
      if (specifier.startsWith('.')) reached.later.add(sourceOf(specifier));
      else if (!specifier.startsWith('node:')) reached.later.add(specifier);
  }
  return reached;
}

describe('a parser child', () => {
  const start = follow([
    new URL('./child.ts', import.meta.url).href,
    new URL('../../../common/seal-process.ts', import.meta.url).href,
  ]);

  it('loads no package before it knows the format of its document', () => {
    expect(start.files.size).toBeGreaterThan(10);
    expect([...start.packages]).toEqual([]);
  });

  it('loads no package of the service for any format', () => {
    const later = [...start.later].filter((one) => one.startsWith('file:'));
    expect(later.length).toBeGreaterThan(15);
    const wrong = later.flatMap((file) =>
      [...follow([file]).packages]
        .filter((name) => packagesOfTheService.test(name))
        .map((name) => `${file.split('/src/').at(-1)}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});
