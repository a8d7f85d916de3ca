import type { Principal } from '../../common/principal.js';
import type { BlobKey } from '../../platform/blob/blob-store.js';
import type { Pipeline } from '../../platform/database/functions.js';
import { makeRejection, type Rejection } from './rejections.js';
import type { IncomingFile, StoredBlob, StoredFile, Uploads } from './uploads.js';

/** The client's wishes for one file. */
export interface FileOrder {
  document_set: string;
  pipeline: Pipeline;
  /** Keep text that the document hides from its reader. */
  include_hidden?: boolean;
  metadata: Record<string, unknown> | null;
}

/** The state of one file of a request. An archive is unpacked only when the whole request was read. */
export type ReceivedFile =
  { file: StoredFile; order?: FileOrder } | { archive: StoredBlob } | { rejection: Rejection };

/**
 * Identifies a file in a repeated request; the hash is null when the file was refused before it was stored.
 */
export interface FileDigest {
  filename: string;
  folder: string | null;
  sha256: string | null;
}

/**
 * The files of one request. Each is stored as it comes. Declare it with `await using`: at the end of that
 * block, all files that no document has claimed are removed again.
 */
export class IncomingFiles implements AsyncDisposable {
  readonly received: ReceivedFile[] = [];
  readonly digests: FileDigest[] = [];
  private readonly unclaimed = new Set<BlobKey>();
  /** Keys that are declared and not yet used. */
  private announced: BlobKey[] = [];

  /** @param hashOnly for a request whose answer is known: nothing is stored, only `digests` is filled */
  constructor(
    private readonly uploads: Uploads,
    readonly principal: Principal,
    private readonly hashOnly: boolean,
  ) {}

  /** Declares the keys of all files of a request at once, where their number is known. */
  async expect(count: number): Promise<void> {
    this.announced = await this.uploads.announce(this.principal.tenant, count);
  }

  /**
   * Stores a file. One that is refused becomes a rejection and does not stop the others.
   * @param order when it differs from the order of the whole request
   * @throws storage_full, storage_unavailable, database_unavailable
   */
  async add(file: IncomingFile, order?: FileOrder): Promise<ReceivedFile | undefined> {
    return this.take(file, async (blob) => ({
      file: await this.uploads.identify(blob),
      ...(order && { order }),
    }));
  }

  /** Like `add`, but keeps a zip archive for unpacking. */
  async addFileOrArchive(file: IncomingFile): Promise<void> {
    await this.take(file, async (blob) =>
      (await this.uploads.isArchive(blob)) ? { archive: blob } : { file: await this.uploads.identify(blob) },
    );
  }

  /**
   * Stores a file of an archive of this request, in place of
   * the archive. @throws as `add`, and when the file is refused
   */
  async store(file: IncomingFile): Promise<StoredFile> {
    const blob = await this.storeBlob(file);
    return this.orDiscard(blob, () => this.uploads.identify(blob));
  }

  /** Marks files as owned by documents, so that they are not removed. */
  claim(files: readonly StoredBlob[]): void {
    for (const { key } of files) this.unclaimed.delete(key);
  }

  /** Removes files that no document will claim. */
  async discard(files: readonly StoredBlob[]): Promise<void> {
    this.claim(files);
    await this.uploads.discard(
      this.principal.tenant,
      files.map(({ key }) => key),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.uploads.discard(this.principal.tenant, [...this.unclaimed, ...this.announced]);
    this.unclaimed.clear();
    this.announced = [];
  }

  private async take(
    file: IncomingFile,
    identify: (blob: StoredBlob) => Promise<ReceivedFile>,
  ): Promise<ReceivedFile | undefined> {
    const place = this.digests.push({ filename: file.filename, folder: null, sha256: null }) - 1;
    try {
      if (this.hashOnly) {
        this.digests[place] = await this.uploads.digest(file);
        return undefined;
      }
      const blob = await this.storeBlob(file);
      this.digests[place] = { filename: blob.filename, folder: blob.folder, sha256: blob.sha256 };
      const received = await this.orDiscard(blob, () => identify(blob));
      this.received.push(received);
      return received;
    } catch (error) {
      const refused = { rejection: makeRejection(file.filename, error) };
      this.received.push(refused);
      return refused;
    }
  }

  private async storeBlob(file: IncomingFile): Promise<StoredBlob> {
    const blob = await this.uploads.store(this.principal.tenant, file, this.announced.shift());
    this.unclaimed.add(blob.key);
    return blob;
  }

  private async orDiscard<T>(blob: StoredBlob, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.discard([blob]);
      throw error;
    }
  }
}
