import { join } from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { BlobStore } from './blob-store.js';
import { LocalBlobStore } from './local.js';

@Module({})
export class BlobModule {
  static register(env: Env): DynamicModule {
    return {
      module: BlobModule,
      providers: [{ provide: BlobStore, useFactory: () => openBlobStore(env) }],
      exports: [BlobStore],
    };
  }
}

/** Opens the driver of `BLOB_DRIVER`. */
export async function openBlobStore(env: Env): Promise<BlobStore> {
  if (env.BLOB_DRIVER === 'azure') {
    const { AzureBlobStore } = await import('./azure.js');
    return new AzureBlobStore(env);
  }
  if (env.BLOB_DRIVER === 's3') {
    const { S3BlobStore } = await import('./s3.js');
    return new S3BlobStore(env);
  }
  const store = new LocalBlobStore(join(env.DATA_DIR, 'blobs'));
  // A disk that cannot be written now may recover later: boot goes on, and readiness reports it.
  await store.prepare().catch(() => undefined);
  return store;
}
