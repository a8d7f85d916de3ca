import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

interface Row {
  id: string;
  filename: string;
  document_set: string;
  media_type: string;
  metadata: Record<string, unknown>;
  created_at: string;
}
interface Page {
  documents: Row[];
  next_cursor: string | null;
}
interface Series {
  step_seconds: number;
  points: {
    at: string;
    questions: number;
    answered_share: number | null;
    latency_ms_p95: number | null;
    documents: number | null;
  }[];
}
const bootstrap = 'a-bootstrap-key-for-the-console-tests-0001';

describe('the requests of the console', () => {
  let app: TestApp;
  const authorized = { authorization: `Bearer ${bootstrap}` };
  const call = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    app.call<T>(method, path, body, authorized);
  const list = async (query: string) => (await call<Page>('GET', `/agent/documents?${query}`)).body;
  const names = async (query: string) => (await list(query)).documents.map(({ filename }) => filename);

  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: bootstrap });
    const files = [
      { filename: 'Beta.md', content: '# Leave\n\nThe beta rule gives 25 days of leave.' },
      { filename: 'alpha.txt', content: 'The alpha rule is about parking.' },
      { filename: 'gamma.csv', content: 'city,people\nBern,134000\n' },
    ];
    for (const file of files) {
      const { body } = await call<{ task_id: string }>('POST', '/agent/ingest', {
        document_set: 'letters',
        files: [file],
      });
      await call('GET', `/agent/status/${body.task_id}?wait=30`);
    }
  });
  afterAll(() => app.close());

  it('tells a principal its identity and the features of the service', async () => {
    const { status, body } = await call('GET', '/agent/me');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      tenant: 'default',
      subject: 'bootstrap',
      scopes: ['read', 'write', 'admin'],
      via: 'api_key',
      limits: { files_per_upload: 10 },
      models: { chat: null },
    });
    expect((await app.call('GET', '/agent/me')).status).toBe(401);
  });

  it('sorts and narrows the list of documents', async () => {
    expect(await names('sort=name')).toEqual(['alpha.txt', 'Beta.md', 'gamma.csv']);
    expect(await names('sort=name_desc')).toEqual(['gamma.csv', 'Beta.md', 'alpha.txt']);
    expect(await names('sort=oldest')).toEqual(['Beta.md', 'alpha.txt', 'gamma.csv']);
    expect(await names('media_type=text/csv,text/plain&sort=name')).toEqual(['alpha.txt', 'gamma.csv']);
    const [oldest, middle] = (await list('sort=oldest')).documents;
    const from = encodeURIComponent(middle?.created_at ?? '');
    expect(await names(`created_from=${from}&sort=oldest`)).toEqual(['alpha.txt', 'gamma.csv']);
    expect(await names(`created_to=${from}`)).toEqual([oldest?.filename]);
  });

  it.each(['newest', 'oldest', 'name', 'name_desc'])(
    'pages through the list in the order %s',
    async (sort) => {
      const whole = await names(`sort=${sort}`);
      const paged: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page = await list(`sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`);
        paged.push(...page.documents.map(({ filename }) => filename));
        cursor = page.next_cursor;
      }
      expect(paged).toEqual(whole);
    },
  );

  it('takes a filter without a value for one that is left out, when it lists and not when it deletes', async () => {
    const empty = 'status=&q=&media_type=&created_from=&sort=name&limit=&cursor=';
    expect(await names(empty)).toEqual(await names('sort=name'));
    const answers: unknown[] = [];
    for (const path of ['tasks?status=&type=', 'documents?colour=', 'summaries?document_set='])
      answers.push((await call('GET', `/agent/${path}`)).status);
    answers.push((await call('DELETE', '/agent/documents/alpha.txt?document_set=')).status);
    expect(answers).toEqual([200, 422, 422, 422]);
  });

  it('refuses a cursor of another order, and of another list', async () => {
    const newest = await list('limit=1');
    expect((await call('GET', `/agent/documents?cursor=${newest.next_cursor}`)).status).toBe(200);
    expect(await call('GET', `/agent/tasks?cursor=${newest.next_cursor}`)).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'cursor' }] },
    });
    const { next_cursor } = await list('sort=name&limit=1');
    expect((await call('GET', `/agent/documents?cursor=${next_cursor}`)).status).toBe(422);
  });

  it('changes metadata, and searches filter by it at once', async () => {
    const [document] = (await list('q=beta')).documents;
    const { status, body } = await call('PATCH', `/agent/documents/${document?.id}`, {
      metadata: { year: 2026 },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ metadata: { year: 2026 } });
    const found = await call<{ results: unknown[] }>('POST', '/agent/search', {
      prompt: 'days of leave',
      filter: { 'metadata.year': 2026 },
      answer: false,
    });
    expect(found.body.results.length).toBeGreaterThan(0);
  });

  it('moves a document with its passages into another set, and back', async () => {
    const [document] = (await list('q=beta')).documents;
    const found = async (document_set: string) => {
      const { body } = await call<{ results: unknown[]; answered: boolean }>('POST', '/agent/search', {
        prompt: 'How many days of leave are there?',
        document_set,
      });
      return [body.results.length, body.answered];
    };
    expect(
      (await call('PATCH', `/agent/documents/${document?.id}`, { document_set: 'Archive' })).body,
    ).toMatchObject({
      document_set: 'archive',
    });
    expect(await found('archive')).toEqual([1, true]);
    expect((await found('letters'))[1]).toBe(false);
    expect(
      (await call('PATCH', `/agent/documents/${document?.id}`, { document_set: 'letters' })).status,
    ).toBe(200);
    expect((await found('letters'))[1]).toBe(true);
    const { entries } = (await call<{ entries: { action: string; target: string }[] }>('GET', '/agent/audit'))
      .body;
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'document.update', target: 'letters/Beta.md' }),
    );
  });

  it('returns the history of one document from the audit log', async () => {
    const [document] = (await list('q=beta')).documents;
    const actions = async (id: string | undefined) => {
      const { body } = await call<{ entries: { action: string }[] }>('GET', `/agent/audit?document_id=${id}`);
      return body.entries.map(({ action }) => action);
    };
    // one change of metadata and two moves, newest first
    expect(await actions(document?.id)).toEqual([
      'document.update',
      'document.update',
      'document.update',
      'document.upload',
    ]);
    expect(await actions('0190a0b0-0000-7000-8000-000000000001')).toEqual([]);
    expect((await call('GET', '/agent/audit?document_id=beta')).status).toBe(422);
  });

  it('lists the version that answers beside a newer one that failed', async () => {
    const put = (content: string) =>
      call<{ task_id: string; documents: { id: string }[] }>('POST', '/agent/ingest', {
        document_set: 'versions',
        files: [{ filename: 'page.html', content }],
      });
    const first = await put('<p>The first version says seven.</p>');
    await call('GET', `/agent/status/${first.body.task_id}?wait=30`);
    const second = await put('<p></p>');
    await call('GET', `/agent/status/${second.body.task_id}?wait=30`);
    const path = `/agent/documents/${first.body.documents[0]?.id}/versions`;
    expect((await call('GET', path)).body).toMatchObject({
      versions: [
        { version: 2, status: 'failed', answers: false, error: { code: 'no_text_content' } },
        { version: 1, status: 'ready', answers: true, chunk_count: 1, error: null },
      ],
    });
    const third = await put('<p>The third version says nine.</p>');
    await call('GET', `/agent/status/${third.body.task_id}?wait=30`);
    expect((await call('GET', path)).body).toMatchObject({ versions: [{ version: 3, answers: true }] });
    expect((await call('GET', '/agent/documents/none/versions')).status).toBe(404);
    await call('DELETE', `/agent/documents/${first.body.documents[0]?.id}`);
  });

  it('lists tasks of several states and types', async () => {
    const types = async (query: string) =>
      (await call<{ tasks: { type: string; status: string }[] }>('GET', `/agent/tasks?${query}`)).body.tasks;
    const all = await types('status=SUCCESS,FAILURE&type=ingest,batch&limit=200');
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(['ingest', 'batch']));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['SUCCESS', 'FAILURE']));
    const failed = await types('status=FAILURE&type=ingest');
    expect(failed.map(({ status }) => status)).toEqual(['FAILURE']);
    expect(await types('status=PENDING,STARTED,RETRY')).toEqual([]);
    for (const query of ['status=SUCCESS,DONE', 'status=,', 'type=,']) {
      const { status, body } = await call<{ errors: { field: string; message: string }[] }>(
        'GET',
        `/agent/tasks?${query}`,
      );
      expect([status, body.errors.map(({ field }) => field)]).toEqual([422, [query.split('=')[0]]]);
    }
  });

  it('lists waiting tasks with their place in the queue', async () => {
    const held = await bootApp({ WORKER_QUEUES: 'default' });
    try {
      const files = ['first.md', 'second.md'].map((filename) => ({ filename, content: filename }));
      for (const file of files) await held.call('POST', '/agent/ingest', { files: [file] });
      const { body } = await held.call<{ tasks: { filename: string; position: number | null }[] }>(
        'GET',
        '/agent/tasks?type=ingest',
      );
      expect(body.tasks.map(({ filename, position }) => [filename, position])).toEqual([
        ['second.md', 2],
        ['first.md', 1],
      ]);
    } finally {
      await held.close();
    }
  });

  it('refuses to move a document onto another of the same name, and does not write unchanged values', async () => {
    const { body } = await call<{ task_id: string; documents: { id: string }[] }>('POST', '/agent/ingest', {
      document_set: 'other',
      files: [{ filename: 'alpha.txt', content: 'Another alpha.' }],
    });
    await call('GET', `/agent/status/${body.task_id}?wait=30`);
    const path = `/agent/documents/${body.documents[0]?.id}`;
    expect(await call('PATCH', path, { document_set: 'letters' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
    expect((await call('PATCH', path, {})).status).toBe(422);
    expect((await call('PATCH', path, { metadata: { deep: {} } })).status).toBe(422);
    expect(
      (await call('PATCH', '/agent/documents/0190a0b0-0000-7000-8000-000000000001', { metadata: {} })).status,
    ).toBe(404);
  });

  it('keeps a principal that is restricted to sets within them', async () => {
    const { body } = await call<{ key: string }>('POST', '/agent/keys', {
      name: 'held',
      scopes: ['write'],
      document_sets: ['letters'],
    });
    const held = { authorization: `Bearer ${body.key}` };
    const [document] = (await list('q=gamma')).documents;
    const moved = await app.call(
      'PATCH',
      `/agent/documents/${document?.id}`,
      { document_set: 'elsewhere' },
      held,
    );
    expect(moved.status).toBe(403);
    expect((await app.call('GET', '/agent/stats/series', undefined, held)).status).toBe(403);
  });

  it('deletes several documents at once, with one receipt, and names the ids that do not exist', async () => {
    const files = ['one.md', 'two.md', 'three.md'].map((filename) => ({
      filename,
      content: `${filename} is about whales.`,
    }));
    const { body: sent } = await call<{ task_id: string; documents: { id: string }[] }>(
      'POST',
      '/agent/ingest',
      { document_set: 'whales', files },
    );
    await call('GET', `/agent/status/${sent.task_id}?wait=30`);
    const ids = sent.documents.map(({ id }) => id);
    const stranger = '0190b3a0-0000-7000-8000-000000000000';
    const [first = '', second = '', third = ''] = ids;
    const deletion = await call('POST', '/agent/documents/delete', { ids: [first, second, first, stranger] });
    expect(deletion.status).toBe(200);
    expect(deletion.body).toMatchObject({ deleted: { documents: 2, chunks: 2 }, missing: [stranger] });
    expect(await names('document_set=whales')).toEqual(['three.md']);
    const { body: found } = await call<{ results: { metadata: { document_id: string } }[] }>(
      'POST',
      '/agent/search',
      { prompt: 'whales', document_set: 'whales', answer: false },
    );
    expect(found.results.map(({ metadata }) => metadata.document_id)).toEqual([third]);
    const { body: log } = await call<{ entries: { action: string; detail: unknown }[] }>(
      'GET',
      '/agent/audit?limit=1',
    );
    expect(log.entries).toMatchObject([
      { action: 'document.delete', detail: { documents: [{ id: first }, { id: second }] } },
    ]);
  });

  it('reports questions, latency and documents over time', async () => {
    await call('POST', '/agent/search', { prompt: 'How many days of leave does the beta rule give?' });
    // the service counts documents once a minute, for which nobody wants to wait here
    await app.service.app.get(Database).call('sample_activity', { keep_seconds: 86_400 });
    await eventually(async () => {
      const { status, body } = await call<Series>('GET', '/agent/stats/series?period=hour');
      expect(status).toBe(200);
      expect(body.step_seconds).toBe(60);
      expect(body.points).toHaveLength(60);
      const asked = body.points.filter(({ questions }) => questions > 0);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked[0]?.answered_share).toBeGreaterThan(0);
      expect(asked[0]?.latency_ms_p95).toBeGreaterThan(0);
      expect(body.points.some(({ documents }) => documents !== null)).toBe(true);
    }, 30_000);
    for (const [period, points] of [
      ['day', 96],
      ['week', 84],
    ] as const)
      expect((await call<Series>('GET', `/agent/stats/series?period=${period}`)).body.points).toHaveLength(
        points,
      );
    expect((await call('GET', '/agent/stats/series?period=year')).status).toBe(422);
  });
});
