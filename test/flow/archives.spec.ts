import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { buildDocx, buildZip } from '../office-files.js';

/** Changes every occurrence of `from` in the headers of an archive. */
function patched(archive: Buffer, from: string | Uint8Array, to: string | Uint8Array): Buffer {
  const made = Buffer.from(archive);
  for (let at = made.indexOf(from); at >= 0; at = made.indexOf(from, at + 1)) Buffer.from(to).copy(made, at);
  return made;
}

/** 900 KB that pack to no less than a tenth. */
const lines = Array.from(
  { length: 60_000 },
  (_, at) => `line ${at}
`,
)
  .join('')
  .padEnd(900_000, '.')
  .slice(0, 900_000);

describe('a zip archive at upload', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({
      MAX_FILE_SIZE: '1000000',
      ARCHIVE_MAX_ENTRIES: '12',
      ARCHIVE_MAX_BYTES: '2000000',
    });
  }, 180_000);
  afterAll(() => app.close());

  const originals = (): string[] =>
    readdirSync(join(app.dataDir, 'blobs'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes('originals') && statSync(join(app.dataDir, 'blobs', path)).isFile(),
    );
  /** Uploads may make files of earlier ones go; only new ones count. */
  const newOnes = (before: string[]): string[] => originals().filter((path) => !before.includes(path));
  const documentsIn = async (set: string): Promise<Record<string, unknown>> => {
    const { body } = await app.call<{ documents: { filename: string; metadata: Record<string, unknown> }[] }>(
      'GET',
      `/agent/documents?document_set=${set}`,
    );
    return Object.fromEntries(body.documents.map(({ filename, metadata }) => [filename, metadata]));
  };

  it('becomes a document for each file, with its folder, and is not kept itself', async () => {
    const before = originals();
    const archive = buildZip({
      'readme.md': '# Handbook\n\nThe handbook names the caretaker: Mr Brown.',
      'hr/leave/days.md': '# Leave\n\nLeave is 27 days a year.',
      'hr/contract.docx': buildDocx('<w:p><w:r><w:t>The notice period is six weeks.</w:t></w:r></w:p>'),
      '__MACOSX/hr/._contract.docx': 'resource fork',
      'hr/.DS_Store': 'x',
      '.git/config.txt': 'x',
      'hr/Thumbs.db': 'x',
      'hr/~$contract.docx': 'x',
    });
    const answer = await app.uploaded(
      { 'handbook.zip': archive, 'beside.md': '# Beside' },
      { document_set: 'handbook', metadata: '{"owner":"hr"}' },
    );
    expect(answer.rejected).toEqual([]);
    expect(answer.uploaded).toEqual(['readme.md', 'days.md', 'contract.docx', 'beside.md']);
    expect(await documentsIn('handbook')).toEqual({
      'readme.md': { owner: 'hr' },
      'beside.md': { owner: 'hr' },
      'days.md': { owner: 'hr', path: 'hr/leave' },
      'contract.docx': { owner: 'hr', path: 'hr' },
    });
    const found = await app.search('How long is the notice period?', { document_set: 'handbook' });
    expect(found.results[0]?.metadata.filename).toBe('contract.docx');
    expect(newOnes(before)).toHaveLength(4);
  });

  it('is recognised by its content: an office file is one document, a zip without extension is an archive', async () => {
    const answer = await app.uploaded(
      {
        'letter.docx': buildDocx('<w:p><w:r><w:t>Dear all</w:t></w:r></w:p>'),
        bundle: buildZip({ 'in.md': '# In' }),
      },
      { document_set: 'content' },
    );
    expect(answer.uploaded).toEqual(['letter.docx', 'in.md']);
    const { body } = await app.upload({
      'letter.zip': buildDocx(''),
      'words.zip': 'only words',
      'ok.md': '# Ok',
    });
    expect(body.rejected.map(({ filename, code }) => [filename, code])).toEqual([
      ['letter.zip', 'content_mismatch'],
      ['words.zip', 'content_mismatch'],
    ]);
  });

  it('refuses single files with their path, and takes the rest', async () => {
    const damaged = patched(
      buildZip({ 'bad.md': 'a sentence of the stored file' }, true),
      'stored',
      'broken',
    );
    const { body, status } = await app.upload(
      {
        'mixed.zip': buildZip({
          'good.md': '# Good',
          'tools/setup.exe': 'MZ',
          'fake.pdf': 'no pdf',
          'empty.md': '',
          'inner.zip': buildZip({ 'deep.md': '# Deep' }),
          'big.md': lines + lines.slice(0, 200_000),
        }),
        'damaged.zip': damaged,
        'locked.zip': patched(
          patched(buildZip({ 'locked.md': '# Locked' }), 'PK\x03\x04\x14\x00\x00', 'PK\x03\x04\x14\x00\x01'),
          'PK\x01\x02\x14\x00\x14\x00\x00',
          'PK\x01\x02\x14\x00\x14\x00\x01',
        ),
      },
      { document_set: 'mixed' },
    );
    expect([status, body.uploaded]).toEqual([202, ['good.md']]);
    expect(body.rejected).toMatchObject([
      { path: 'mixed.zip/tools/setup.exe', filename: 'setup.exe', code: 'unsupported_file_type' },
      { path: 'mixed.zip/fake.pdf', code: 'content_mismatch' },
      { path: 'mixed.zip/empty.md', code: 'empty_file' },
      { path: 'mixed.zip/inner.zip', code: 'unsupported_file_type' },
      { path: 'mixed.zip/big.md', code: 'payload_too_large' },
      { path: 'damaged.zip/bad.md', code: 'corrupt_document' },
      { path: 'locked.zip/locked.md', code: 'encrypted_document' },
    ]);
  });

  it('cleans names: removes paths that climb or are absolute, and invisible characters', async () => {
    const answer = await app.uploaded(
      {
        'names.zip': buildZip({
          '../../etc/climb.md': '# Climb',
          '/root/absolute.md': '# Absolute',
          'C:\\Users\\me\\windows.md': '# Windows',
          'a\u0007b/./bell\u202e.md': '# Bell',
        }),
      },
      { document_set: 'names' },
    );
    expect(answer.rejected).toEqual([]);
    expect(await documentsIn('names')).toEqual({
      'climb.md': {},
      'absolute.md': {},
      'windows.md': {},
      'bell.md': { path: 'ab' },
    });
  });

  it('reads names in code page 437', async () => {
    const archive = patched(buildZip({ 'QQbersicht.md': '# Overview' }), 'QQ', Buffer.from([0x9a, 0x81]));
    expect((await app.uploaded({ 'dos.zip': archive }, { document_set: 'dos' })).uploaded).toEqual([
      'Üübersicht.md',
    ]);
  });

  it('refuses the later of two files of one name', async () => {
    const { body } = await app.upload(
      {
        'invoices.zip': buildZip({
          '2024/invoice.md': '# 2024',
          '2025/invoice.md': '# 2025',
          'x/invoice.md': '# 2024',
        }),
      },
      { document_set: 'invoices' },
    );
    expect(body.documents.map(({ filename, duplicate }) => [filename, duplicate])).toEqual([
      ['invoice.md', false],
      ['invoice.md', true],
    ]);
    expect(body.rejected).toMatchObject([{ path: '2025/invoice.md', code: 'duplicate_filename' }]);
  });

  it.each([
    ['without files', buildZip({}), 422, 'empty_file'],
    ['of clutter alone', buildZip({ '__MACOSX/._a.md': 'x', 'folder/': '' }), 422, 'empty_file'],
    [
      'of too many files',
      buildZip(Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`${at}.md`, `# ${at}`]))),
      422,
      'too_large',
    ],
    ['of too many bytes', buildZip({ 'a.md': lines, 'b.md': lines, 'c.md': lines }), 422, 'too_large'],
    ['that is a bomb', buildZip({ 'bomb.txt': Buffer.alloc(7_900_000, 'a') }), 422, 'archive_bomb'],
    ['of archives alone', buildZip({ 'a.zip': buildZip({ 'b.md': 'x' }) }), 422, 'archive_bomb'],
    ['that is cut off', buildZip({ 'a.md': '# A' }).subarray(0, -30), 422, 'corrupt_document'],
    ['of unsupported files alone', buildZip({ 'a.exe': 'MZ' }), 415, 'unsupported_file_type'],
  ])('%s is refused and leaves nothing behind', async (_kind, archive, status, code) => {
    const before = originals();
    const answer = await app.upload({ 'refused.zip': archive });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(newOnes(before)).toEqual([]);
  });

  it('that declares less than it unpacks to is stopped at the declared size', async () => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(3_000_000);
    const declared = Buffer.alloc(4);
    declared.writeUInt32LE(10);
    const liar = patched(buildZip({ 'liar.md': Buffer.alloc(3_000_000, 'a') }), size, declared);
    const { status, body } = await app.upload({ 'liar.zip': liar });
    expect([status, body.code]).toEqual([422, 'corrupt_document']);
  });

  it('whose entries share their bytes is a bomb', async () => {
    const archive = buildZip({ 'a.md': '# A', 'b.md': '# A' });
    const second = archive.indexOf('PK\x01\x02', archive.indexOf('PK\x01\x02') + 1);
    archive.writeUInt32LE(0, second + 42);
    expect((await app.upload({ 'overlap.zip': archive })).body.code).toBe('archive_bomb');
  });

  it('sent again under one idempotency key gets the first answer, with what was refused', async () => {
    const key = { 'idempotency-key': 'archive-1' };
    const files = {
      'again.zip': buildZip({ 'one.md': '# One', 'two.exe': 'MZ' }),
      'no.exe': 'MZ',
      '..': 'nameless',
      'large.md': 'a'.repeat(1_000_001),
    };
    const first = await app.upload(files, { document_set: 'again' }, key);
    expect([first.status, first.body.rejected.length]).toEqual([202, 4]);
    const second = await app.upload(files, { document_set: 'again' }, key);
    expect(second.headers.get('idempotent-replay')).toBe('true');
    expect(second.body).toEqual(first.body);
    const other = await app.upload(
      { ...files, 'again.zip': buildZip({ 'one.md': '# Other', 'two.exe': 'MZ' }) },
      { document_set: 'again' },
      key,
    );
    expect(other.body.code).toBe('idempotency_mismatch');
  });
});
