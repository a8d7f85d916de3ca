import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Problem } from '../../src/common/errors.js';
import { uuidv7 } from '../../src/common/ids.js';
import { blobKey, type BlobKey, type BlobStore } from '../../src/platform/blob/blob-store.js';
import { AzureBlobStore } from '../../src/platform/blob/azure.js';
import { S3BlobStore } from '../../src/platform/blob/s3.js';
import { LocalBlobStore } from '../../src/platform/blob/local.js';
import { azuriteIsInstalled, makeConnectionString, ownAzurite } from '../azurite.js';
import { ownS3, s3IsInstalled, makeS3Settings } from '../s3-server.js';

interface Opened {
  store: BlobStore;
  close(): Promise<void>;
}

async function openLocal(): Promise<Opened> {
  const root = await mkdtemp(join(tmpdir(), 'docent-blobs-'));
  const store = new LocalBlobStore(root);
  return {
    store,
    close: async () => {
      await store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function openAzurite(): Promise<Opened> {
  const azurite = await ownAzurite();
  const store = new AzureBlobStore({
    AZURE_STORAGE_CONNECTION_STRING: azurite.connectionString,
    AZURE_STORAGE_CONTAINER_NAME: 'documents',
    AZURE_STORAGE_ACCOUNT_NAME: undefined,
  });
  return {
    store,
    close: async () => {
      await store.close();
      await azurite.stop();
    },
  };
}

async function openS3(): Promise<Opened> {
  const server = await ownS3();
  const store = new S3BlobStore(server.settings);
  return {
    store,
    close: async () => {
      await store.close();
      await server.stop();
    },
  };
}

const drivers = [
  { name: 'local', here: true, openDriver: openLocal },
  { name: 'azure', here: azuriteIsInstalled, openDriver: openAzurite },
  { name: 's3', here: s3IsInstalled, openDriver: openS3 },
];

const newKey = (): BlobKey => blobKey('originals', uuidv7());
const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const findCode = (error: unknown): unknown => (error instanceof Problem ? error.code : error);
const listKeys = async (store: BlobStore, after?: BlobKey): Promise<BlobKey[]> => {
  const keys: BlobKey[] = [];
  for await (const key of store.list(after)) keys.push(key);
  return keys;
};

/** Gives `pieces`, then fails. */
const broken = (pieces: number): Readable =>
  Readable.from(
    (function* () {
      for (let piece = 0; piece < pieces; piece++) yield randomBytes(64 * 1024);
      throw new Error('the client went away');
    })(),
  );

for (const { name, here, openDriver } of drivers) {
  (here ? describe : describe.skip)(`blob store: ${name}`, () => {
    let opened: Opened;
    let store: BlobStore;
    beforeAll(async () => {
      opened = await openDriver();
      store = opened.store;
    });
    afterAll(() => opened.close());

    it('returns the bytes that were stored, with their size and hash', async () => {
      const key = newKey();
      const data = randomBytes(300_000);
      expect(await store.put(key, Readable.from([data.subarray(0, 1000), data.subarray(1000)]))).toEqual({
        bytes: data.length,
        sha256: sha256(data),
      });
      expect(await store.size(key)).toBe(data.length);
      expect((await buffer(await store.get(key))).equals(data)).toBe(true);
    });

    it('keeps the order of a body that comes in many pieces', async () => {
      const key = newKey();
      const data = randomBytes(9_500_000);
      const pieces = Array.from({ length: 95 }, (_unused, place) =>
        data.subarray(place * 100_000, (place + 1) * 100_000),
      );
      expect(await store.put(key, Readable.from(pieces))).toEqual({
        bytes: data.length,
        sha256: sha256(data),
      });
      expect(sha256(await buffer(await store.get(key)))).toBe(sha256(data));
      expect(
        (await buffer(await store.get(key, { start: 4_194_300, end: 4_194_310 }))).equals(
          data.subarray(4_194_300, 4_194_311),
        ),
      ).toBe(true);
    });

    it('stores an empty body', async () => {
      const key = newKey();
      expect(await store.put(key, Readable.from([]))).toEqual({ bytes: 0, sha256: sha256(Buffer.alloc(0)) });
      expect(await buffer(await store.get(key))).toHaveLength(0);
    });

    it('reads ranges with both ends included, short at the end of the blob', async () => {
      const key = newKey();
      await store.put(key, Readable.from([Buffer.from('0123456789')]));
      expect(String(await buffer(await store.get(key, { start: 2, end: 4 })))).toBe('234');
      expect(String(await buffer(await store.get(key, { start: 0, end: 0 })))).toBe('0');
      expect(String(await buffer(await store.get(key, { start: 7, end: 1000 })))).toBe('789');
      expect(String(await buffer(await store.get(key, { start: 10, end: 20 })))).toBe('');
    });

    it('reports a key that does not exist', async () => {
      await expect(store.get(newKey()).catch(findCode)).resolves.toBe('blob_not_found');
      await expect(store.size(newKey()).catch(findCode)).resolves.toBe('blob_not_found');
    });

    it('replaces a blob whole', async () => {
      const key = newKey();
      await store.put(key, Readable.from([Buffer.alloc(100_000, 'a')]));
      await store.put(key, Readable.from([Buffer.from('b')]));
      expect(String(await buffer(await store.get(key)))).toBe('b');
    });

    it('counts what it removed and ignores missing keys', async () => {
      const [one, two] = [newKey(), newKey()];
      await store.put(one, Readable.from(['1']));
      await store.put(two, Readable.from(['2']));
      expect(await store.delete([one, newKey(), two])).toBe(2);
      expect(await store.delete([one, two])).toBe(0);
      await expect(store.get(one).catch(findCode)).resolves.toBe('blob_not_found');
    });

    it('lists keys in order, after a given one', async () => {
      const expected = [
        newKey(),
        blobKey('parsed', uuidv7()),
        newKey(),
        blobKey('parsed', uuidv7()),
        newKey(),
      ].toSorted();
      for (const key of expected) await store.put(key, Readable.from(['x']));
      const all = await listKeys(store);
      expect(all).toEqual(all.toSorted());
      expect(all).toEqual(expect.arrayContaining(expected));
      const middle = expected[2] as BlobKey;
      expect(await listKeys(store, middle)).toEqual(all.filter((key) => key > middle));
    });

    it('stores nothing when the body fails, and passes on the error', async () => {
      const key = newKey();
      await expect(store.put(key, broken(5))).rejects.toThrow('the client went away');
      await expect(store.size(key).catch(findCode)).resolves.toBe('blob_not_found');
    });

    it('stops with the signal and stores nothing', async () => {
      const key = newKey();
      const controller = new AbortController();
      const body = new Readable({ read: () => undefined });
      body.push(Buffer.alloc(100_000));
      const put = store.put(key, body, controller.signal);
      const reason = new Problem('cancelled');
      controller.abort(reason);
      await expect(put).rejects.toBe(reason);
      expect(body.destroyed).toBe(true);
      await expect(store.size(key).catch(findCode)).resolves.toBe('blob_not_found');
    });

    it('refuses a signal that was aborted before', async () => {
      const key = newKey();
      const reason = new Problem('cancelled');
      await expect(store.put(key, Readable.from(['x']), AbortSignal.abort(reason))).rejects.toBe(reason);
      await expect(store.size(key).catch(findCode)).resolves.toBe('blob_not_found');
    });

    it('answers a ping when it is usable', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}

describe.each([
  {
    name: 'azure',
    open: () =>
      new AzureBlobStore({
        AZURE_STORAGE_CONNECTION_STRING: makeConnectionString(1),
        AZURE_STORAGE_CONTAINER_NAME: 'documents',
        AZURE_STORAGE_ACCOUNT_NAME: undefined,
      }),
  },
  { name: 's3', open: () => new S3BlobStore(makeS3Settings(1)) },
])('$name blob store', ({ open: openStore }) => {
  it('reports an unreachable store from every call', async () => {
    const store = openStore();
    const calls = [
      store.put(newKey(), Readable.from(['x'])),
      store.get(newKey()),
      store.size(newKey()),
      store.delete([newKey()]),
      listKeys(store),
      store.ping(),
    ];
    expect(await Promise.all(calls.map((call) => call.catch(findCode)))).toEqual(
      calls.map(() => 'storage_unavailable'),
    );
  });
});

describe('local blob store', () => {
  let root: string;
  const incoming = (): Promise<string[]> => readdir(join(root, 'incoming'));
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'docent-blobs-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  afterEach(() => void jest.restoreAllMocks());

  async function failWriteWith(code: string): Promise<void> {
    const handle = await open(join(root, 'probe'), 'w');
    const shared = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    jest.spyOn(shared, 'writeFile').mockRejectedValue(Object.assign(new Error(code), { code }));
  }

  it('tells a full disk from a broken one, leaves no temporary file, and recovers', async () => {
    const store = new LocalBlobStore(root);
    const key = newKey();
    await failWriteWith('ENOSPC');
    await expect(store.put(key, Readable.from(['x'])).catch(findCode)).resolves.toBe('storage_full');
    await expect(store.ping().catch(findCode)).resolves.toBe('storage_full');
    jest.restoreAllMocks();
    await failWriteWith('EIO');
    await expect(store.put(key, Readable.from(['x'])).catch(findCode)).resolves.toBe('storage_unavailable');
    jest.restoreAllMocks();
    expect(await incoming()).toEqual([]);
    await store.put(key, Readable.from(['x']));
    expect(await store.size(key)).toBe(1);
  });

  it('leaves no temporary file when the body fails', async () => {
    await expect(new LocalBlobStore(root).put(newKey(), broken(3))).rejects.toThrow('the client went away');
    expect(await incoming()).toEqual([]);
  });

  it('removes half-written files of a killed process, but no file that is being written', async () => {
    const busy = new LocalBlobStore(root);
    const slow = new Readable({ read: () => undefined });
    slow.push('first');
    const put = busy.put(newKey(), slow);
    while ((await incoming()).length === 0) await new Promise(setImmediate);
    const dead = join(root, 'incoming', (await incoming())[0]?.replace(/~\d+~/, '~4194999~') ?? '');
    const foreign = join(root, 'incoming', 'put~elsewhere~1~old');
    await writeFile(dead, 'half');
    await writeFile(foreign, 'half');
    await utimes(foreign, 1, 1);
    expect(await incoming()).toHaveLength(3);
    await new LocalBlobStore(root).prepare();
    expect(await incoming()).toHaveLength(1);
    slow.push(null);
    await put;
    expect(await incoming()).toEqual([]);
  });

  it('reports a folder that cannot be created, and works once it can be', async () => {
    const blocked = join(root, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    const store = new LocalBlobStore(blocked);
    await expect(store.ping().catch(findCode)).resolves.toBe('storage_unavailable');
    await rm(blocked);
    await expect(store.ping()).resolves.toBeUndefined();
  });
});
