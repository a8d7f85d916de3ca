import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Env } from '../../config/env.js';
import { readZipDirectory } from '../parsing/formats/zip-directory.js';
import { readEntry } from './archive-entry.js';
import { planArchive, type ArchiveLimits, type PlannedEntry } from './archive-plan.js';
import { rejectionOf, type Rejection } from './rejections.js';
import { Uploads, type IncomingFile, type StoredBlob, type StoredFile } from './uploads.js';

/** What became of one part of a form; an archive is unpacked only when the whole form was read. */
export type ReceivedPart = { file: StoredFile } | { archive: StoredBlob } | { rejection: Rejection };
/** A part as its repetition is compared; without a hash where it was refused before it was stored. */
export interface PartDigest {
  filename: string;
  folder: string | null;
  sha256: string | null;
}

/** Takes in the parts of a form, and unpacks the zip archives among them into files. */
@Injectable()
export class Archives {
  constructor(
    private readonly env: Env,
    private readonly uploads: Uploads,
  ) {}

  /** @throws storage_full, storage_unavailable, database_unavailable */
  async receive(
    { tenant }: Principal,
    file: IncomingFile,
  ): Promise<{ part: ReceivedPart; digest: PartDigest }> {
    let digest: PartDigest = unknownDigest(file.filename);
    try {
      const blob = await this.uploads.store(tenant, file);
      digest = blob;
      if (await this.uploads.isArchive(tenant, blob)) return { part: { archive: blob }, digest };
      return { part: { file: await this.uploads.identify(tenant, blob) }, digest };
    } catch (error) {
      return { part: { rejection: rejectionOf(file.filename, error) }, digest };
    }
  }

  /** The digest that `receive` gives for the same part, without storing it. */
  async digest(file: IncomingFile): Promise<PartDigest> {
    try {
      return await this.uploads.digest(file);
    } catch (error) {
      rejectionOf(file.filename, error);
      return unknownDigest(file.filename);
    }
  }

  /**
   * Puts the files of each archive in its place, in the order of the archive. The archives themselves are not kept.
   * @throws storage_full, storage_unavailable, database_unavailable, when nothing of the form is left in the blob store
   */
  async unpackAll(
    { tenant }: Principal,
    parts: ReceivedPart[],
  ): Promise<Exclude<ReceivedPart, { archive: StoredBlob }>[]> {
    const limits: ArchiveLimits = {
      maxEntries: this.env.ARCHIVE_MAX_ENTRIES,
      maxBytes: this.env.ARCHIVE_MAX_BYTES,
      maxFileBytes: this.env.MAX_FILE_SIZE,
    };
    const results: Exclude<ReceivedPart, { archive: StoredBlob }>[] = [];
    try {
      for (const part of parts) {
        if (!('archive' in part)) results.push(part);
        else for await (const result of this.unpack(tenant, part.archive, limits)) results.push(result);
      }
    } catch (error) {
      await this.discard(tenant, [...parts, ...results]);
      throw error;
    }
    await this.discard(
      tenant,
      parts.filter((part) => 'archive' in part),
    );
    return results;
  }

  /** Takes back what was stored of a form. */
  discard(tenant: string, parts: ReceivedPart[]): Promise<void> {
    const keys = parts.flatMap((part) => {
      if ('file' in part) return [part.file.key];
      return 'archive' in part ? [part.archive.key] : [];
    });
    return this.uploads.discard(tenant, [...new Set(keys)]);
  }

  private async *unpack(
    tenant: string,
    archive: StoredBlob,
    limits: ArchiveLimits,
  ): AsyncGenerator<{ file: StoredFile } | { rejection: Rejection }> {
    let planned: PlannedEntry[];
    try {
      planned = planArchive(await readZipDirectory(this.uploads.readerOf(archive), archive.bytes), limits);
    } catch (error) {
      yield { rejection: rejectionOf(archive.filename, error) };
      return;
    }
    limits.maxEntries -= planned.length;
    for (const plan of planned) {
      limits.maxBytes -= plan.entry.size;
      const path = [archive.filename, plan.folder, plan.filename].filter(Boolean).join('/');
      try {
        yield { file: await this.unpackEntry(tenant, archive, plan) };
      } catch (error) {
        yield { rejection: rejectionOf(plan.filename, error, path) };
      }
    }
  }

  private async unpackEntry(
    tenant: string,
    archive: StoredBlob,
    { entry, problem }: PlannedEntry,
  ): Promise<StoredFile> {
    if (problem) throw problem;
    const body = readEntry((range) => this.uploads.open(archive, range), entry, archive.bytes);
    // an archive in a folder: its files are in that folder
    const filename = archive.folder === null ? entry.name : `${archive.folder}/${entry.name}`;
    return this.uploads.receive(tenant, { filename, body });
  }
}

const unknownDigest = (filename: string): PartDigest => ({ filename, folder: null, sha256: null });
