import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { cleanFilename, cleanFolder } from '../../common/filename.js';
import { uuidv7 } from '../../common/ids.js';
import { Env } from '../../config/env.js';
import { blobKey, BlobStore, type BlobKey, type ByteRange } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import { isArchive, sniff } from '../parsing/formats/formats.js';

/** A file that a client sends; after reading, `truncated` tells whether it was cut at the size limit. */
export interface IncomingFile {
  filename: string;
  body: Readable;
  truncated?: () => boolean;
}

/** A file in the blob store that no document claims yet. */
export interface StoredBlob {
  filename: string;
  /** The folder of the file on the client's side, relative to the root of its upload. */
  folder: string | null;
  key: BlobKey;
  bytes: number;
  sha256: string;
  /** The bytes of a small file, until its format is known: they need not be read again for that. */
  content?: Buffer | undefined;
}
/** A file whose format is known. */
export interface StoredFile extends StoredBlob {
  format: string;
  media_type: string;
}

const makeKey = (): BlobKey => blobKey('originals', uuidv7());

const maxKeptBytes = 32 * 1024;

/** The bytes of a file as they pass, if they are few. */
class KeptContent {
  private pieces: Buffer[] = [];
  private bytes = 0;

  add(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes <= maxKeptBytes) this.pieces.push(piece);
    else this.pieces = [];
  }

  /** Undefined when the file is larger. */
  get whole(): Buffer | undefined {
    return this.bytes <= maxKeptBytes ? Buffer.concat(this.pieces) : undefined;
  }
}

/**
 * Writes files to the blob store. Each key is declared first, so that the
 * sweeper can remove it after a crash; a file is hashed as it streams.
 */
@Injectable()
export class Uploads {
  private readonly logger = new Logger(Uploads.name);

  constructor(
    private readonly env: Env,
    private readonly blobs: BlobStore,
    private readonly database: Database,
  ) {}

  /** Makes keys for files that are about to be stored, and declares them. */
  async announce(tenant: string, count: number): Promise<BlobKey[]> {
    const keys = Array.from({ length: count }, makeKey);
    await this.declare(tenant, keys);
    return keys;
  }

  /**
   * Stores a file of any format.
   * @param announced its key, if it is declared already
   * @throws invalid_filename, payload_too_large, storage_full, storage_unavailable
   */
  async store(tenant: string, file: IncomingFile, announced?: BlobKey): Promise<StoredBlob> {
    const filename = cleanFilename(file.filename);
    const key = announced ?? makeKey();
    if (!announced) await this.declare(tenant, [key]);
    const content = new KeptContent();
    try {
      const { bytes, sha256 } = await this.blobs.put(key, this.limited(file.body, content));
      if (file.truncated?.()) throw this.tooLarge();
      return { filename, folder: cleanFolder(file.filename), key, bytes, sha256, content: content.whole };
    } catch (error) {
      await this.discard(tenant, [key]);
      throw error;
    }
  }

  /**
   * Finds the format of a stored file. @throws empty_file, unsupported_file_type,
   * content_mismatch, encrypted_document, storage_unavailable
   */
  async identify(blob: StoredBlob): Promise<StoredFile> {
    const { format, mediaType } = await sniff(this.openReader(blob), blob.bytes, blob.filename);
    const { content: _, ...file } = blob;
    return { ...file, format, media_type: mediaType };
  }

  /**
   * Tells whether a stored file is an archive of files. @throws
   * content_mismatch, corrupt_document, archive_bomb, storage_unavailable
   */
  isArchive(blob: StoredBlob): Promise<boolean> {
    return isArchive(this.openReader(blob), blob.bytes, blob.filename);
  }

  /** Reads `[start, end)` of a stored file; fewer bytes at its end. */
  openReader({ key, bytes, content }: StoredBlob): (start: number, end: number) => Promise<Buffer> {
    if (content) return async (start, end) => content.subarray(start, end);
    return (start, end) => this.read(key, start, Math.min(end, bytes));
  }

  /** @throws blob_not_found, storage_unavailable */
  open({ key }: StoredBlob, range: ByteRange): Promise<Readable> {
    return this.blobs.get(key, range);
  }

  /**
   * Hashes a file without storing it, for a repeated upload whose
   * first answer is known. @throws invalid_filename, payload_too_large
   */
  async digest(file: IncomingFile): Promise<Pick<StoredBlob, 'filename' | 'folder' | 'sha256'>> {
    const hash = createHash('sha256');
    await pipeline(this.limited(file.body), hash);
    if (file.truncated?.()) throw this.tooLarge();
    const { filename } = file;
    return { filename: cleanFilename(filename), folder: cleanFolder(filename), sha256: hash.digest('hex') };
  }

  /** Removes files that no document will claim. On failure the sweeper removes them later. */
  async discard(tenant: string, keys: BlobKey[]): Promise<void> {
    if (keys.length === 0) return;
    try {
      await this.blobs.delete(keys);
      await this.database.call('discard_blobs', { tenant, keys });
    } catch (error) {
      this.logger.warn({
        msg: 'refused files stay in the blob store until the sweep',
        files: keys.length,
        err: error,
      });
    }
  }

  private async declare(tenant: string, keys: BlobKey[]): Promise<void> {
    await this.database.call('declare_blobs', { tenant, keys, ttl_seconds: this.env.UPLOAD_INTENT_SECONDS });
  }

  private limited(body: Readable, content?: KeptContent): Readable {
    const limit = this.env.MAX_FILE_SIZE;
    let bytes = 0;
    const gate = new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        bytes += piece.length;
        content?.add(piece);
        if (bytes > limit) done(this.tooLarge());
        else done(null, piece);
      },
    });
    // An error of the source must reach the reader of the gate. An error
    // of the gate must not destroy the request, which carries other files.
    const end = () => {
      if (!body.readableEnded)
        gate.destroy(body.errored ?? new Problem('bad_request', 'The upload ended early. Send it again.'));
    };
    gate.once('error', () => body.resume());
    // A form that broke off may have destroyed the part already. Then no event follows.
    if (body.destroyed) {
      process.nextTick(end);
      return gate;
    }
    body.once('close', end);
    return body.pipe(gate);
  }

  private tooLarge(): Problem {
    return new Problem('payload_too_large', `A file may have at most ${this.env.MAX_FILE_SIZE} bytes.`);
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
