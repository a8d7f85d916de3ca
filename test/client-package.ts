import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Packs `packages/client` and installs it in `folder`, as a
 * user's project would have it. @returns the files of the package
 */
export function installClient(folder: string): string[] {
  const told = execFileSync('npm', ['pack', '--json', '--pack-destination', folder, './packages/client'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(told.slice(told.indexOf('['))) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (!packed) throw new Error(`npm pack told of no package: ${told}`);
  const place = join(folder, 'node_modules', '@docent', 'client');
  mkdirSync(place, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', place, '--strip-components=1']);
  return packed.files.map(({ path }) => path).sort();
}
