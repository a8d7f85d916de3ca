import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportSet } from '../../src/app/transfer/export-set.js';
import { importSet } from '../../src/app/transfer/import-set.js';
import { loadEnv } from '../../src/config/env.js';
import { openBlobStore } from '../../src/platform/blob/blob.module.js';
import type { BlobStore } from '../../src/platform/blob/blob-store.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import type { Database } from '../../src/platform/database/database.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { bootApp, type TestApp } from '../app.js';
import { startPostgres, type TestPostgres } from '../postgres.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';

type Settings = Record<string, string>;

/** The stores of a service that does not run. */
async function withStores<T>(
  settings: Settings,
  act: (database: Database, blobs: BlobStore) => Promise<T>,
): Promise<T> {
  const env = loadEnv(settings);
  const database = await openDatabase(env, new Metrics());
  const blobs = await openBlobStore(env);
  try {
    await database.ready();
    return await act(database, blobs);
  } finally {
    await blobs.close();
    await database.close();
  }
}

describe('a document set', () => {
  let directory: string;
  let models: ScriptedModel;
  let postgres: TestPostgres;
  let source: Settings;
  let expected: unknown;
  const exported = () => join(directory, 'exported');
  const embedding = (): Settings => ({
    OPENAI_API_BASE: models.url,
    LLM_DRIVER: 'offline',
    OPENAI_EMBEDDING_MODEL: 'scripted',
    OPENAI_EMBEDDING_DIMENSIONS: '64',
  });
  const withApp = async <T>(settings: Settings, act: (app: TestApp) => Promise<T>): Promise<T> => {
    const app = await bootApp({ ...settings, ...embedding() });
    try {
      return await act(app);
    } finally {
      await app.close();
    }
  };
  /** The view of a client: texts and scores by word and by vector, and the original. */
  const seenIn = async (app: TestApp, documentSet = 'manuals') => {
    const searched = [];
    for (const mode of ['hybrid', 'vector', 'keyword']) {
      const { results } = await app.search('how many days of leave', {
        mode,
        document_set: documentSet,
        answer: false,
      });
      searched.push(
        results.map(({ content, score, metadata }) => ({ content, score, filename: metadata.filename })),
      );
    }
    const { body } = await app.call<{ documents: Record<string, unknown>[] }>(
      'GET',
      `/agent/documents?document_set=${documentSet}`,
    );
    const documents = body.documents.map(({ filename, status, bytes, chunk_count, language, metadata }) => ({
      filename,
      status,
      bytes,
      chunk_count,
      language,
      metadata,
    }));
    const original = await (await fetch(`${app.url}/agent/files/${documentSet}/leave.md`)).text();
    return {
      searched,
      original,
      documents: documents.toSorted((a, b) => String(a.filename).localeCompare(String(b.filename))),
    };
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'docent-transfer-'));
    models = await scriptedModel();
    postgres = await startPostgres();
    source = { DATA_DIR: join(directory, 'source') };
    expected = await withApp(source, async (app) => {
      await app.uploaded(
        {
          'leave.md':
            '# Leave\n\nEverybody has 28 days of leave a year.\n\n# Notice\n\nThe notice period is three months.',
          'travel.txt': 'Whoever travels by night train is paid a sleeping berth.',
        },
        { document_set: 'manuals', metadata: '{"owner":"people"}' },
      );
      await app.uploaded({ 'other.md': 'Another set stays where it is.' }, { document_set: 'other' });
      return seenIn(app);
    });
  }, 120_000);
  afterAll(async () => {
    await models.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is exported with its vectors, without other sets', async () => {
    const manifest = await withStores(source, (database, blobs) =>
      exportSet(database, blobs, 'default', 'manuals', exported()),
    );
    expect(manifest.documents.map(({ filename }) => filename).toSorted((a, b) => a.localeCompare(b))).toEqual(
      ['leave.md', 'travel.txt'],
    );
    expect(manifest.space).toMatchObject({ model: 'scripted', dimensions: 64 });
    const line = JSON.parse(readFileSync(join(exported(), '0.jsonl'), 'utf8').split('\n')[0] ?? '') as {
      embedding: string;
    };
    expect(JSON.parse(line.embedding)).toHaveLength(64);
  }, 180_000);

  it('moves from the embedded database to Postgres and back, and is found as before', async () => {
    const server = { DATABASE_URL: await postgres.createDatabase(), DATA_DIR: join(directory, 'server') };
    const asked = models.requests().length;
    const there = await withStores(server, (database, blobs) =>
      importSet(database, blobs, 'default', exported()),
    );
    expect(there).toEqual({ document_set: 'manuals', imported: 2, already: 0 });
    expect(asked).toBeGreaterThan(0);
    expect(models.requests()).toHaveLength(asked);
    expect(await withApp(server, seenIn)).toEqual(expected);

    const again = await withStores(server, (database, blobs) =>
      importSet(database, blobs, 'default', exported()),
    );
    expect(again).toMatchObject({ imported: 0, already: 2 });

    const back = join(directory, 'back');
    await withStores(server, (database, blobs) => exportSet(database, blobs, 'default', 'manuals', back));
    const laptop = { DATA_DIR: join(directory, 'laptop') };
    await withStores(laptop, (database, blobs) => importSet(database, blobs, 'default', back));
    expect(await withApp(laptop, seenIn)).toEqual(expected);
  }, 180_000);

  it('is refused where its files differ from what was exported', async () => {
    const target = { DATA_DIR: join(directory, 'refusing') };
    writeFileSync(join(exported(), '0.original'), 'something else');
    await expect(
      withStores(target, (database, blobs) => importSet(database, blobs, 'default', exported())),
    ).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(
      withStores(target, (database, blobs) => importSet(database, blobs, 'default', directory)),
    ).rejects.toMatchObject({
      code: 'validation_failed',
    });
  }, 180_000);
});
