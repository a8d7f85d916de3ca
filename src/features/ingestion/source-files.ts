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

/** Local copies of blobs in a folder of their own, gone when the work with them is done. */
@Injectable()
export class SourceFiles implements OnModuleInit {
  constructor(private readonly blobs: BlobStore) {}

  async onModuleInit(): Promise<void> {
    await removeLeftovers(tmpdir(), prefix).catch(() => 0);
  }

  /** @throws storage_full */
  async inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(tmpdir(), scratchName(prefix));
    try {
      await mkdir(folder, { mode: 0o700 });
      return await work(folder);
    } catch (error) {
      throw fullDisk.has((error as NodeJS.ErrnoException).code ?? '')
        ? new Problem('storage_full', undefined, { cause: error })
        : error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Copies the blob to `folder`/`name`, unpacked when it was packed. @returns the path @throws blob_not_found, storage_unavailable */
  async fetch(
    key: BlobKey,
    folder: string,
    name: string,
    options: { signal: AbortSignal; packed?: boolean },
  ): Promise<string> {
    const path = join(folder, name);
    const steps = options.packed ? [createGunzip()] : [];
    await pipeline([await this.blobs.get(key), ...steps, createWriteStream(path)], {
      signal: options.signal,
    });
    return path;
  }
}
