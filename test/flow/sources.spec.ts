import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { ownS3, s3IsInstalled } from '../s3-server.js';

interface SourceAnswer {
  id: string;
  state: string;
  documents: number;
  counts: Record<string, number> | null;
  last_error: { code: string; detail: string } | null;
  settings: Record<string, unknown>;
  schedule: string | null;
}

describe('sources', () => {
  let app: TestApp;
  let site: Server;
  let address: string;
  const pages = new Map<string, string>();
  const asked: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'docent-source-'));

  beforeAll(async () => {
    site = createServer((request, response) => {
      const path = request.url ?? '/';
      asked.push(path);
      const page = pages.get(path);
      if (page?.startsWith('->')) response.writeHead(302, { location: page.slice(2) }).end();
      else if (page === 'broken') response.writeHead(500).end();
      else if (page === undefined) response.writeHead(404).end();
      else
        response
          .writeHead(200, { 'content-type': path.endsWith('.txt') ? 'text/plain' : 'text/html' })
          .end(page);
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    app = await bootApp({ SOURCE_ALLOW: '127.0.0.1', SOURCE_FOLDERS: folder });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = async (request: object) => {
    const { status, body } = await app.call<SourceAnswer>('POST', '/agent/sources', request);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  };
  const view = async (id: string) => {
    const { body } = await app.call<{ sources: SourceAnswer[] }>('GET', '/agent/sources');
    return body.sources.find((source) => source.id === id);
  };
  const run = async (id: string) => {
    const { body } = await app.call<{ task_id: string }>('POST', `/agent/sources/${id}/run`);
    const task = await app.ended(body.task_id);
    return task.status === 'SUCCESS' ? task.result : task.error;
  };
  const names = async (set: string) => {
    const { body } = await app.call<{ documents: { filename: string }[] }>(
      'GET',
      `/agent/documents?document_set=${set}&sort=name`,
    );
    return body.documents.map(({ filename }) => filename).sort();
  };

  it('read a site below an address, follow its changes, and respect its robots.txt', async () => {
    pages.set('/robots.txt', 'User-agent: *\nDisallow: /help/secret');
    pages.set(
      '/help/',
      '<p>Help begins here.</p><a href="leave.html">leave</a><a href="secret.html">s</a><a href="/other.html">o</a><a href="out.html">x</a><a href="note.txt">n</a>',
    );
    pages.set('/help/leave.html', '<h1>Leave</h1><p>Leave is 25 days a year.</p><a href="/help/#top">up</a>');
    pages.set('/help/secret.html', '<p>closed</p>');
    pages.set('/help/out.html', '->/other.html');
    pages.set('/other.html', '<p>outside</p>');
    pages.set('/help/note.txt', 'A note.');
    const id = await create({ driver: 'web', settings: { url: `${address}/help/` }, document_set: 'web' });
    expect(await run(id)).toMatchObject({ listed: 3, added: 3, failed: 0, removed: 0 });
    expect(await names('web')).toEqual(['help-leave.html', 'help-note.txt', 'help.html']);
    expect(asked).not.toContain('/help/secret.html');
    expect(asked).not.toContain('/other.html');
    expect(await run(id)).toMatchObject({ added: 0, changed: 0, unchanged: 3 });

    pages.set('/help/leave.html', '<h1>Leave</h1><p>Leave is 30 days a year.</p>');
    pages.set('/help/note.txt', 'broken');
    expect(await run(id)).toMatchObject({ changed: 1, removed: 0 });
    pages.delete('/help/note.txt');
    expect(await run(id)).toMatchObject({ removed: 1 });
    expect(await names('web')).toEqual(['help-leave.html', 'help.html']);
    expect(await view(id)).toMatchObject({ state: 'ok', documents: 2, counts: { removed: 1 } });
  });

  it('read the pages of a sitemap, and again only those with a newer date', async () => {
    const map = (date: string) =>
      `<urlset><url><loc>${address}/a.html</loc><lastmod>${date}</lastmod></url><url><loc>https://example.org/b.html</loc></url></urlset>`;
    pages.set('/sitemap.xml', map('2026-01-01'));
    pages.set('/a.html', '<p>Page a.</p>');
    const settings = { url: `${address}/sitemap.xml` };
    const id = await create({ driver: 'web', settings, document_set: 'mapped', schedule: '90m' });
    // a schedule starts with a run of its own
    await eventually(async () => expect(await view(id)).toMatchObject({ state: 'ok', schedule: '90m' }));
    asked.length = 0;
    expect(await run(id)).toMatchObject({ unchanged: 1 });
    expect(asked).not.toContain('/a.html');
    pages.set('/sitemap.xml', map('2026-02-02'));
    pages.set('/a.html', '<p>Page a, again.</p>');
    expect(await run(id)).toMatchObject({ changed: 1 });
  });

  it('read a folder that the operator allows, and do not touch documents from elsewhere', async () => {
    mkdirSync(join(folder, 'team', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'team', 'a.txt'), 'First.');
    writeFileSync(join(folder, 'team', 'deep', 'b.md'), '# Second');
    writeFileSync(join(folder, 'team', 'own.txt'), 'From the folder.');
    symlinkSync('/etc/passwd', join(folder, 'team', 'link.txt'));
    await app.uploaded({ 'own.txt': 'Uploaded by somebody.' }, { document_set: 'team' });
    const settings = { path: join(folder, 'team') };
    const id = await create({ driver: 'folder', settings, document_set: 'team' });
    expect(await run(id)).toMatchObject({ listed: 3, added: 2, failed: 1 });
    expect(await names('team')).toEqual(['a.txt', 'deep-b.md', 'own.txt']);
    expect(await view(id)).toMatchObject({
      state: 'failed',
      last_error: { code: 'conflict', detail: expect.stringContaining('own.txt') },
    });
    rmSync(join(folder, 'team', 'own.txt'));
    rmSync(join(folder, 'team', 'deep'), { recursive: true });
    expect(await run(id)).toMatchObject({ removed: 1, unchanged: 1, failed: 0 });
    expect(await names('team')).toEqual(['a.txt', 'own.txt']);
    // a folder that is not there is no empty folder
    rmSync(join(folder, 'team'), { recursive: true });
    expect(await run(id)).toMatchObject({ code: 'forbidden' });
    expect(await names('team')).toEqual(['a.txt', 'own.txt']);
    expect((await app.call('DELETE', `/agent/sources/${id}`)).status).toBe(200);
    expect(await view(id)).toBeUndefined();
    expect(await names('team')).toEqual(['a.txt', 'own.txt']);
  });

  (s3IsInstalled ? it : it.skip)('read a bucket below a prefix, and follow its changes', async () => {
    const server = await ownS3();
    const { S3_BUCKET: Bucket, S3_ENDPOINT: endpoint, ...keys } = server.settings;
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: keys.S3_ACCESS_KEY_ID, secretAccessKey: keys.S3_SECRET_ACCESS_KEY },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
    try {
      await put('docs/a.txt', 'First.');
      await put('docs/team/b.md', '# Second');
      await put('docs/picture.bin', 'nothing to read');
      await put('other/c.txt', 'Elsewhere.');
      const settings = {
        bucket: Bucket,
        prefix: 'docs/',
        endpoint,
        access_key_id: keys.S3_ACCESS_KEY_ID,
        secret_access_key: keys.S3_SECRET_ACCESS_KEY,
      };
      const id = await create({ driver: 's3', settings, document_set: 's3' });
      expect(await run(id)).toMatchObject({ listed: 2, added: 2, failed: 0 });
      expect(await names('s3')).toEqual(['a.txt', 'team-b.md']);
      await put('docs/a.txt', 'First, again.');
      await client.send(new DeleteObjectCommand({ Bucket, Key: 'docs/team/b.md' }));
      expect(await run(id)).toMatchObject({ changed: 1, removed: 1 });
      expect(await names('s3')).toEqual(['a.txt']);
    } finally {
      client.destroy();
      await server.stop();
    }
  });

  it('never show a stored secret', async () => {
    const settings = { bucket: 'b', access_key_id: 'AKIA', secret_access_key: 'top-secret' };
    const id = await create({ driver: 's3', settings, document_set: 'bucket' });
    const shown = JSON.stringify([await view(id), (await app.call('GET', '/agent/audit')).body]);
    expect(shown).toContain('AKIA');
    expect(shown).not.toContain('top-secret');
  });

  it.each([
    [
      'a private address',
      { driver: 'web', settings: { url: 'http://10.0.0.1/' } },
      422,
      'address_not_allowed',
    ],
    ['metadata', { driver: 'web', settings: { url: 'http://169.254.169.254/' } }, 422, 'address_not_allowed'],
    ['a file', { driver: 'web', settings: { url: 'file:///etc/passwd' } }, 422, 'validation_failed'],
    ['a folder elsewhere', { driver: 'folder', settings: { path: '/etc' } }, 403, 'forbidden'],
    ['a way out', { driver: 'folder', settings: { path: `${folder}/..` } }, 403, 'forbidden'],
    ['an unknown driver', { driver: 'ftp', settings: {} }, 422, 'validation_failed'],
    [
      'a run each minute',
      { driver: 'web', settings: { url: 'http://127.0.0.1/' }, schedule: '1m' },
      422,
      'validation_failed',
    ],
  ])('refuse %s', async (_, request, status, code) => {
    const answer = await app.call('POST', '/agent/sources', { document_set: 'x', ...request });
    expect(answer).toMatchObject({ status, body: { code } });
  });
});
