import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

describe('the limits of the HTTP server', () => {
  let app: TestApp | undefined;
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app?.close();
  });

  /** A connection that has sent `text` and keeps what comes back. */
  async function sent(url: string, text: string): Promise<{ socket: Socket; heard: () => string }> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    socket.on('error', () => undefined);
    let heard = '';
    socket.on('data', (piece) => (heard += piece.toString()));
    await once(socket, 'connect');
    socket.write(text);
    return { socket, heard: () => heard };
  }
  const halfSent =
    'POST /agent/search HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"prompt":';
  const live = 'GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';

  it('accept API_MAX_CONNECTIONS requests at once, refuse more with Retry-After, and always answer liveness', async () => {
    app = await bootApp({ API_MAX_CONNECTIONS: '2' });
    const { url, call } = app;
    const held = [await sent(url, halfSent), await sent(url, halfSent)];
    await eventually(async () => {
      const refused = await call('GET', '/agent/documents');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([
        503,
        expect.stringMatching(/^\d+$/),
      ]);
    });
    expect((await call('GET', '/health/live')).status).toBe(200);
    held[0]?.socket.destroy();
    await eventually(async () => expect((await call('GET', '/agent/documents')).status).toBe(200));
  }, 180_000);

  it('close a connection that was idle for API_KEEP_ALIVE_TIMEOUT seconds', async () => {
    app = await bootApp({ API_KEEP_ALIVE_TIMEOUT: '1' });
    const { socket, heard } = await sent(app.url, live);
    const closed = once(socket, 'close');
    await eventually(() => expect(heard()).toContain('HTTP/1.1 200 OK'));
    expect(heard()).toMatch(/keep-alive: timeout=1\r\n/i);
    const answered = performance.now();
    await closed;
    expect(performance.now() - answered).toBeGreaterThan(500);
    expect(performance.now() - answered).toBeLessThan(4500);
  }, 180_000);

  it('keep it open for longer where the setting says so', async () => {
    app = await bootApp({ API_KEEP_ALIVE_TIMEOUT: '7' });
    const { heard } = await sent(app.url, live);
    await eventually(() => expect(heard()).toMatch(/keep-alive: timeout=7\r\n/i));
  }, 180_000);

  it('bound JSON bodies by BODY_LIMIT, ingestion by INGEST_BODY_LIMIT, and send HSTS where it is set', async () => {
    app = await bootApp({ BODY_LIMIT: '2000', INGEST_BODY_LIMIT: '4000', HSTS: 'true' });
    const { call } = app;
    const search = await call('POST', '/agent/search', {
      prompt: 'a',
      history: [{ role: 'user', content: 'x'.repeat(2000) }],
    });
    expect([search.status, search.body['code']]).toEqual([413, 'payload_too_large']);
    const ingest = (length: number) =>
      call('POST', '/agent/ingest', { files: [{ filename: 'a.txt', content: 'x '.repeat(length / 2) }] });
    expect((await ingest(3000)).status).toBe(202);
    expect((await ingest(4000)).status).toBe(413);
    expect(search.headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
  }, 180_000);

  it('end an upload after UPLOAD_TIMEOUT_SECONDS and store nothing of it', async () => {
    app = await bootApp({
      UPLOAD_TIMEOUT_SECONDS: '2',
      HEADERS_TIMEOUT_SECONDS: '2',
      UPLOAD_INTENT_SECONDS: '10',
    });
    const head = '--b\r\nContent-Disposition: form-data; name="files"; filename="slow.txt"\r\n\r\nfirst half';
    const { socket, heard } = await sent(
      app.url,
      `POST /agent/upload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n${head}`,
    );
    const started = performance.now();
    await once(socket, 'close');
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(heard()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
    expect((await app.call('GET', '/agent/documents')).body['documents']).toEqual([]);
    const folder = join(app.dataDir, 'blobs');
    await eventually(() =>
      expect(
        readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
      ).toEqual([]),
    );
  }, 180_000);

  (hasSocketStatistics() ? it : it.skip)(
    'queue API_BACKLOG connections that nobody has accepted yet',
    async () => {
      app = await bootApp({ API_BACKLOG: '77' });
      const [listening] = execFileSync('ss', ['-ltnH', `sport = :${new URL(app.url).port}`], {
        encoding: 'utf8',
      })
        .trim()
        .split('\n');
      // state, waiting now, waiting at most
      expect(listening?.split(/\s+/)[2]).toBe('77');
    },
    180_000,
  );
});

function hasSocketStatistics(): boolean {
  try {
    execFileSync('ss', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
