import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/platform/database/database.js';
import { WindowEncoder } from '../../src/platform/models/window-encoder.js';
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

/** Sentences about many things; one of them in the middle answers. */
const mixture = (answer: string): string =>
  [
    'The canteen opens at eight and closes at three.',
    'Bicycles stand in the yard behind the gate, and visitors sign the book at the desk.',
    answer,
    'Parcels are kept in the post room for two weeks.',
    'The printer on the second floor takes paper of every size.',
  ].join(' ');

describe('the windows of chunks', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'docent-windows-'));
  const env = { DATA_DIR: dataDir, EMBEDDING_DRIVER: 'local' };
  const answer = 'Employees receive twenty-eight days of annual leave.';
  let app: TestApp;

  const windowsOf = async (filename: string): Promise<number> => {
    const database = app.service.app.get(Database);
    const { body } = await app.call<{ results: { id: string; metadata: { filename: string } }[] }>(
      'POST',
      '/agent/search',
      { prompt: 'canteen printer parcels', answer: false },
    );
    const chunks = body.results.filter(({ metadata }) => metadata.filename === filename).map(({ id }) => id);
    const [space] = await database.call('list_spaces', {});
    const windows_by = app.service.app.get(WindowEncoder).identity;
    expect(chunks).not.toEqual([]);
    const place = { tenant: 'default', space: space?.id ?? 0, windows_by: windows_by ?? '' };
    return (await database.call('chunk_windows', { ...place, chunks })).length;
  };
  const embedded = (): Promise<void> =>
    eventually(async () => {
      const { body } = await app.call<Listed>('GET', '/agent/documents');
      for (const { embedding } of body.documents) expect(embedding?.embedded).toBe(embedding?.chunks);
    }, 60_000);

  beforeAll(async () => {
    app = await bootApp({ ...env, MATCHER_DRIVER: 'none' });
    await app.uploaded({ 'house.md': mixture(answer) });
    await embedded();
    await app.close();
    app = await bootApp({ ...env, MATCHER_DRIVER: 'local' });
  });
  afterAll(async () => {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('are made after a start for chunks that were embedded without the matcher', async () => {
    await eventually(async () => expect(await windowsOf('house.md')).toBe(1), 60_000);
  });

  it('come with the vectors of new chunks, and not in a language that the matcher does not know', async () => {
    await app.uploaded({
      'other.md': mixture('Every employee can take off the afternoon before a holiday.'),
      'haus.md':
        'Die Kantine öffnet um acht. Der Drucker (canteen printer parcels) im zweiten Stock nimmt jedes Papier, und die Pakete liegen in der Poststelle.',
    });
    await embedded();
    expect(await windowsOf('other.md')).toBe(1);
    expect(await windowsOf('haus.md')).toBe(0);
  });
});
