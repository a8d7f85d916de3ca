import { addAbortSignal, pipeline, Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type ErrorCode, Problem } from '../../common/errors.js';
import { mapBounded } from '../../common/map-bounded.js';
import type { Env } from '../../config/env.js';
import { type BlobKey, BlobStore, type ByteRange, isBlobKey } from './blob-store.js';
import { BodyFailure, Tally } from './tally.js';

/**
 * The smallest part that S3 accepts. An upload holds this times the number of simultaneous parts in memory.
 */
const partBytes = 5 * 1024 * 1024;
const partsAtOnce = 2;
const deletesAtOnce = 8;
const maxAttempts = 3;
const timeouts = { connectionTimeout: 5000, requestTimeout: 30_000 };
const pingWithinMs = 3000;

export type S3BlobSettings = Pick<
  Env,
  'S3_BUCKET' | 'S3_ENDPOINT' | 'S3_REGION' | 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'
>;

/**
 * Blobs in one bucket, which must exist. Parts become an object when all have arrived: an upload that breaks
 * off leaves nothing.
 */
export class S3BlobStore extends BlobStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(env: S3BlobSettings) {
    super();
    const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = env;
    this.bucket = env.S3_BUCKET ?? '';
    this.client = new S3Client({
      region: env.S3_REGION,
      endpoint: env.S3_ENDPOINT,
      // other servers seldom have a name for each bucket
      forcePathStyle: env.S3_ENDPOINT !== undefined,
      // without keys in the settings, the client looks in Amazon's usual places: the role of the machine, the
      // profile
      credentials: accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined,
      maxAttempts,
      requestHandler: timeouts,
      // other servers than Amazon's refuse the checksums that newer clients add by default
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
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
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.bucket, Key: key, Body: tally },
      partSize: partBytes,
      queueSize: partsAtOnce,
      leavePartsOnError: false,
    });
    try {
      signal?.throwIfAborted();
      // the upload itself waits for the body and ignores its signal
      if (signal) addAbortSignal(signal, body);
      await Promise.race([upload.done(), failed]);
      return tally.result();
    } catch (error) {
      tally.destroy();
      body.destroy();
      await upload.abort().catch(() => undefined);
      // the answer to the last request may have been lost
      await this.remove(key).catch(() => undefined);
      if (signal?.aborted) throw signal.reason;
      throw error instanceof BodyFailure ? error.cause : storageProblem(error);
    }
  }

  override async get(key: BlobKey, range?: ByteRange): Promise<Readable> {
    const bytes = range && `bytes=${range.start}-${range.end}`;
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key, Range: bytes });
    try {
      const { Body: body, ContentRange: part } = await this.client.send(command);
      // a server may send more than was asked for
      return range ? Readable.from(only(body as Readable, range, parseStart(part))) : (body as Readable);
    } catch (error) {
      if (findStatus(error) === 416) return Readable.from([]);
      throw storageProblem(error, 'blob_not_found');
    }
  }

  override async size(key: BlobKey): Promise<number> {
    return (await this.measureSize(key)) ?? refuseMissing();
  }

  override async delete(keys: BlobKey[]): Promise<number> {
    try {
      const removed = await mapBounded(keys, deletesAtOnce, undefined, (key) => this.remove(key));
      return removed.filter(Boolean).length;
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override async *list(after?: BlobKey): AsyncIterable<BlobKey> {
    try {
      let token: string | undefined;
      do {
        const start = token === undefined ? after : undefined;
        const page = await this.client.send(
          new ListObjectsV2Command({ Bucket: this.bucket, ContinuationToken: token, StartAfter: start }),
        );
        for (const { Key: key = '' } of page.Contents ?? [])
          if (isBlobKey(key) && (!after || key > after)) yield key;
        token = page.NextContinuationToken;
      } while (token !== undefined);
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override async ping(): Promise<void> {
    try {
      await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }), {
        abortSignal: AbortSignal.timeout(pingWithinMs),
      });
    } catch (error) {
      throw storageProblem(error);
    }
  }

  override close(): Promise<void> {
    this.client.destroy();
    return Promise.resolve();
  }

  /** S3 does not report whether the object existed. @returns whether it did */
  private async remove(key: BlobKey): Promise<boolean> {
    if ((await this.measureSize(key)) === null) return false;
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
    return true;
  }

  /** Null if the object does not exist. @throws storage_unavailable */
  private async measureSize(key: BlobKey): Promise<number | null> {
    try {
      const head = await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return head.ContentLength ?? 0;
    } catch (error) {
      if (findStatus(error) === 404) return null;
      throw storageProblem(error);
    }
  }
}

/** The first byte of an answer with `Content-Range`, or of the whole object. */
const parseStart = (part: string | undefined): number => Number(/^bytes (\d+)-/.exec(part ?? '')?.[1] ?? 0);

/** The bytes of a range, both ends included, of a body that begins at `first`. */
async function* only(body: Readable, { start, end }: ByteRange, first: number): AsyncIterable<Buffer> {
  let place = first;
  for await (const piece of body as AsyncIterable<Buffer>) {
    const wanted = piece.subarray(Math.max(0, start - place), Math.max(0, end + 1 - place));
    place += piece.length;
    if (wanted.length > 0) yield wanted;
    if (place > end) return;
  }
}

const refuseMissing = (): never => {
  throw new Problem('blob_not_found');
};

const findStatus = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;

function storageProblem(error: unknown, missing: ErrorCode = 'storage_unavailable'): Problem {
  if (error instanceof Problem) return error;
  const status = findStatus(error);
  if (status === 404) return new Problem(missing, undefined, { cause: error });
  return new Problem(status === 507 || status === 413 ? 'storage_full' : 'storage_unavailable', undefined, {
    cause: error,
  });
}
