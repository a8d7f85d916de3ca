import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

interface DocumentAnswer {
  id: string;
  filename: string;
  document_set: string;
  status: string;
  version: number;
  ready_version: number | null;
  chunk_count: number | null;
  bytes: number;
  metadata: Record<string, unknown>;
}
interface ListAnswer {
  documents: DocumentAnswer[];
  next_cursor: string | null;
}

describe('documents over HTTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ MAX_FILE_SIZE: '3000000', MAX_FILES_PER_UPLOAD: '5' });
  }, 180_000);
  afterAll(() => app.close());

  const list = async (query: string) => (await app.call<ListAnswer>('GET', `/agent/documents?${query}`)).body;
  const originals = () =>
    readdirSync(join(app.dataDir, 'blobs'), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.parentPath.includes('originals'),
    );

  it('accepts several files with fields after them and makes each ready', async () => {
    const form = new FormData();
    form.append('files', new Blob(['# Leave\n\nLeave is 25 days a year.']), 'leave.md');
    form.append('files', new Blob(['name,price\nbolt,2\nnut,1\n']), 'prices.csv');
    form.append('document_set', 'Späte Sets!');
    form.append('metadata', '{"year":2026}');
    const response = await fetch(`${app.url}/agent/upload`, { method: 'POST', body: form });
    const body = (await response.json()) as { task_id: string; document_set: string; uploaded: string[] };
    expect(response.status).toBe(202);
    expect(body.document_set).toBe('sp_te_sets');
    expect(body.uploaded).toEqual(['leave.md', 'prices.csv']);
    const batch = await app.ended(body.task_id);
    expect(batch.status).toBe('SUCCESS');
    expect(batch.children).toHaveLength(2);
    expect(batch).toMatchObject({ progress: 1, eta_seconds: null });
    const { documents } = await list('document_set=sp_te_sets');
    expect(documents.map(({ status, metadata, chunk_count }) => ({ status, metadata, chunk_count }))).toEqual(
      [
        { status: 'ready', metadata: { year: 2026 }, chunk_count: 1 },
        { status: 'ready', metadata: { year: 2026 }, chunk_count: 1 },
      ],
    );
  });

  it('answers an upload of the same bytes with the existing document', async () => {
    const first = await app.uploaded({ 'same.txt': 'the same words' }, { document_set: 'twice' });
    const before = originals().length;
    const second = await app.upload(
      { 'same.txt': 'the same words' },
      { document_set: 'twice', metadata: '{"note":"later"}' },
    );
    expect(second.body.documents[0]).toMatchObject({
      id: first.documents[0]?.id,
      version: 1,
      duplicate: true,
    });
    expect((await app.ended(second.body.task_id)).status).toBe('SUCCESS');
    expect((await list('document_set=twice')).documents[0]?.metadata).toEqual({ note: 'later' });
    await eventually(() => expect(originals()).toHaveLength(before));
  });

  it('accepts the readable files and names the others', async () => {
    const { status, body } = await app.upload(
      { 'good.txt': 'good words', 'empty.txt': '', 'program.exe': 'MZ....', 'wrong.pdf': 'no pdf at all' },
      { document_set: 'mixed' },
    );
    expect(status).toBe(202);
    expect(body.uploaded).toEqual(['good.txt']);
    expect(body.rejected.map(({ filename, code }) => [filename, code])).toEqual([
      ['empty.txt', 'empty_file'],
      ['program.exe', 'unsupported_file_type'],
      ['wrong.pdf', 'content_mismatch'],
    ]);
  });

  it('stores nothing of an upload whose files are all refused', async () => {
    const before = originals().length;
    const { status, body } = await app.upload(
      { 'big.txt': 'x'.repeat(3_000_001) },
      { document_set: 'refused' },
    );
    expect([status, body.code]).toEqual([413, 'payload_too_large']);
    expect((await list('document_set=refused')).documents).toEqual([]);
    expect(originals()).toHaveLength(before);
  });

  it('says why each file was refused when none of several was taken', async () => {
    const files = { 'program.exe': 'MZ\u0000\u0003', 'empty.txt': '', 'letter.pdf': 'Dear reader' };
    const { status, body } = await app.upload(files, { document_set: 'refused' });
    expect([status, body.code]).toEqual([415, 'unsupported_file_type']);
    expect(body.rejected.map(({ filename, code }) => [filename, code])).toEqual([
      ['program.exe', 'unsupported_file_type'],
      ['empty.txt', 'empty_file'],
      ['letter.pdf', 'content_mismatch'],
    ]);
    expect(body.rejected.every(({ detail }) => detail.length > 20)).toBe(true);
    const one = await app.upload({ 'empty.txt': '' }, { document_set: 'refused' });
    expect([one.status, one.body.rejected]).toEqual([422, undefined]);
  });

  it('takes a file of exactly the limit, unchanged', async () => {
    const bytes = Buffer.alloc(3_000_000, 'plain words\n');
    const { documents } = await app.uploaded({ 'limit.txt': bytes }, { document_set: 'limit' });
    const stored = await fetch(`${app.url}/agent/documents/${documents[0]?.id}/file`);
    const hash = createHash('sha256').update(Buffer.from(await stored.arrayBuffer()));
    expect(stored.headers.get('etag')).toBe(`"${hash.digest('hex')}"`);
    expect(stored.headers.get('etag')).toBe(`"${createHash('sha256').update(bytes).digest('hex')}"`);
  });

  it('leaves no row and no file of an upload that is cut off', async () => {
    const before = originals().length;
    const { hostname, port } = new URL(app.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /agent/upload HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 2000000\r\n\r\n--B\r\nContent-Disposition: form-data; name="files"; filename="cut.txt"\r\n\r\n${'half of it '.repeat(20_000)}`,
        );
        socket.once('drain', () => socket.destroy());
        setTimeout(() => socket.destroy(), 300);
      });
      socket.on('close', () => resolve());
      socket.on('error', () => undefined);
    });
    await eventually(() => expect(originals()).toHaveLength(before));
    expect((await list('q=cut.txt')).documents).toEqual([]);
  });

  it('stores a document under a key of the caller and replaces it when the new version is ready', async () => {
    const put = async (text: string) => {
      const response = await fetch(`${app.url}/agent/documents/wiki/${encodeURIComponent('über uns.md')}`, {
        method: 'PUT',
        body: text,
        headers: { 'content-type': 'text/markdown' },
      });
      return {
        status: response.status,
        body: (await response.json()) as { document: { id: string; version: number }; task_id: string },
      };
    };
    const first = await put('We are ten people.');
    expect(first.status).toBe(202);
    await app.ended(first.body.task_id);
    const second = await put('We are twelve people.');
    expect(second.body.document).toMatchObject({ id: first.body.document.id, version: 2 });
    await app.ended(second.body.task_id);
    const { body } = await app.call<{ chunks: { content: string }[] }>(
      'GET',
      `/agent/documents/${first.body.document.id}/chunks`,
    );
    expect(body.chunks.map(({ content }) => content)).toEqual(['We are twelve people.']);
  });

  it('puts a document into `default` where the address says `all`, and hands it out under both', async () => {
    const put = (set: string, text: string) =>
      fetch(`${app.url}/agent/documents/${set}/harbour.md`, { method: 'PUT', body: text });
    const fetchFile = async (set: string) => {
      const answer = await fetch(`${app.url}/agent/files/${set}/harbour.md`);
      return [answer.status, await answer.text()];
    };
    const answer = await put('all', 'The harbour closes at dusk.');
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ document: { document_set: 'default', version: 1 } });
    expect(await fetchFile('default')).toEqual([200, 'The harbour closes at dusk.']);
    expect(await fetchFile('ALL')).toEqual([200, 'The harbour closes at dusk.']);
    expect((await put('quay', 'The quay closes at noon.')).status).toBe(202);
    expect(await fetchFile('all')).toEqual([409, expect.stringContaining('"ambiguous_document"')]);
    expect((await fetchFile('quay'))[0]).toBe(200);
  });

  it.each(['2024%2Freport.md', '..%5Creport.md', '%20report.md', 'report%E2%80%8B.md'])(
    'refuses an address whose name would be cleaned: %s',
    async (name) => {
      const answer = await fetch(`${app.url}/agent/documents/keys/${name}`, { method: 'PUT', body: 'text' });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        422,
        'invalid_filename',
      ]);
    },
  );

  it.each([
    ['0522-08-12T07:54:03.3201+23:24', 200],
    ['2026-01-01T00:00:00-23:59', 200],
    ['0000-01-01T00:00:00Z', 422],
    ['9999-12-31T23:59:59-23:00', 422],
    ['', 200],
    ['2026-02-30T00:00:00Z', 422],
  ])('lists documents added since a moment with any offset: %s', async (moment, status) => {
    const from = encodeURIComponent(moment);
    expect((await app.call('GET', `/agent/documents?created_from=${from}`)).status).toBe(status);
    expect((await app.call('GET', `/agent/documents?created_to=${from}`)).status).toBe(status);
  });

  it('refuses query parameters that an operation does not have', async () => {
    for (const [method, path] of [
      ['GET', '/agent/documentsets?sort=name'],
      ['POST', '/agent/search?limit=5'],
      ['GET', '/agent/quota?tenant=other'],
    ] as const) {
      const body = method === 'POST' ? { prompt: 'leave', answer: false } : undefined;
      const answer = await app.call(method, path, body);
      expect([path, answer.status, answer.body['code']]).toEqual([path, 422, 'validation_failed']);
    }
  });

  it('pages through a list without missing or repeating a row', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `page-${index}.txt`);
    await app.uploaded(Object.fromEntries(names.map((name) => [name, `text of ${name}`])), {
      document_set: 'paged',
    });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: ListAnswer = await list(`document_set=paged&limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.documents.map(({ filename }) => filename));
      cursor = page.next_cursor;
      if (seen.length === 2)
        await app.uploaded({ 'page-late.txt': 'came in between' }, { document_set: 'paged' });
    }
    expect(seen.sort()).toEqual(names);
  });

  it('serves ranges, answers 304 when nothing changed, and 412 when another version is expected', async () => {
    const { documents } = await app.uploaded({ 'range.txt': '0123456789' }, { document_set: 'ranges' });
    const address = `${app.url}/agent/files/ranges/range.txt`;
    const part = await fetch(address, { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 2-4/10',
      '234',
    ]);
    const tail = await fetch(address, { headers: { range: 'bytes=-3' } });
    expect(await tail.text()).toBe('789');
    const beyond = await fetch(address, { headers: { range: 'bytes=50-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const whole = await fetch(`${app.url}/agent/documents/${documents[0]?.id}/file`);
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="range.txt"; filename*=UTF-8''range.txt`,
    );
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const again = await fetch(address, { headers: { 'if-none-match': whole.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    const expecting = (etag: string) => fetch(address, { headers: { 'if-match': etag, range: 'bytes=1-2' } });
    expect((await expecting(whole.headers.get('etag') ?? '')).status).toBe(206);
    expect((await expecting('*')).status).toBe(206);
    const changed = await expecting('"bytes-of-an-earlier-version"');
    expect([changed.status, ((await changed.json()) as { code: string }).code]).toEqual([
      412,
      'precondition_failed',
    ]);
  });

  it('deletes by name and by id, and asks for the set when two sets have the name', async () => {
    await app.uploaded({ 'twin.txt': 'one of two' }, { document_set: 'left' });
    const right = await app.uploaded({ 'twin.txt': 'two of two' }, { document_set: 'right' });
    expect((await app.call('DELETE', '/agent/documents/twin.txt')).body).toMatchObject({
      status: 409,
      code: 'ambiguous_document',
    });
    expect((await app.call('DELETE', '/agent/documents/twin.txt?document_set=all')).status).toBe(422);
    // some clients name the type on every request
    const typed = { 'content-type': 'application/json' };
    const gone = await app.call('DELETE', '/agent/documents/twin.txt?document_set=left', undefined, typed);
    expect(gone.body).toMatchObject({
      status: 'success',
      deleted: { documents: 1, chunks: 1, embeddings: 0, summaries: 0 },
    });
    expect((await app.call('DELETE', `/agent/documents/${right.documents[0]?.id}`)).status).toBe(200);
    expect((await app.call('DELETE', `/agent/documents/${right.documents[0]?.id}`)).status).toBe(404);
    expect((await app.search('one of two', { document_set: 'left' })).results).toEqual([]);
  });

  it('deletes a whole set as a task', async () => {
    await app.uploaded({ 'a.txt': 'first', 'b.txt': 'second' }, { document_set: 'whole' });
    const { status, body } = await app.call<{ task_id: string }>('DELETE', '/agent/documentsets/whole');
    expect(status).toBe(202);
    const task = await app.ended(body.task_id);
    expect(task).toMatchObject({ status: 'SUCCESS', result: { deleted: { documents: 2, chunks: 2 } } });
    const sets = await app.call<{ document_sets: string[] }>('GET', '/agent/documentsets');
    expect(sets.body.document_sets).not.toContain('whole');
    expect((await app.call('DELETE', '/agent/documentsets/whole')).status).toBe(404);
  });

  it('ingests JSON, and a file may name a set of its own', async () => {
    const { status, body } = await app.call<{ task_id: string; documents: { document_set: string }[] }>(
      'POST',
      '/agent/ingest',
      {
        document_set: 'notes',
        files: [
          { filename: 'n1.md', content: 'first note' },
          {
            filename: 'n2.md',
            content_base64: Buffer.from('second note').toString('base64'),
            document_set: 'other notes',
          },
        ],
      },
    );
    expect(status).toBe(202);
    expect(body.documents.map(({ document_set }) => document_set)).toEqual(['notes', 'other_notes']);
    expect((await app.ended(body.task_id)).status).toBe('SUCCESS');
  });

  describe('with an idempotency key', () => {
    it('gives the first answer again for the same upload', async () => {
      const key = { 'idempotency-key': 'upload-1' };
      const first = await app.upload({ 'key.txt': 'once' }, { document_set: 'keys' }, key);
      const again = await app.upload({ 'key.txt': 'once' }, { document_set: 'keys' }, key);
      // as text: the fields have their order too
      expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
      expect(again.headers.get('idempotent-replay')).toBe('true');
      const other = await app.upload({ 'key.txt': 'something else' }, { document_set: 'keys' }, key);
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_mismatch']);
      expect((await list('document_set=keys')).documents).toHaveLength(1);
    });

    it('refuses the same key while the first request runs', async () => {
      const { hostname, port } = new URL(app.url);
      const head = `POST /agent/upload HTTP/1.1\r\nHost: ${hostname}\r\nIdempotency-Key: slow\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 500\r\n\r\n--B\r\n`;
      const socket = connect(Number(port), hostname);
      await new Promise<void>((resolve) => socket.write(head, () => resolve()));
      // a round trip to the database behind that of the first request: its key is taken by now
      await app.call('GET', '/agent/documents');
      const second = await app.upload({ 'k.txt': 'k' }, {}, { 'idempotency-key': 'slow' });
      expect([second.status, second.body.code, second.headers.get('retry-after')]).toEqual([
        409,
        'request_in_progress',
        '1',
      ]);
      socket.destroy();
    });

    it('refuses other parameters on a JSON route', async () => {
      const key = { 'idempotency-key': 'json-1' };
      const send = (content: string) =>
        app.call('POST', '/agent/ingest', { files: [{ filename: 'j.txt', content }] }, key);
      const first = await send('one');
      expect((await send('one')).body).toEqual(first.body);
      expect((await send('two')).body).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
      expect(
        (await app.call('POST', '/agent/ingest', { files: [] }, { 'idempotency-key': 'x'.repeat(300) }))
          .status,
      ).toBe(422);
    });
  });
});
