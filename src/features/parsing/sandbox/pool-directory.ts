import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeLeftovers, scratchName } from '../../../common/scratch.js';

const prefix = 'docent-parser';

/**
 * Makes the folder in which the children of this process
 * work, and removes those of processes that were killed.
 */
export async function makePoolDirectory(): Promise<string> {
  const root = tmpdir();
  await removeLeftovers(root, prefix).catch(() => undefined);
  const directory = join(root, scratchName(prefix));
  await mkdir(directory, { mode: 0o700, recursive: true });
  return directory;
}
