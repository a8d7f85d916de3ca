import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

interface Listed {
  documents: { status: string; embedding: { embedded: number; chunks: number } | null }[];
}

const paragraphs = Array.from(
  { length: 60 },
  (_unused, at) =>
    `Section ${at}. The members of group ${at} meet in room ${at} and talk about their garden for an hour.`,
);
const handbook = ['Everybody has a right to twenty-seven days of paid leave a year.', ...paragraphs].join(
  '\n\n',
);

describe('the local embedder', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'docent-local-'));
  const env = { DATA_DIR: dataDir, EMBEDDING_DRIVER: 'local', CHUNK_SIZE: '200', CHUNK_OVERLAP: '0' };
  let app: TestApp;

  const embeddings = async () =>
    (await app.call<Listed>('GET', '/agent/documents')).body.documents.map(({ embedding }) => embedding);

  beforeAll(async () => {
    app = await bootApp(env);
  });
  afterAll(async () => {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('lets a document answer by words before it has vectors, and gives it all of them later', async () => {
    await app.uploaded({ 'handbook.md': handbook });
    const { body } = await app.call<Listed>('GET', '/agent/documents');
    expect(body.documents[0]?.status).toBe('ready');
    expect((await app.search('How many days of paid leave?')).results[0]?.content).toContain('twenty-seven');
    await eventually(async () => {
      const [embedding] = await embeddings();
      expect(embedding?.chunks).toBeGreaterThan(20);
      expect(embedding?.embedded).toBe(embedding?.chunks);
    }, 60_000);
  });

  it('finds a passage that shares no word with the question once it has vectors', async () => {
    const { results } = await app.search('Wie viel Urlaub bekomme ich?');
    expect(results[0]?.content).toContain('twenty-seven');
  });

  it('embeds the remaining chunks after a restart', async () => {
    await app.uploaded({ 'other.md': handbook.replaceAll('garden', 'kitchen') });
    await app.close();
    app = await bootApp(env);
    await eventually(async () => {
      for (const embedding of await embeddings()) expect(embedding?.embedded).toBe(embedding?.chunks);
    }, 60_000);
  });
});
