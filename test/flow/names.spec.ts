import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp, type UploadAnswer } from '../app.js';

describe('the names of uploaded files', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ WORKER_QUEUES: 'summary' });
  }, 180_000);
  afterAll(() => app.close());

  const post = async (dispositions: (string | Buffer)[], contents: string[]): Promise<UploadAnswer> => {
    const pieces = dispositions.flatMap((disposition, part) => [
      Buffer.from('--B\r\nContent-Disposition: form-data; name="files"; '),
      Buffer.from(disposition),
      Buffer.from(`\r\nContent-Type: application/octet-stream\r\n\r\n${contents[part]}\r\n`),
    ]);
    const answer = await fetch(`${app.url}/agent/upload`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=B' },
      body: Buffer.concat([...pieces, Buffer.from('--B--\r\n')]),
    });
    return (await answer.json()) as UploadAnswer;
  };

  it.each([
    [
      '.NET and PowerShell',
      `filename="=?utf-8?B?${Buffer.from('Übersicht.md').toString('base64')}?="; filename*=utf-8''%C3%9Cbersicht.md`,
    ],
    ['a stand-in first', `filename="_bersicht.md"; filename*=UTF-8''%C3%9Cbersicht.md`],
    ['filename* first', `filename*=UTF-8''%C3%9Cbersicht.md; filename="_bersicht.md"`],
    ['ISO 8859-1', Buffer.from('filename="Übersicht.md"', 'latin1')],
    ['UTF-8', 'filename="Übersicht.md"'],
  ])('are the real ones as sent by %s', async (client, disposition) => {
    const { documents } = await post([disposition], [`# ${client}`]);
    expect(documents.map(({ filename }) => filename)).toEqual(['Übersicht.md']);
  });

  it('are unique in one upload: a later file with the same name is refused', async () => {
    const answer = await post(
      ['filename="2024/invoice.md"', 'filename="2025/invoice.md"', 'filename="2024/invoice.md"'],
      ['# Invoice 2024', '# Invoice 2025', '# Invoice 2024'],
    );
    expect(
      answer.documents.map(({ filename, version, duplicate }) => [filename, version, duplicate]),
    ).toEqual([
      ['invoice.md', 1, false],
      ['invoice.md', 1, true],
    ]);
    expect(answer.rejected).toMatchObject([{ filename: 'invoice.md', code: 'duplicate_filename' }]);
    const { body: kept } = await app.call('GET', `/agent/documents/${answer.documents[0]?.id}`);
    expect(kept).toMatchObject({ filename: 'invoice.md', metadata: { path: '2024' } });
    const ingest = await app.call<UploadAnswer>('POST', '/agent/ingest', {
      files: [
        { filename: 'a.md', content: 'one' },
        { filename: 'a.md', content: 'two' },
        { filename: 'a.md', content: 'three', document_set: 'other' },
      ],
    });
    expect([ingest.body.documents.length, ingest.body.rejected.length]).toEqual([2, 1]);
  });
});
