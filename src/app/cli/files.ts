import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { knownExtensions } from '../../features/parsing/formats/formats.js';
import type { LocalFile } from './client.js';
import { CliError, exitCodes } from './exit.js';

export interface Collected {
  files: LocalFile[];
  /** Files that were found but not taken. */
  skipped: { path: string; reason: string }[];
}

/**
 * The files under `paths`: named files are always taken, folders are searched for known extensions. Hidden
 * entries and links are not followed. A set knows a file by its base name, so only the first of two files
 * with the same name is taken.
 * @throws CliError with code 2 for a path that does not exist
 */
export async function collectFiles(paths: string[]): Promise<Collected> {
  const collected: Collected = { files: [], skipped: [] };
  const taken = new Map<string, string>();
  const take = (path: string): void => {
    const filename = basename(path).normalize('NFC');
    const other = taken.get(filename);
    if (other === path) return;
    if (other !== undefined) {
      collected.skipped.push({ path, reason: `has the name of ${other}: give it another set` });
      return;
    }
    taken.set(filename, path);
    collected.files.push({ path, filename });
  };
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (!found) throw new CliError(`${path}: no such file or folder`, exitCodes.usage);
    if (found.isDirectory()) await walk(path, take, collected);
    else take(path);
  }
  return collected;
}

async function walk(folder: string, take: (path: string) => void, collected: Collected): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) await walk(path, take, collected);
    else if (!entry.isFile()) collected.skipped.push({ path, reason: 'is not a regular file' });
    else if (knownExtensions.has(extname(entry.name).slice(1).toLowerCase())) take(path);
    else collected.skipped.push({ path, reason: 'has no known extension' });
  }
}
