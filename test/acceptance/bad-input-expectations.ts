import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { send, type BadInput, type Places, type Reply } from './bad-inputs.js';

/** The subject of a row, and its result. */
export interface Tried {
  row: BadInput;
  reply: Reply;
  /** Milliseconds until the answer, or until the connection was closed. */
  ms: number;
  url: string;
  places: Places;
  dataDir: string;
  /** Files of the blob store and names of documents before. */
  before: { files: string[]; documents: string[] };
  log: () => string;
}

interface Listed {
  id: string;
  filename: string;
  document_set: string;
  bytes: number;
}
const json = async <T>(url: string, path: string): Promise<T> =>
  JSON.parse((await send(url, 'GET', path, {})).body) as T;

export const filesUnder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(folder, name)).isFile())
        .toSorted()
    : [];
export const readDocuments = async (url: string): Promise<Listed[]> =>
  (await json<{ documents: Listed[] }>(url, '/agent/documents?limit=200')).documents;

const readBody = ({ reply }: Tried) =>
  JSON.parse(reply.body) as {
    results: { metadata: { document_set: string } }[];
    documents: Listed[];
    errors: { field: string }[];
  };
/** The document that an upload of the row made. */
const made = async ({ reply, url }: Tried): Promise<Listed> => {
  const { documents } = JSON.parse(reply.body) as { documents: Listed[] };
  return json<Listed>(url, `/agent/documents/${documents[0]?.id}`);
};
const keysAreIds = ({ dataDir }: Tried) => {
  for (const name of filesUnder(join(dataDir, 'blobs')))
    expect(name).toMatch(/^[a-z]+\/([0-9a-f]{2}\/)?[0-9a-f-]{36}$/);
};
const nothingMade = async ({ url, dataDir, before }: Tried) => {
  expect((await readDocuments(url)).map(({ filename }) => filename).toSorted()).toEqual(before.documents);
  expect(filesUnder(join(dataDir, 'blobs'))).toEqual(before.files);
};
const searchable = async ({ url }: Tried) => {
  const { results } = JSON.parse(
    (
      await send(
        url,
        'POST',
        '/agent/search',
        { 'content-type': 'application/json' },
        Buffer.from('{"prompt":"text of mine","answer":false}'),
      )
    ).body,
  ) as { results: unknown[] };
  expect(results.length).toBeGreaterThan(0);
};
const noRowsElsewhere = (tried: Tried) => {
  if (tried.reply.status === 200) expect(readBody(tried).results).toEqual([]);
};
/** The checks that apply to every row. */
const always = () => undefined;

/** Each further check that the list asks for in words; a row whose words are not here fails. */
export const also: Record<string, (tried: Tried) => Promise<void> | void> = {
  '@health still 200 and same pid afterwards': always,
  'never 200': ({ reply }) => expect(reply.status).not.toBe(200),
  'never 500': ({ reply }) => expect(reply.status).toBeLessThan(500),
  'connection closed early': ({ ms }) => expect(ms).toBeLessThan(5000),
  'closed within requestTimeout+2 s': ({ ms }) => expect(ms).toBeLessThan(5500),
  'Allow header when 405': ({ reply }) => {
    if (reply.status === 405) expect(reply.headers['allow']).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
  },
  'document still there': async ({ url, places }) => {
    expect((await send(url, 'GET', `/agent/documents/${places['myDoc']}`, {})).status).toBe(200);
  },
  'content-type application/problem+json': ({ reply }) =>
    expect(reply.headers['content-type']).toContain('application/problem+json'),
  'no reflected input as HTML': ({ reply, places }) => {
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(reply.body).not.toContain(places['randomUuid']);
  },
  'own id generated or value cut to 128 [A-Za-z0-9._-]; log line stays one JSON object': ({ reply, log }) => {
    expect(reply.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
    for (const line of log()
      .split('\n')
      .filter((text) => text.startsWith('{')))
      expect(() => JSON.parse(line) as unknown).not.toThrow();
  },
  'last wins or refused, never both used': (tried) => {
    if (tried.reply.status === 200) expect(JSON.parse(tried.reply.body)).toMatchObject({ query: 'b' });
  },
  'no TypeError (LibreChat CVE-2026-31949)': ({ reply, log }) =>
    expect(reply.body + log()).not.toContain('TypeError'),
  'body.errors[] names the field': (tried) => {
    const { json: body = {} } = (tried.row.request.body ?? {}) as { json?: Record<string, unknown> };
    const [field = 'prompt'] = Object.keys(body).filter((name) => name !== 'prompt');
    const { errors } = JSON.parse(tried.reply.body) as { errors: { field: string; message: string }[] };
    expect(
      errors.some(
        ({ field: named, message }) => named.split('.')[0] === field || message.includes(`"${field}"`),
      ),
    ).toBe(true);
  },
  'treated as text; chunks table still there': searchable,
  'no rows of another set or tenant': noRowsElsewhere,
  'literal match only': noRowsElsewhere,
  'no foreign rows: value never concatenated into .or()/.filter() text': noRowsElsewhere,
  // which function parses the words is no affair of a client: they are words, and what has them is found
  'websearch_to_tsquery used': searchable,
  'nothing deleted': nothingMade,
  'no documents/chunks/blobs row or file created': nothingMade,
  'no temp file left in blob/tmp dir': ({ dataDir }) =>
    expect(filesUnder(join(dataDir, 'blobs')).filter((name) => /^incoming|tmp|part/.test(name))).toEqual([]),
  'never decodes to another tenant': ({ reply }) => expect(reply.body).not.toContain('documents'),
  'blob key is server-made (uuid); display name has no path part': async (tried) => {
    keysAreIds(tried);
    expect((await made(tried)).filename).toMatch(/^[^/\\]+\.txt$/);
  },
  'name round-trips exactly in list and in Content-Disposition filename*': async (tried) => {
    const wanted = tried.row.request.files?.[0]?.filename ?? '';
    const { id, filename } = await made(tried);
    expect(filename).toBe(wanted);
    expect((await readDocuments(tried.url)).map((document) => document.filename)).toContain(wanted);
    const file = await send(tried.url, 'GET', `/agent/documents/${id}/file`, {});
    expect(
      decodeURIComponent(
        /filename\*=UTF-8''(\S+)$/.exec(file.headers['content-disposition'] ?? '')?.[1] ?? '',
      ),
    ).toBe(wanted);
  },
  removed: async (tried) => expect((await made(tried)).filename).toBe('a.txt'),
  'blob key unaffected': keysAreIds,
  '/tmp/pwn absent: no shell is ever used': () => expect(existsSync('/tmp/pwn')).toBe(false),
  'never an argv item': async (tried) => {
    keysAreIds(tried);
    expect((await made(tried)).filename).toBe('-rf.txt');
  },
  'not truncated: sha256 equal': async (tried) => {
    const { id, bytes } = await made(tried);
    // an older version of that name answers until this one is ready
    const { task_id } = JSON.parse(tried.reply.body) as { task_id: string };
    await send(tried.url, 'GET', `/agent/status/${task_id}?wait=15`, {});
    const file = await send(tried.url, 'GET', `/agent/documents/${id}/file`, {});
    const sent = Buffer.alloc(bytes, 'plain text ');
    expect(createHash('sha256').update(file.body).digest('hex')).toBe(
      createHash('sha256').update(sent).digest('hex'),
    );
  },
  'answered before any body': ({ ms }) => expect(ms).toBeLessThan(5000),
  'same result as fields-first, or 422': async (tried) => {
    if (tried.reply.status !== 422) expect((await made(tried)).document_set).toBe('other');
  },
};
