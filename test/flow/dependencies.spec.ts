import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface LockedPackage {
  version?: string;
  license?: string;
  dev?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};
const packages = Object.entries(lock.packages)
  .filter(([path]) => path.startsWith('node_modules/'))
  .map(([path, entry]) => ({
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    ...entry,
  }));

/** The first version without the incident; see RELIABILITY in docs/decisions or the advisory itself. */
const minimum: Record<string, [string, string]> = {
  '@nestjs/platform-fastify': ['11.1.14', 'CVE-2025-69211, CVE-2026-2293'],
  fastify: ['5.8.2', 'CVE-2026-25223, CVE-2026-3419'],
  '@fastify/multipart': ['9.0.3', 'CVE-2025-24033, CVE-2023-25576'],
  'socket.io': ['4.6.2', 'CVE-2024-38355'],
  'socket.io-parser': ['4.2.6', 'CVE-2023-32695, CVE-2026-33151'],
  jose: ['5.2.2', 'CVE-2024-28176'],
  '@e965/xlsx': ['0.20.2', 'CVE-2023-30533'],
  'pdfjs-dist': ['4.2.67', 'CVE-2024-4367'],
};
const numbers = (version: string): number[] => version.split('-', 1)[0]?.split('.').map(Number) ?? [];
const isAtLeast = (version: string, least: string): boolean => {
  const [have, need] = [numbers(version), numbers(least)];
  const place = need.findIndex((part, index) => part !== (have[index] ?? 0));
  return place < 0 || (have[place] ?? 0) > (need[place] ?? 0);
};
const permissive =
  /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0|CC-BY-4\.0|WTFPL|Zlib)\b/;
// their manifests name no licence, their repositories do: MIT, all of them
const unnamed = /^(@mdream\/rust-|xmlhttprequest-ssl$)/;
// libvips is linked dynamically and shipped as a separate package of its own
const lesser = new Set([
  'LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later',
  'Apache-2.0 AND LGPL-3.0-or-later AND MIT',
]);

describe('dependencies', () => {
  it.each(Object.entries(minimum))('%s is not of a version known to be bad', (name, [least, incidents]) => {
    const bad = packages
      .filter((entry) => entry.name === name && !isAtLeast(entry.version ?? '0', least))
      .map(({ version }) => `${name} ${version}: ${incidents}`);
    expect(bad).toEqual([]);
  });

  it('never include the packages that must not be used', () => {
    expect(packages.filter(({ name }) => ['xlsx', 'mammoth', 'vm2', 'request'].includes(name))).toEqual([]);
  });

  it('have permissive licences if they are shipped', () => {
    const doubtful = packages.filter(
      ({ name, dev, license }) =>
        !dev &&
        !permissive.test(license ?? '') &&
        !lesser.has(license ?? '') &&
        !(license === undefined && unnamed.test(name)),
    );
    expect(doubtful.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  it('are pinned exactly', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('are resolved without the address of any registry', () => {
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it('run no install script but the one that is allowed', () => {
    const allowed = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name]);
    expect(allowed).toEqual(['node']);
    // npm runs the scripts of packages that the list does not name, unless it is strict
    expect(readFileSync('.npmrc', 'utf8')).toMatch(/^strict-allow-scripts=true$/m);
  });

  it('have install scripts only where they are listed', () => {
    const undecided = packages.filter(
      ({ hasInstallScript, name }) => hasInstallScript && !(name in manifest.allowScripts),
    );
    expect(undecided).toEqual([]);
  });
});
