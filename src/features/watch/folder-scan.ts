import { opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DocumentSetTarget } from '../../common/document-set.js';
import { knownExtensions } from '../parsing/formats/formats.js';

/** A file of the watched folder as it looked in one scan. */
export interface SeenFile {
  /** Relative to the watched folder, with `/`. */
  path: string;
  filename: string;
  document_set: string;
  bytes: number;
  modified_at: string;
}

/** The content of the watched folder. */
export interface Scan {
  /** Distinguishes the folder itself from an empty mount point in its place. */
  folder: string;
  /** By set and file name, which identify a document. */
  files: Map<string, SeenFile>;
  /** Why a path is left alone. */
  skipped: Map<string, string>;
}

// temporary files of editors, offices and browsers
const passing = /^[.~]|~$|\.(?:tmp|part|partial|crdownload|download|swp)$/i;

/**
 * Looks at every regular file below `root`; links are not followed, hidden
 * and temporary files not mentioned. Rejects when `root` cannot be read.
 */
export async function scanFolder(root: string): Promise<Scan> {
  const { dev, ino } = await stat(root);
  const scan: Scan = { folder: `${dev}:${ino}`, files: new Map(), skipped: new Map() };
  await scanBelow(root, [], scan);
  return scan;
}

async function scanBelow(root: string, folders: string[], scan: Scan): Promise<void> {
  const set =
    folders.length === 0 ? 'default' : (DocumentSetTarget.safeParse(folders.join('_')).data ?? null);
  const entries = [];
  for await (const entry of await opendir(join(root, ...folders)))
    if (!passing.test(entry.name)) entries.push(entry);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = [...folders, entry.name].join('/');
    // a file that disappears or becomes unreadable during a scan must not stop the scan
    const lost = (): void => void scan.skipped.set(path, 'cannot be read');
    if (entry.isDirectory()) await scanBelow(root, [...folders, entry.name], scan).catch(lost);
    else if (!entry.isFile()) scan.skipped.set(path, 'is not a regular file');
    else if (!knownExtensions.has(extname(entry.name).slice(1).toLowerCase()))
      scan.skipped.set(path, 'has no known extension');
    else if (set === null) scan.skipped.set(path, 'is in a folder whose name has no letter a-z and no digit');
    else
      await look(root, { path, filename: entry.name.normalize('NFC'), document_set: set }, scan).catch(lost);
  }
}

async function look(
  root: string,
  file: Pick<SeenFile, 'path' | 'filename' | 'document_set'>,
  scan: Scan,
): Promise<void> {
  const key = `${file.document_set}/${file.filename}`;
  const other = scan.files.get(key);
  if (other) {
    scan.skipped.set(file.path, `is the same document as ${other.path}`);
    return;
  }
  scan.files.set(key, await lookAt(root, file));
}

/** How a file looks now. Rejects when it is gone. */
export async function lookAt(
  root: string,
  file: Pick<SeenFile, 'path' | 'filename' | 'document_set'>,
): Promise<SeenFile> {
  const { size, mtime } = await stat(join(root, file.path));
  return { ...file, bytes: size, modified_at: mtime.toISOString() };
}

/** True when two looks at a file saw the same size and time of change. */
export const isSame = (a: SeenFile | undefined, b: SeenFile | undefined): boolean =>
  a?.path === b?.path && a?.bytes === b?.bytes && a?.modified_at === b?.modified_at;
