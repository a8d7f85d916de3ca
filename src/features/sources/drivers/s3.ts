import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Problem } from '../../../common/errors.js';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';
import { knownExtensions } from '../../parsing/formats/formats.js';
import {
  type FetchedItem,
  type KnownItem,
  type ListingPart,
  type ListingStart,
  maxItems,
  nameOfPath,
  type Source,
  type SourceItem,
  tooMany,
} from '../source.js';
import type { S3Settings } from '../sources.dto.js';

/** A page has up to 1,000 objects, of any type. */
const maxPages = 1000;

/** Objects of known types in a bucket, below a prefix. */
export class S3Source implements Source {
  private client: S3Client | undefined;

  constructor(
    private readonly settings: S3Settings,
    private readonly guard: AddressGuard,
  ) {}

  /** Keys come in order: a checkpoint is the last key of a page. */
  async *list({ checkpoint }: ListingStart, signal: AbortSignal): AsyncGenerator<ListingPart> {
    let listed = 0;
    let pages = 0;
    let token: string | undefined;
    do {
      const page = await this.readPage(token, checkpoint ?? undefined, signal);
      const items = (page.Contents ?? []).flatMap((object) => this.readItem(object) ?? []);
      listed += items.length;
      if (listed > maxItems || ++pages > maxPages) throw tooMany();
      token = page.NextContinuationToken;
      // Nobody knows how many pages there are.
      yield token === undefined
        ? { items, vanished: 'unlisted', checkpoint: null, share: 1 }
        : { items, checkpoint: page.Contents?.at(-1)?.Key ?? null, share: pages / (pages + 1) };
    } while (token !== undefined);
  }

  async fetch({ key }: SourceItem, _known: KnownItem | undefined, signal: AbortSignal): Promise<FetchedItem> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const command = new GetObjectCommand({ Bucket: this.settings.bucket, Key: key });
    const { Body: body } = await (await this.connect()).send(command, { abortSignal: signal }).catch(rethrow);
    return { body: body as Readable };
  }

  private async readPage(token: string | undefined, after: string | undefined, signal: AbortSignal) {
    const { bucket: Bucket, prefix: Prefix } = this.settings;
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const from = token === undefined ? { StartAfter: after } : { ContinuationToken: token };
    const client = await this.connect();
    return client
      .send(new ListObjectsV2Command({ Bucket, Prefix, ...from }), { abortSignal: signal })
      .catch(rethrow);
  }

  private readItem({ Key: key, ETag: version }: { Key?: string; ETag?: string }): SourceItem | undefined {
    if (key === undefined || !knownExtensions.has(extname(key).slice(1).toLowerCase())) return undefined;
    return { key, version: version ?? null, filename: nameOfPath(key.slice(this.settings.prefix.length)) };
  }

  close(): Promise<void> {
    this.client?.destroy();
    return Promise.resolve();
  }

  private async connect(): Promise<S3Client> {
    const { endpoint, region, access_key_id, secret_access_key } = this.settings;
    if (endpoint !== undefined) await this.guard.check(new URL(endpoint));
    const { S3Client } = await import('@aws-sdk/client-s3');
    // the address that is connected to is the one that was checked
    const options = { lookup: this.guard.lookup, maxSockets: 4 };
    this.client ??= new S3Client({
      region,
      endpoint,
      forcePathStyle: endpoint !== undefined,
      credentials: { accessKeyId: access_key_id, secretAccessKey: secret_access_key },
      requestHandler: {
        httpAgent: new HttpAgent(options),
        httpsAgent: new HttpsAgent(options),
        connectionTimeout: 5000,
        requestTimeout: 60_000,
      },
    });
    return this.client;
  }
}

/** @throws upstream_rejected where the bucket or the key is at fault, else upstream_unavailable */
function rethrow(error: unknown): never {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const name = error instanceof Error ? error.name : 'unknown';
  if (status !== undefined && status >= 400 && status < 500)
    throw new Problem('upstream_rejected', `The bucket refused the request (${name}).`, { cause: error });
  throw new Problem('upstream_unavailable', `The bucket cannot be reached (${name}).`, { cause: error });
}
