import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Problem } from '../../../common/errors.js';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';
import { knownExtensions } from '../../parsing/formats/formats.js';
import { maxItems, nameOfPath, type Listing, type Source, type SourceItem } from '../source.js';
import type { S3Settings } from '../sources.dto.js';
import { tooMany } from './folder.js';

/** Objects of known types in a bucket, below a prefix. */
export class S3Source implements Source {
  private client: S3Client | undefined;

  constructor(
    private readonly settings: S3Settings,
    private readonly guard: AddressGuard,
  ) {}

  async list(_checkpoint: string | null, signal: AbortSignal): Promise<Listing> {
    const { bucket, prefix } = this.settings;
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const client = await this.connect();
    const items: SourceItem[] = [];
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: next });
      const page = await client.send(command, { abortSignal: signal }).catch(rethrow);
      for (const { Key: key, ETag: version } of page.Contents ?? [])
        if (key !== undefined && knownExtensions.has(extname(key).slice(1).toLowerCase()))
          items.push({ key, version: version ?? null, filename: nameOfPath(key.slice(prefix.length)) });
      if (items.length > maxItems) throw tooMany();
      next = page.NextContinuationToken;
    } while (next !== undefined);
    return { items, vanished: 'unlisted', checkpoint: null };
  }

  async fetch({ key }: SourceItem, signal: AbortSignal): Promise<Readable> {
    const { GetObjectCommand } = await import('@aws-sdk/client-s3');
    const command = new GetObjectCommand({ Bucket: this.settings.bucket, Key: key });
    const { Body: body } = await (await this.connect()).send(command, { abortSignal: signal }).catch(rethrow);
    return body as Readable;
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
