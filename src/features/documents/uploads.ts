import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { cleanFilename, folderOf } from '../../common/filename.js';
import { uuidv7 } from '../../common/ids.js';
import { Env } from '../../config/env.js';
import { blobKey, BlobStore, type BlobKey, type ByteRange } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import { isArchive, sniff } from '../parsing/formats/formats.js';

/** A file as it comes in; `truncated` says afterwards whether the reader cut it at the size limit. */
export interface IncomingFile {
  filename: string;
  body: Readable;
  truncated?: () => boolean;
}

/** Bytes in the blob store that no document claims yet. */
export interface StoredBlob {
  filename: string;
  /** Where the client has the file, relative to what it uploads. */
  folder: string | null;
  key: BlobKey;
  bytes: number;
  sha256: string;
}
/** A file whose format is known. */
export interface StoredFile extends StoredBlob {
  format: string;
  media_type: string;
}

/** Brings files into the blob store: announced first, hashed on the way, never whole in memory, gone again when refused. */
@Injectable()
export class Uploads {
  private readonly logger = new Logger(Uploads.name);

  constructor(
    private readonly env: Env,
    private readonly blobs: BlobStore,
    private readonly database: Database,
  ) {}

  /** @throws invalid_filename, payload_too_large, empty_file, unsupported_file_type, content_mismatch, encrypted_document, storage_full, storage_unavailable */
  async receive(tenant: string, file: IncomingFile, signal?: AbortSignal): Promise<StoredFile> {
    return this.identify(tenant, await this.store(tenant, file, signal));
  }

  /** Stores a file as it comes, whatever it is. @throws invalid_filename, payload_too_large, storage_full, storage_unavailable */
  async store(tenant: string, file: IncomingFile, signal?: AbortSignal): Promise<StoredBlob> {
    const filename = cleanFilename(file.filename);
    const key = blobKey('originals', uuidv7());
    await this.database.call('declare_blobs', {
      tenant,
      keys: [key],
      ttl_seconds: this.env.UPLOAD_INTENT_SECONDS,
    });
    return this.orDiscard(tenant, key, async () => {
      const { bytes, sha256 } = await this.blobs.put(key, this.limited(file.body), signal);
      if (file.truncated?.()) throw this.tooLarge();
      return { filename, folder: folderOf(file.filename), key, bytes, sha256 };
    });
  }

  /** Finds the format of what was stored. @throws empty_file, unsupported_file_type, content_mismatch, encrypted_document, storage_unavailable */
  async identify(tenant: string, blob: StoredBlob): Promise<StoredFile> {
    return this.orDiscard(tenant, blob.key, async () => {
      const { format, mediaType } = await sniff(this.readerOf(blob), blob.bytes, blob.filename);
      return { ...blob, format, media_type: mediaType };
    });
  }

  /** Checks that what was stored is an archive of files. @throws content_mismatch, corrupt_document, archive_bomb, storage_unavailable */
  async isArchive(tenant: string, blob: StoredBlob): Promise<boolean> {
    return this.orDiscard(tenant, blob.key, () => isArchive(this.readerOf(blob), blob.bytes, blob.filename));
  }

  /** Reads `[start, end)` of what was stored; short at its end. */
  readerOf({ key, bytes }: StoredBlob): (start: number, end: number) => Promise<Buffer> {
    return (start, end) => this.read(key, start, Math.min(end, bytes));
  }

  /** @throws blob_not_found, storage_unavailable */
  open({ key }: StoredBlob, range: ByteRange): Promise<Readable> {
    return this.blobs.get(key, range);
  }

  /** Reads a file for its hash alone: a repeated upload whose first answer is known. @throws invalid_filename, payload_too_large */
  async digest(file: IncomingFile): Promise<Pick<StoredBlob, 'filename' | 'folder' | 'sha256'>> {
    const hash = createHash('sha256');
    await pipeline(this.limited(file.body), hash);
    if (file.truncated?.()) throw this.tooLarge();
    const { filename } = file;
    return { filename: cleanFilename(filename), folder: folderOf(filename), sha256: hash.digest('hex') };
  }

  /** Takes files back that no document will claim. What fails here the sweep does later. */
  async discard(tenant: string, keys: BlobKey[]): Promise<void> {
    if (keys.length === 0) return;
    try {
      await this.blobs.delete(keys);
      await this.database.call('discard_blobs', { tenant, keys });
    } catch (error) {
      this.logger.warn({ msg: 'refused files stay until the sweep', files: keys.length, err: error });
    }
  }

  private async orDiscard<T>(tenant: string, key: BlobKey, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.discard(tenant, [key]);
      throw error;
    }
  }

  private limited(body: Readable): Readable {
    const limit = this.env.MAX_FILE_SIZE;
    let bytes = 0;
    const gate = new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        bytes += piece.length;
        if (bytes > limit) done(this.tooLarge());
        else done(null, piece);
      },
    });
    // an error of the source must reach the reader of the gate; one of the gate must not destroy the request that carries other files
    const end = () => {
      if (!body.readableEnded)
        gate.destroy(body.errored ?? new Problem('bad_request', 'The upload ended early'));
    };
    gate.once('error', () => body.resume());
    // a form that breaks off may have ended the part before anyone looked at it: no event will come any more
    if (body.destroyed) {
      process.nextTick(end);
      return gate;
    }
    body.once('close', end);
    return body.pipe(gate);
  }

  private tooLarge(): Problem {
    return new Problem('payload_too_large', `A file may have at most ${this.env.MAX_FILE_SIZE} bytes`);
  }

  /** Bytes `[start, end)`. */
  private async read(key: BlobKey, start: number, end: number): Promise<Buffer> {
    if (start >= end) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    for await (const piece of await this.blobs.get(key, { start, end: end - 1 }))
      pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }
}
