import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parserVersion } from '../../src/features/parsing/parser-version.js';
import { Database } from '../../src/platform/database/database.js';
import type { Arguments } from '../../src/platform/database/functions.js';
import { Sweeper } from '../../src/platform/queue/sweeper.js';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';

interface Reparsed {
  task_id: string | null;
  documents: number;
  remaining: number;
}
interface Versions {
  versions: { version: number; status: string; answers: boolean; parser_version: number }[];
}

describe('reading documents again', () => {
  let app: TestApp;
  let ids: Record<string, string>;

  /** Uploads files as a service with older parsers did. */
  async function uploadByOlderParsers(
    files: Record<string, string>,
    set: string,
  ): Promise<Record<string, string>> {
    const database = app.service.app.get(Database);
    const call = database.call.bind(database);
    database.call = ((name: 'finish_documents', args: Arguments<'finish_documents'>) => {
      const documents = args.documents as { parsed: object }[];
      const old = documents?.map((one) => ({ ...one, parsed: { ...one.parsed, parser_version: 1 } }));
      return call(name, name === 'finish_documents' ? { documents: old } : args);
    }) as typeof call;
    try {
      const { documents } = await app.uploaded(files, { document_set: set });
      return Object.fromEntries(documents.map(({ filename, id }) => [filename, id]));
    } finally {
      database.call = call;
    }
  }
  const readVersions = async (id = '') =>
    (await app.call<Versions>('GET', `/agent/documents/${id}/versions`)).body.versions;
  const reparse = (body: object) => app.call<Reparsed>('POST', '/agent/documents/reparse', body);

  beforeAll(async () => {
    app = await bootApp({});
    ids = await uploadByOlderParsers(
      { 'leave.md': 'Annual leave is 25 days a year.', 'tea.md': 'Tea is served at four.' },
      'house',
    );
    await uploadByOlderParsers({ 'gate.md': 'The gate closes at nine.' }, 'yard');
  }, 180_000);
  afterAll(() => app.close());

  it('takes only documents that older parsers read, in the given set, and keeps files and answers', async () => {
    expect(await readVersions(ids['tea.md'])).toMatchObject([{ version: 1, parser_version: 1 }]);
    const { status, body } = await reparse({ document_set: 'house' });
    expect([status, body]).toEqual([
      202,
      { task_id: expect.any(String), documents: 2, remaining: 0, parser_version: parserVersion },
    ]);
    const batch = await app.ended(body.task_id ?? '');
    expect(batch).toMatchObject({ status: 'SUCCESS', progress: 1 });
    expect(batch.children).toHaveLength(2);
    expect(await readVersions(ids['tea.md'])).toMatchObject([
      { version: 2, status: 'ready', answers: true, parser_version: parserVersion },
    ]);
    // the blob of the former version is the blob of this one
    await app.service.app.get(Sweeper).sweep();
    const file = await fetch(`${app.url}/agent/files/house/tea.md`);
    expect([file.status, await file.text()]).toEqual([200, 'Tea is served at four.']);
    const found = await app.call<{ results: { content: string }[] }>('POST', '/agent/search', {
      prompt: 'When is tea served?',
    });
    expect(found.body.results[0]?.content).toContain('Tea is served at four.');
  });

  it('answers from the former text meanwhile; cancelled documents can be read again later', async () => {
    const tea = await uploadByOlderParsers({ 'cup.md': 'Bring your own cup.' }, 'kitchen');
    const database = app.service.app.get(Database);
    const call = database.call.bind(database);
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    database.call = (async (name: 'finish_document', args: Parameters<typeof call<'finish_document'>>[1]) => {
      if (name === 'finish_document') {
        reached.resolve();
        await held.promise;
      }
      return call(name, args);
    }) as typeof call;
    const { body } = await reparse({ document_set: 'kitchen' });
    await reached.promise;
    const search = { prompt: 'Whose cup?', document_set: 'kitchen' };
    const found = await app.call<{ results: { content: string }[] }>('POST', '/agent/search', search);
    expect(found.body.results[0]?.content).toContain('Bring your own cup.');
    expect(await readVersions(tea['cup.md'])).toMatchObject([
      { version: 2, answers: false },
      { version: 1, answers: true },
    ]);
    await app.call('POST', `/agent/tasks/${body.task_id}/cancel`);
    expect((await app.ended(body.task_id ?? '')).status).toBe('REVOKED');
    held.resolve();
    database.call = call;
    const again = await reparse({ document_set: 'kitchen' });
    expect(again.body).toMatchObject({ documents: 1, remaining: 0 });
    expect((await app.ended(again.body.task_id ?? '')).status).toBe('SUCCESS');
    expect(await readVersions(tea['cup.md'])).toMatchObject([
      { version: 3, answers: true, parser_version: parserVersion },
    ]);
    const file = await fetch(`${app.url}/agent/files/kitchen/cup.md`);
    expect(await file.text()).toBe('Bring your own cup.');
  });

  it('does nothing the second time, and refuses versions that the service does not have', async () => {
    expect((await reparse({ document_set: 'house' })).body).toMatchObject({
      task_id: null,
      documents: 0,
      remaining: 0,
    });
    const { status, body } = await reparse({ older_than_version: parserVersion + 1 });
    expect([status, (body as unknown as { code: string }).code]).toEqual([422, 'validation_failed']);
  });

  it('is a command that waits', async () => {
    const { gate } = {
      gate: (await app.call<{ documents: { id: string }[] }>('GET', '/agent/documents?document_set=yard'))
        .body,
    };
    const ran = await runCommand(['--url', app.url, 'reparse', '--document-set', 'yard', '--wait']);
    expect(ran).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^task [0-9a-f-]{36} reads 1 document again\n$/),
    });
    expect(await readVersions(gate.documents[0]?.id)).toMatchObject([
      { version: 2, parser_version: parserVersion },
    ]);
    expect(await runCommand(['--url', app.url, 'reparse'])).toMatchObject({
      code: 0,
      out: 'Every document is up to date.\n',
    });
  });
});
