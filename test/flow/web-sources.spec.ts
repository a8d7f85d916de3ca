import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { linked, scriptedSite, type ScriptedSite } from '../scripted-site.js';

interface Counts {
  listed: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  failed: number;
}

describe('a source on the web', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'docent-web-sources-'));
  const settings = {
    SOURCE_ALLOW: '127.0.0.1',
    DATA_DIR: dataDir,
    TASK_MAX_ATTEMPTS: '1',
    SHUTDOWN_GRACE_SECONDS: '6',
  };
  let app: TestApp;
  let site: ScriptedSite;
  let sets = 0;
  let set: string;

  beforeAll(async () => {
    app = await bootApp(settings);
  }, 180_000);
  afterAll(async () => {
    await app.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    site = await scriptedSite();
    set = `set_${++sets}`;
  });
  afterEach(() => site.close());

  const create = async (path: string, more: object = {}): Promise<string> => {
    const request = {
      driver: 'web',
      settings: { url: `${site.address}${path}`, ...more },
      document_set: set,
    };
    const { status, body } = await app.call<{ id: string }>('POST', '/agent/sources', request);
    expect({ status, body }).toMatchObject({ status: 201 });
    return body.id;
  };
  const start = async (id: string) =>
    (await app.call<{ task_id: string }>('POST', `/agent/sources/${id}/run`)).body.task_id;
  const run = async (id: string) => {
    const { status, result, error } = await app.ended(await start(id));
    return status === 'SUCCESS' ? (result as Counts) : error;
  };
  const names = async () => {
    const path = `/agent/documents?document_set=${set}&limit=200`;
    const { body } = await app.call<{ documents: { filename: string }[] }>('GET', path);
    return body.documents.map(({ filename }) => filename).sort();
  };

  it('downloads only changed pages, and follows the links of unchanged ones', async () => {
    site.pages.set('/d/', { body: linked('start', 'a.html', 'b.html', 'note.txt'), etag: '"s1"' });
    site.pages.set('/d/a.html', { body: linked('a', 'deep.html'), etag: '"a1"' });
    site.pages.set('/d/b.html', {
      body: linked('b'),
      headers: { 'last-modified': 'Wed, 01 Jul 2026 00:00:00 GMT' },
    });
    site.pages.set('/d/deep.html', { body: linked('deep'), etag: 'W/"d1"' });
    site.pages.set('/d/note.txt', { body: 'A note.', type: 'text/plain', etag: '"n1"' });
    const id = await create('/d/');
    expect(await run(id)).toMatchObject({ listed: 5, added: 5, failed: 0 });
    site.takeAsked();
    expect(await run(id)).toMatchObject({ listed: 5, unchanged: 5 });
    expect(site.takeAsked()).toEqual([
      'GET /d/ 304',
      'GET /d/a.html 304',
      'GET /d/b.html 200',
      'HEAD /d/note.txt 200',
      'GET /d/deep.html 304',
    ]);
    site.pages.set('/d/deep.html', { body: linked('deep, again'), etag: 'W/"d2"' });
    site.pages.set('/d/a.html', { body: linked('a, without a link'), etag: '"a1"' });
    expect(await run(id)).toMatchObject({ changed: 1, unchanged: 4, removed: 0 });
    site.pages.set('/d/a.html', { body: linked('a, without a link'), etag: '"a2"' });
    expect(await run(id)).toMatchObject({ changed: 1, removed: 1 });
    expect(await names()).toEqual(['d-a.html', 'd-b.html', 'd-note.txt', 'd.html']);
  });

  it('sends conditional requests for pages of a sitemap without dates, and deletes missing pages', async () => {
    const map = (...names: string[]) =>
      `<urlset>${names.map((name) => `<url><loc>${site.address}/${name}</loc></url>`).join('')}</urlset>`;
    site.pages.set('/sitemap.xml', { body: map('a.html', 'b.html'), type: 'application/xml' });
    site.pages.set('/a.html', { body: linked('a'), etag: '"a1"' });
    site.pages.set('/b.html', { body: linked('b'), etag: '"b1"' });
    const id = await create('/sitemap.xml');
    expect(await run(id)).toMatchObject({ added: 2 });
    site.takeAsked();
    expect(await run(id)).toMatchObject({ unchanged: 2 });
    expect(site.takeAsked()).toEqual(['GET /sitemap.xml 200', 'GET /a.html 304', 'GET /b.html 304']);
    // still named, and gone all the same
    site.pages.delete('/a.html');
    expect(await run(id)).toMatchObject({ removed: 1, unchanged: 1, failed: 0 });
    expect(await names()).toEqual(['b.html']);
    site.pages.set('/sitemap.xml', { body: map(), type: 'application/xml' });
    expect(await run(id)).toMatchObject({ removed: 1 });
    expect(await names()).toEqual([]);
  });

  describe('with many pages', () => {
    // a checkpoint comes after twenty
    const count = 28;
    const all = Array.from({ length: count }, (_, place) => `p${String(place).padStart(2, '0')}`);
    const page = (name: string) => `/m/${name}.html`;
    beforeEach(() => {
      site.pages.set('/m/', { body: linked('start', ...all.map((name) => `${name}.html`)) });
      for (const name of all) site.pages.set(page(name), { body: linked(name) });
    });
    /** Pages that were asked for more than once. */
    const repeated = (asked: string[]) => asked.filter((line, place) => asked.indexOf(line) !== place);

    it('continues after an outage where it stopped, and deletes only when it has seen every page', async () => {
      const id = await create('/m/');
      const gone = page('p01');
      expect(await run(id)).toMatchObject({ added: count + 1 });
      site.pages.delete(gone);
      site.takeAsked();
      site.pages.set(page('p24'), { act: (request) => ((site.down = true), request.socket.destroy()) });
      expect(await run(id)).toMatchObject({ code: 'upstream_unavailable' });
      expect(await names()).toContain('m-p01.html');
      site.down = false;
      site.pages.set(page('p24'), { body: linked('p24') });
      const before = new Set(site.takeAsked());
      expect(before).toContain(`GET ${page('p00')} 200`);
      // counts are those of the whole pass
      expect(await run(id)).toMatchObject({ listed: count, unchanged: count, removed: 1 });
      const after = site.takeAsked();
      expect(after).not.toContain(`GET ${page('p00')} 200`);
      expect(after).toContain(`GET ${page('p27')} 200`);
      expect(after.length).toBeLessThan(count - 15);
      expect(await names()).not.toContain('m-p01.html');
      expect(await run(id)).toMatchObject({ listed: count, unchanged: count });
    });

    it('goes on after a restart of the service where it stopped', async () => {
      const id = await create('/m/');
      let hold: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (hold = resolve));
      site.pages.set(page('p24'), { act: () => hold() });
      const task = await start(id);
      await held;
      await app.close();
      site.pages.set(page('p24'), { body: linked('p24') });
      const before = site.takeAsked();
      app = await bootApp(settings);
      expect(await app.ended(task)).toMatchObject({
        status: 'SUCCESS',
        result: { listed: count + 1, added: count + 1, removed: 0 },
      });
      const after = site.takeAsked();
      expect(before).toContain(`GET ${page('p10')} 200`);
      expect(after).not.toContain(`GET ${page('p10')} 200`);
      expect(repeated(after)).toEqual([]);
      expect(await names()).toHaveLength(count + 1);
    }, 180_000);

    it('stops at the limit of pages, and deletes none because of it', async () => {
      const id = await create('/m/', { max_pages: 10 });
      expect(await run(id)).toMatchObject({ listed: 10, added: 10 });
      site.pages.delete(page('p03'));
      expect(await run(id)).toMatchObject({ listed: 10, removed: 0 });
      expect(await names()).toContain('m-p03.html');
    });
  });

  it('stops in a site with endless pages', async () => {
    // a calendar, whose pages lead to further ones for ever
    for (let day = 0; day < 60; day++)
      site.pages.set(`/c/?day=${day}`, { body: linked(`day ${day}`, `?day=${day + 1}`, `?day=${day + 2}`) });
    site.pages.set('/c/', { body: linked('today', '?day=0') });
    const id = await create('/c/', { max_pages: 12 });
    expect(await run(id)).toMatchObject({ listed: 12, added: 12, failed: 0 });
    expect(site.takeAsked().length).toBe(12);
  });

  it('waits as long as robots.txt says', async () => {
    site.pages.set('/robots.txt', { body: 'User-agent: docent\nCrawl-delay: 0.6', type: 'text/plain' });
    site.pages.set('/', { body: linked('start', 'a.html', 'b.html') });
    for (const name of ['a', 'b']) site.pages.set(`/${name}.html`, { body: linked(name) });
    expect(await run(await create('/'))).toMatchObject({ added: 3 });
    const times = site.asked.filter(({ path }) => path !== '/robots.txt').map(({ at }) => at);
    expect(times).toHaveLength(3);
    for (const [place, at] of times.slice(1).entries()) expect(at - (times[place] ?? 0)).toBeGreaterThan(550);
  });

  it('waits when a site is busy, and ends the run when the wait would be long', async () => {
    let busy = 1;
    site.pages.set('/', {
      act: (_, response) => {
        if (busy-- > 0) response.writeHead(429, { 'retry-after': '1' }).end();
        else response.writeHead(200, { 'content-type': 'text/html' }).end(linked('start'));
      },
    });
    const id = await create('/');
    expect(await run(id)).toMatchObject({ added: 1 });
    const [first, second] = site.asked.filter(({ path }) => path === '/').map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(950);
    site.pages.set('/', { status: 503, headers: { 'retry-after': '86400' } });
    expect(await run(id)).toMatchObject({
      code: 'upstream_unavailable',
      detail: expect.stringContaining('86400 s'),
    });
    expect(await names()).toEqual(['index.html']);
  });

  it.each([
    ['closes everything', { body: 'User-agent: *\nDisallow: /', type: 'text/plain' }, 'not_found'],
    ['cannot be read', { status: 500 }, 'upstream_unavailable'],
    ['asks for an hour between pages', { body: 'User-agent: *\nCrawl-delay: 3600' }, 'upstream_rejected'],
    ['sends to other rules', { status: 301, headers: { location: '/rules.txt' } }, 'not_found'],
  ])('reads nothing from a site whose robots.txt %s', async (_, robots, code) => {
    site.pages.set('/rules.txt', { body: 'User-agent: *\nDisallow: /', type: 'text/plain' });
    site.pages.set('/robots.txt', robots);
    site.pages.set('/', { body: linked('start') });
    expect(await run(await create('/'))).toMatchObject({ code });
    expect(site.takeAsked().filter((line) => line.startsWith('GET / '))).toEqual([]);
  });

  it('leaves out pages that misbehave, and reads the others', async () => {
    const bad = ['loop', 'large', 'cut', 'unasked', 'nowhere', 'outside', 'secret'];
    site.pages.set('/x/', {
      body: linked('start', 'good.html', 'file.txt', ...bad.map((name) => `${name}.html`)),
    });
    site.pages.set('/x/good.html', { body: linked('good') });
    // a server that knows no HEAD
    site.pages.set('/x/file.txt', {
      act: (request, response) => {
        if (request.method === 'HEAD') response.writeHead(405).end();
        else response.writeHead(200, { 'content-type': 'text/plain' }).end('A file.');
      },
    });
    site.pages.set('/x/loop.html', { status: 302, headers: { location: 'loop.html' } });
    site.pages.set('/x/large.html', { body: 'x'.repeat(6 * 1024 * 1024) });
    site.pages.set('/x/cut.html', {
      act: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html', 'content-length': '1000' });
        response.write('<p>half', () => response.destroy());
      },
    });
    // nobody asked whether it has changed
    site.pages.set('/x/unasked.html', { status: 304 });
    site.pages.set('/x/nowhere.html', { status: 301, headers: { location: 'http://[' } });
    site.pages.set('/x/outside.html', {
      status: 301,
      headers: { location: 'http://169.254.169.254/latest/' },
    });
    site.pages.set('/x/secret.html', { body: '<meta name="robots" content="noindex">Not for you.' });
    expect(await run(await create('/x/'))).toMatchObject({ added: 3, failed: 0 });
    expect(await names()).toEqual(['x-file.txt', 'x-good.html', 'x.html']);
  });

  it('shows the progress of a run', async () => {
    let hold: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    const links = Array.from({ length: 30 }, (_, place) => `q${place}.html`);
    site.pages.set('/q/', { body: linked('start', ...links) });
    for (const name of links) site.pages.set(`/q/${name}`, { body: linked(name) });
    site.pages.set('/q/q25.html', { act: (_, response) => held.then(() => response.writeHead(404).end()) });
    const task = await start(await create('/q/'));
    await eventually(async () => {
      const { body } = await app.call<{ progress: number }>('GET', `/agent/status/${task}`);
      expect(body.progress).toBeGreaterThan(0.5);
      expect(body.progress).toBeLessThan(1);
    }, 30_000);
    hold();
    expect(await app.ended(task)).toMatchObject({ status: 'SUCCESS' });
  });
});
