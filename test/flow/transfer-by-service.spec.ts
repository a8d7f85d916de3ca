import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';

const key = 'a-key-for-moving-sets-through-a-service-1';
const reader = { authorization: `Bearer ${key}` };

describe('a document set, through a running service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'docent-move-'));
  const folder = join(directory, 'manuals.export');
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: key });
    const upload = async (files: Record<string, string>, fields: Record<string, string>) => {
      const { body } = await app.upload(files, { document_set: 'manuals', ...fields }, reader);
      await eventually(body.task_id);
    };
    await upload(
      { 'leave.md': '# Leave\n\nEverybody has 28 days of leave a year.' },
      { metadata: '{"owner":"people","year":2026}' },
    );
    await upload({ 'travel.txt': 'Whoever travels by night train is paid a sleeping berth.' }, {});
    await upload({ 'broken.pdf': '%PDF-1.7 and nothing more' }, {});
  }, 180_000);
  afterAll(async () => {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const eventually = async (task: string) => {
    for (;;) {
      const { body } = await app.call<{ status: string }>(
        'GET',
        `/agent/status/${task}?wait=10`,
        undefined,
        reader,
      );
      if (['SUCCESS', 'FAILURE'].includes(body.status)) return;
    }
  };
  const docent = (...argv: string[]) =>
    runCommand([...argv, '--json'], { DOCENT_URL: app.url, DOCENT_TOKEN: key });
  const documents = async (set: string) => {
    const path = `/agent/documents?document_set=${set}`;
    const { body } = await app.call<{ documents: { filename: string; status: string; metadata: object }[] }>(
      'GET',
      path,
      undefined,
      reader,
    );
    return body.documents
      .map(({ filename, status, metadata }) => ({ filename, status, metadata }))
      .toSorted((a, b) => (a.filename < b.filename ? -1 : 1));
  };

  it('is exported with originals and metadata; unfinished documents are named and left out', async () => {
    const { code, out, err } = await docent('export', 'manuals', folder);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('broken.pdf') });
    expect(JSON.parse(out)).toEqual({ document_set: 'manuals', documents: 2, left: ['broken.pdf'] });
    const manifest = JSON.parse(readFileSync(join(folder, 'set.json'), 'utf8')) as {
      documents: { file: string; filename: string; content_hash: string }[];
    };
    for (const { file, content_hash } of manifest.documents)
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ).toBe(content_hash);
  });

  it('is completed by a second export, which keeps the files that are unchanged', async () => {
    const [first = '', second = ''] = readdirSync(folder).filter((name) => name.endsWith('.original'));
    const kept = readFileSync(join(folder, first));
    writeFileSync(join(folder, second), 'half of it');
    expect((await docent('export', 'manuals', folder)).code).toBe(0);
    expect(readFileSync(join(folder, first))).toEqual(kept);
    expect(readFileSync(join(folder, second), 'utf8')).not.toBe('half of it');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('can be imported under another name, once', async () => {
    const { code, out } = await docent('import', folder, '--set', 'copy');
    expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({
      code: 0,
      imported: 2,
      already: 0,
      failed: [],
    });
    expect(await documents('copy')).toEqual([
      { filename: 'leave.md', status: 'ready', metadata: { owner: 'people', year: 2026 } },
      { filename: 'travel.txt', status: 'ready', metadata: {} },
    ]);
    expect(JSON.parse((await docent('import', folder, '--set', 'copy')).out)).toMatchObject({
      imported: 0,
      already: 2,
    });
  });

  it('can be imported from a folder with an index, and refused files are named', async () => {
    const other = join(directory, 'indexed');
    mkdirSync(other);
    const packaged = (filename: string, bytes: Buffer, place: number) => {
      writeFileSync(join(other, `${place}.original`), bytes);
      return {
        filename,
        content_hash: createHash('sha256').update(bytes).digest('hex'),
        bytes: bytes.length,
        format: 'md',
        media_type: 'text/markdown',
        pipeline: 'standard',
        metadata: {},
        title: null,
        language: 'en',
        pages: null,
        warnings: [],
        parsed: false,
        chunks: 1,
      };
    };
    const entries = [
      packaged('a.md', Buffer.from('# A\n\nThe first.'), 0),
      packaged('b.md', Buffer.from('PK\u0003\u0004 no archive'), 1),
    ];
    writeFileSync(
      join(other, 'set.json'),
      JSON.stringify({ docent: 1, document_set: 'indexed', space: null, documents: entries }),
    );
    const { code, out } = await docent('import', other);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ imported: 1, failed: [{ filename: 'b.md' }] });
  });

  it('is refused without a required index, and where its files were changed', async () => {
    const stores = { DATA_DIR: join(directory, 'stores'), AUTH: 'none', DATABASE_URL: '' };
    const refused = await runCommand(['import', folder], stores);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--url') });
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.original'));
    writeFileSync(join(folder, file), 'something else');
    expect(await docent('import', folder, '--set', 'changed')).toMatchObject({
      code: 2,
      err: expect.stringContaining('differs'),
    });
    expect((await docent('export', 'nothing', join(directory, 'none'))).code).not.toBe(0);
    expect(existsSync(join(directory, 'none', 'set.json'))).toBe(false);
  });
});
