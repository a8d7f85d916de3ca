import { Problem } from '../../common/errors.js';
import { cleanFilename, cleanFolder } from '../../common/filename.js';
import { archiveExtension, assertKnownName, getExtension } from '../parsing/formats/formats.js';
import type { ZipEntry } from '../parsing/formats/zip-directory.js';

export interface ArchiveLimits {
  /** Files of all archives of a request. */
  maxEntries: number;
  /** Unpacked bytes of all archives of a request. */
  maxBytes: number;
  maxFileBytes: number;
}
export interface PlannedEntry {
  entry: ZipEntry;
  filename: string;
  /** Folders from the root of the archive, joined by `/`; null at the root. */
  folder: string | null;
  /** The reason not to unpack it. */
  problem: Problem | null;
}

// A ratio of 250 is beyond what documents reach; small entries of one repeated line are harmless.
const maxRatio = 250;
const minSuspectBytes = 4 * 1024 * 1024;
const localHeaderBytes = 30;

/**
 * Decides from the directory of an archive what happens to each file in it, before a byte is inflated. Leaves
 * out files that systems add by themselves.
 * @throws Problem empty_file, too_large, archive_bomb
 */
export function planArchive(entries: ZipEntry[], limits: ArchiveLimits): PlannedEntry[] {
  const files = entries.filter(({ name }) => !name.endsWith('/') && !isClutter(name));
  if (files.length === 0) throw new Problem('empty_file', 'The archive holds no files.');
  if (files.length > limits.maxEntries)
    throw new Problem(
      'too_large',
      `The archive holds ${files.length} files; at most ${limits.maxEntries} more are unpacked in this request. Split the archive.`,
    );
  if (files.some(({ size, compressed }) => size > minSuspectBytes && size > compressed * maxRatio))
    throw new Problem('archive_bomb');
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > limits.maxBytes)
    throw new Problem(
      'too_large',
      `The archive unpacks to ${bytes} bytes; at most ${limits.maxBytes} more are unpacked in this request. Split the archive.`,
    );
  assertNoOverlap(entries);
  return files.map((entry) => planEntry(entry, limits));
}

function planEntry(entry: ZipEntry, limits: ArchiveLimits): PlannedEntry {
  const base = entry.name.slice(entry.name.lastIndexOf('/') + 1);
  const plan: PlannedEntry = { entry, filename: base, folder: cleanFolder(entry.name), problem: null };
  try {
    plan.filename = cleanFilename(base);
    assertUnpackable(entry, plan.filename, limits);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    plan.problem = error;
  }
  return plan;
}

/** @throws Problem encrypted_document, unsupported_file_type, payload_too_large */
function assertUnpackable(entry: ZipEntry, filename: string, { maxFileBytes }: ArchiveLimits): void {
  if (entry.encrypted)
    throw new Problem(
      'encrypted_document',
      'The file is encrypted in the archive. Pack it without a password.',
    );
  if (entry.isLink) throw new Problem('unsupported_file_type', 'The entry is a link. Pack the file itself.');
  if (getExtension(filename) === archiveExtension)
    throw new Problem(
      'unsupported_file_type',
      'Archives in archives are not unpacked. Upload the inner archive by itself.',
    );
  assertKnownName(filename);
  if (entry.method !== 0 && entry.method !== 8)
    throw new Problem(
      'unsupported_file_type',
      'The file is packed by a method that is not supported. Pack it with Deflate.',
    );
  if (entry.size > maxFileBytes)
    throw new Problem('payload_too_large', `A file may have at most ${maxFileBytes} bytes.`);
}

/**
 * Files that systems and editors leave behind: hidden ones, resource forks, thumbnails, lock files of Office.
 */
function isClutter(path: string): boolean {
  const segments = path.split('/');
  return (
    segments.some((segment) => segment === '__MACOSX' || /^\.[^.]/.test(segment)) ||
    /^(?:thumbs\.db|desktop\.ini|~\$.*)$/i.test(segments.at(-1) ?? '')
  );
}

/** Entries that share bytes make a small archive of many large files. */
function assertNoOverlap(entries: ZipEntry[]): void {
  let reached = 0;
  for (const { offset, compressed } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < reached) throw new Problem('archive_bomb', 'Files of the archive share the same bytes.');
    reached = offset + localHeaderBytes + compressed;
  }
}
