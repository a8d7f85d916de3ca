import { addAbortSignal, pipeline, Readable } from 'node:stream';
import {
  BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  RestError,
} from '@azure/storage-blob';
import { type ErrorCode, Problem } from '../../common/errors.js';
import { mapBounded } from '../../common/map-bounded.js';
import type { Env } from '../../config/env.js';
import { type BlobKey, BlobStore, type ByteRange, isBlobKey } from './blob-store.js';
import { BodyFailure, Tally } from './tally.js';

const blockBytes = 4 * 1024 * 1024;
/** Blocks sent at the same time. An upload holds this many blocks in memory. */
const blocksAtOnce = 2;
const deletesAtOnce = 8;
const pingWithinMs = 3000;
const retryOptions = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000, tryTimeoutInMs: 30_000 };

type AzureSettings = Pick<
  Env,
  'AZURE_STORAGE_CONNECTION_STRING' | 'AZURE_STORAGE_CONTAINER_NAME' | 'AZURE_STORAGE_ACCOUNT_NAME'
>;

/**
 * Blobs in one container of Azure Blob Storage. Blocks become a blob when their list is committed: an upload
 * that breaks off leaves nothing.
 */
export class AzureBlobStore extends BlobStore {
  private readonly container: ContainerClient;
  private prepared: Promise<unknown> | undefined;

  constructor(env: AzureSettings) {
    super();
    const service = BlobServiceClient.fromConnectionString(connectionString(env), { retryOptions });
    this.container = service.getContainerClient(env.AZURE_STORAGE_CONTAINER_NAME);
  }

  override async put(
    key: BlobKey,
    body: Readable,
    signal?: AbortSignal,
  ): Promise<{ bytes: number; sha256: string }> {
    const tally = new Tally();
    const failed = new Promise<never>((_resolve, reject) =>
      pipeline(body, tally, (error) => error && reject(new BodyFailure(error))),
    );
    failed.catch(() => undefined);
    try {
      signal?.throwIfAborted();
      // the upload itself waits for the body and ignores its signal
      if (signal) addAbortSignal(signal, body);
      await this.prepare();
      await Promise.race([
        this.blob(key).uploadStream(tally, blockBytes, blocksAtOnce, {
          ...(signal && { abortSignal: signal }),
        }),
        failed,
      ]);
      return tally.result();
    } catch (error) {
      tally.destroy();
      body.destroy();
      // the answer to the commit may have been lost
      await this.blob(key)
        .deleteIfExists()
        .catch(() => undefined);
      if (signal?.aborted) throw signal.reason;
      throw error instanceof BodyFailure ? error.cause : storageProblem(error);
    }
  }

  override async get(key: BlobKey, range?: ByteRange): Promise<Readable> {
    try {
      const count = range && range.end - range.start + 1;
      const { readableStreamBody } = await this.blob(key).download(range?.start, count, {
        maxRetryRequests: 3,
      });
      return readableStreamBody as Readable;
    } catch (error) {
      if (findStatus(error) === 416) return Readable.from([]);
      throw storageProblem(error, 'blob_not_found');
    }
  }

  override async size(key: BlobKey): Promise<number> {
    try {
      const { contentLength } = await this.blob(key).getProperties();
      return contentLength ?? 0;
    } catch (error) {
      throw storageProblem(error, 'blob_not_found');
    }
  }

  override async delete(keys: BlobKey[]): Promise<number> {
    try {
      const removed = await mapBounded(keys, deletesAtOnce, undefined, (key) =>
        this.blob(key).deleteIfExists(),
      );
      return removed.filter(({ succeeded }) => succeeded).length;
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override async *list(after?: BlobKey): AsyncIterable<BlobKey> {
    try {
      await this.prepare();
      for await (const { name } of this.container.listBlobsFlat()) {
        if (isBlobKey(name) && (!after || name > after)) yield name;
      }
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override async ping(): Promise<void> {
    try {
      await this.prepare();
      await this.container.getProperties({ abortSignal: AbortSignal.timeout(pingWithinMs) });
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override async close(): Promise<void> {
    // Idle connections keep no process alive.
  }

  private blob(key: BlobKey): BlockBlobClient {
    return this.container.getBlockBlobClient(key);
  }

  private async prepare(): Promise<void> {
    this.prepared ??= this.container.createIfNotExists().catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    await this.prepared;
  }
}

function connectionString({
  AZURE_STORAGE_CONNECTION_STRING,
  AZURE_STORAGE_ACCOUNT_NAME,
}: AzureSettings): string {
  const given = AZURE_STORAGE_CONNECTION_STRING ?? '';
  const named = /AccountName=|UseDevelopmentStorage=true|SharedAccessSignature=/i.test(given);
  return named || !AZURE_STORAGE_ACCOUNT_NAME ? given : `AccountName=${AZURE_STORAGE_ACCOUNT_NAME};${given}`;
}

const findStatus = (error: unknown): number | undefined =>
  error instanceof RestError ? error.statusCode : undefined;

function storageProblem(error: unknown, missing: ErrorCode = 'storage_unavailable'): Problem {
  if (error instanceof Problem) return error;
  const status = findStatus(error);
  if (status === 404) return new Problem(missing, undefined, { cause: error });
  return new Problem(status === 507 || status === 413 ? 'storage_full' : 'storage_unavailable', undefined, {
    cause: error,
  });
}
