import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { type ErrorCode, Problem } from '../../common/errors.js';
import { removeLeftovers, scratchName } from '../../common/scratch.js';
import { type BlobKey, BlobStore, type ByteRange, isBlobKey } from './blob-store.js';

const kinds = ['originals', 'parsed'] as const;
const scratchPrefix = 'put';

/** Files under one folder. A blob appears under its key by a rename, after its bytes are on the disk. */
export class LocalBlobStore extends BlobStore {
  private readonly incoming: string;
  private prepared: Promise<void> | undefined;

  /** @param root folder of the blobs; made when it is missing */
  constructor(private readonly root: string) {
    super();
    this.incoming = join(root, 'incoming');
  }

  /**
   * Makes the folders and removes what killed processes left half-written. A failure
   * is tried again with the next call. @throws storage_full, storage_unavailable
   */
  prepare(): Promise<void> {
    this.prepared ??= mkdir(this.incoming, { recursive: true })
      .then(() => removeLeftovers(this.incoming, scratchPrefix))
      .then(
        () => undefined,
        (error: unknown) => {
          this.prepared = undefined;
          throw storageProblem(error);
        },
      );
    return this.prepared;
  }

  override async put(
    key: BlobKey,
    body: Readable,
    signal?: AbortSignal,
  ): Promise<{ bytes: number; sha256: string }> {
    const temporary = join(this.incoming, scratchName(scratchPrefix));
    // The body may fail before the first read: without a listener that would end the process.
    body.on('error', () => undefined);
    try {
      await this.prepare();
      signal?.throwIfAborted();
      if (signal) addAbortSignal(signal, body);
      const written = await writeDurably(temporary, body);
      await this.moveInto(temporary, this.path(key));
      return written;
    } catch (error) {
      body.destroy();
      await rm(temporary, { force: true }).catch(() => undefined);
      throw signal?.aborted ? signal.reason : error;
    }
  }

  override async get(key: BlobKey, range?: ByteRange): Promise<Readable> {
    const handle = await attempt(() => open(this.path(key), 'r'), 'blob_not_found');
    return handle.createReadStream(range && { start: range.start, end: range.end });
  }

  override async localPath(key: BlobKey): Promise<string> {
    await this.size(key);
    return this.path(key);
  }

  override async size(key: BlobKey): Promise<number> {
    const { size } = await attempt(() => stat(this.path(key)), 'blob_not_found');
    return size;
  }

  override async delete(keys: BlobKey[]): Promise<number> {
    let removed = 0;
    for (const key of keys) {
      if (await attempt(() => removeFile(this.path(key)))) removed += 1;
    }
    return removed;
  }

  override async *list(after?: BlobKey): AsyncIterable<BlobKey> {
    for (const kind of kinds) {
      for (const folder of await this.names(kind)) {
        const place = `${kind}/${folder}`;
        if (after && `${place}/~` < after) continue;
        for (const name of await this.names(place)) {
          const key = `${place}/${name}`;
          if (isBlobKey(key) && (!after || key > after)) yield key;
        }
      }
    }
  }

  override async ping(): Promise<void> {
    await this.prepare();
    const path = join(this.incoming, scratchName(scratchPrefix));
    await attempt(async () => {
      const handle = await open(path, 'wx', 0o600);
      try {
        await handle.writeFile('ping');
      } finally {
        await handle.close();
        await rm(path, { force: true });
      }
    });
  }

  override async close(): Promise<void> {}

  private path(key: BlobKey): string {
    return join(this.root, key);
  }

  private async names(folder: string): Promise<string[]> {
    const entries = await attempt(() => readdir(join(this.root, folder)).catch(unlessMissing<string[]>([])));
    return entries.toSorted();
  }

  private async moveInto(temporary: string, path: string): Promise<void> {
    const folder = dirname(path);
    await attempt(async () => {
      const made = await renameInto(temporary, path, folder);
      try {
        await syncFolder(folder);
        if (made) await syncFolder(dirname(folder));
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    });
  }
}

/** Only errors of the disk become a `Problem`. Errors of the body belong to the caller and pass unchanged. */
async function writeDurably(path: string, body: Readable): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await attempt(() => open(path, 'wx', 0o600));
  try {
    for await (const piece of body) {
      const chunk = typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array);
      hash.update(chunk);
      bytes += chunk.byteLength;
      // writes the whole chunk at the current position
      await attempt(() => handle.writeFile(chunk));
    }
    await attempt(() => handle.sync());
  } finally {
    await attempt(() => handle.close());
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** @returns whether the folder had to be made, which happens 256 times at most */
async function renameInto(temporary: string, path: string, folder: string): Promise<boolean> {
  try {
    await rename(temporary, path);
    return false;
  } catch (error) {
    unlessMissing(undefined)(error);
    await mkdir(folder, { recursive: true });
    await rename(temporary, path);
    return true;
  }
}

/** Without it, a power cut can undo the rename. */
async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

const removeFile = (path: string): Promise<boolean> => unlink(path).then(() => true, unlessMissing(false));

const unlessMissing =
  <T>(fallback: T) =>
  (error: unknown): T => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fallback;
    throw error;
  };

/** @param missing the error for a file that does not exist */
async function attempt<T>(
  operation: () => Promise<T>,
  missing: ErrorCode = 'storage_unavailable',
): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw storageProblem(error, missing);
  }
}

const fullDisk = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function storageProblem(error: unknown, missing: ErrorCode = 'storage_unavailable'): Problem {
  if (error instanceof Problem) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT') return new Problem(missing, undefined, { cause: error });
  return new Problem(fullDisk.has(code) ? 'storage_full' : 'storage_unavailable', undefined, {
    cause: error,
  });
}
