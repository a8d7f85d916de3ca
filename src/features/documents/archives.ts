import { Injectable } from '@nestjs/common';
import { Env } from '../../config/env.js';
import { readZipDirectory } from '../parsing/formats/zip-directory.js';
import { readEntry } from './archive-entry.js';
import { planArchive, type ArchiveLimits, type PlannedEntry } from './archive-plan.js';
import type { IncomingFiles, ReceivedFile } from './incoming-files.js';
import { makeRejection, type Rejection } from './rejections.js';
import { Uploads, type StoredBlob, type StoredFile } from './uploads.js';

export type UnpackedFile = Exclude<ReceivedFile, { archive: StoredBlob }>;

/** Unpacks zip archives of a request into files. */
@Injectable()
export class Archives {
  constructor(
    private readonly env: Env,
    private readonly uploads: Uploads,
  ) {}

  /**
   * Puts the files of each archive in its place, in the order
   * of the archive. The archives themselves are not kept.
   * @throws storage_full, storage_unavailable, database_unavailable
   */
  async unpackAll(files: IncomingFiles): Promise<UnpackedFile[]> {
    const limits: ArchiveLimits = {
      maxEntries: this.env.ARCHIVE_MAX_ENTRIES,
      maxBytes: this.env.ARCHIVE_MAX_BYTES,
      maxFileBytes: this.env.MAX_FILE_SIZE,
    };
    const unpacked: UnpackedFile[] = [];
    for (const received of files.received) {
      if (!('archive' in received)) {
        unpacked.push(received);
        continue;
      }
      for await (const file of this.unpack(files, received.archive, limits)) unpacked.push(file);
      await files.discard([received.archive]);
    }
    return unpacked;
  }

  private async *unpack(
    files: IncomingFiles,
    archive: StoredBlob,
    limits: ArchiveLimits,
  ): AsyncGenerator<{ file: StoredFile } | { rejection: Rejection }> {
    let planned: PlannedEntry[];
    try {
      planned = planArchive(await readZipDirectory(this.uploads.openReader(archive), archive.bytes), limits);
    } catch (error) {
      yield { rejection: makeRejection(archive.filename, error) };
      return;
    }
    limits.maxEntries -= planned.length;
    for (const plan of planned) {
      limits.maxBytes -= plan.entry.size;
      const path = [archive.filename, plan.folder, plan.filename].filter(Boolean).join('/');
      try {
        yield { file: await this.unpackEntry(files, archive, plan) };
      } catch (error) {
        yield { rejection: makeRejection(plan.filename, error, path) };
      }
    }
  }

  private async unpackEntry(
    files: IncomingFiles,
    archive: StoredBlob,
    { entry, problem }: PlannedEntry,
  ): Promise<StoredFile> {
    if (problem) throw problem;
    const body = readEntry((range) => this.uploads.open(archive, range), entry, archive.bytes);
    // an archive in a folder: its files are in that folder
    const filename = archive.folder === null ? entry.name : `${archive.folder}/${entry.name}`;
    return files.store({ filename, body });
  }
}
