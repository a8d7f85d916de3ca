import { constants } from 'node:fs';
import { open, opendir, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { Problem } from '../../../common/errors.js';
import { knownExtensions } from '../../parsing/formats/formats.js';
import {
  type FetchedItem,
  type ListingPart,
  type ListingStart,
  maxItems,
  nameOfPath,
  type Source,
  type SourceItem,
  tooMany,
} from '../source.js';

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/**
 * The real path of a folder that the operator lets sources read.
 * @throws forbidden for any other, whether it exists or not
 */
export async function allowedFolder(path: string, allowed: readonly string[]): Promise<string> {
  const real = await realpath(path).catch(() => null);
  const roots = await Promise.all(allowed.map((folder) => realpath(folder).catch(() => null)));
  if (real === null || !roots.some((root) => root !== null && isBelow(real, root)))
    throw new Problem(
      'forbidden',
      'Sources may not read this folder. Name one that exists below a folder of SOURCE_FOLDERS.',
    );
  return real;
}

/** Files of known types below a folder of the server. Links and hidden files are left out. */
export class FolderSource implements Source {
  private root = '';

  constructor(
    private readonly path: string,
    private readonly allowed: readonly string[],
  ) {}

  /**
   * Without checkpoints: to list a folder again costs little,
   * and files that were taken are known by their time.
   */
  async *list(_start: ListingStart, signal: AbortSignal): AsyncGenerator<ListingPart> {
    this.root = await allowedFolder(this.path, this.allowed);
    const items: SourceItem[] = [];
    await this.walk(this.root, items, signal);
    yield { items, vanished: 'unlisted', checkpoint: null, share: 1 };
  }

  async fetch({ key }: SourceItem): Promise<FetchedItem> {
    const path = await realpath(join(this.root, key)).catch(() => '');
    if (!isBelow(path, this.root)) throw new Problem('not_found');
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
      throw new Problem('not_found', 'The file cannot be read.', { cause });
    });
    if ((await file.stat()).isFile()) return { body: file.createReadStream() };
    await file.close();
    throw new Problem('not_found', 'This is no longer a regular file.');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async walk(folder: string, items: SourceItem[], signal: AbortSignal): Promise<void> {
    // a folder that cannot be read ends the run, since its files may still exist
    for await (const entry of await opendir(folder)) {
      signal.throwIfAborted();
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.walk(path, items, signal);
      else if (entry.isFile() && knownExtensions.has(extname(entry.name).slice(1).toLowerCase())) {
        const key = relative(this.root, path).split(sep).join('/');
        const { size, mtimeMs } = await stat(path);
        items.push({ key, version: `${mtimeMs}-${size}`, filename: nameOfPath(key) });
        if (items.length > maxItems) throw tooMany();
      }
    }
  }
}
