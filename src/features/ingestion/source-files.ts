import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { removeLeftovers, scratchName } from '../../common/scratch.js';
import { type BlobKey, BlobStore } from '../../platform/blob/blob-store.js';

const prefix = 'docent-work';
const fullDisk = new Set(['ENOSPC', 'EDQUOT']);

/** A file with the bytes of a blob. */
export interface LocalFile {
  path: string;
  /** To be called when the file is no longer read. */
  release(): Promise<void>;
}

/** Local files of blobs: the store's own, or copies in a folder that is gone when they are released. */
@Injectable()
export class SourceFiles implements OnModuleInit {
  constructor(private readonly blobs: BlobStore) {}

  async onModuleInit(): Promise<void> {
    await removeLeftovers(tmpdir(), prefix).catch(() => 0);
  }

  /**
   * Gives the blob as a file, until it is released.
   * @param options.packed the blob is packed, and the file is not
   * @throws blob_not_found, storage_unavailable, storage_full
   */
  async open(key: BlobKey, options: { signal: AbortSignal; packed?: boolean }): Promise<LocalFile> {
    const own = options.packed ? null : await this.blobs.localPath(key);
    if (own !== null) return { path: own, release: async () => undefined };
    const folder = join(tmpdir(), scratchName(prefix));
    const release = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      await mkdir(folder, { mode: 0o700 });
      const path = join(folder, 'copy');
      const steps = options.packed ? [createGunzip()] : [];
      await pipeline([await this.blobs.get(key), ...steps, createWriteStream(path)], {
        signal: options.signal,
      });
      return { path, release };
    } catch (error) {
      await release();
      throw asDiskProblem(error);
    }
  }
}

/** A full disk as `storage_full`; any other error as it is. */
export const asDiskProblem = (error: unknown): unknown =>
  fullDisk.has((error as NodeJS.ErrnoException).code ?? '')
    ? new Problem('storage_full', undefined, { cause: error })
    : error;
