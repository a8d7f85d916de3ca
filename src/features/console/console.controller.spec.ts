import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, readdir } from 'node:fs/promises';
import { ErrorFilter } from '../../common/error.filter.js';
import { ConsoleModule } from './console.module.js';

describe('the console', () => {
  let app: NestFastifyApplication;
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(ConsoleModule, new FastifyAdapter(), {
      logger: false,
    });
    app.useGlobalFilters(new ErrorFilter());
    await app.init();
  });
  afterAll(() => app.close());

  it('is a page that allows scripts and styles of its own alone', async () => {
    const page = await get('/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('has every file the page asks for, and says when it is the same as before', async () => {
    const asked = [...(await get('/')).body.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].flatMap(
      ([, path]) => path ?? [],
    );
    expect(asked.length).toBeGreaterThanOrEqual(3);
    for (const path of [...asked, '/console/api.js', '/console/dom.js', '/console/stats.js']) {
      const file = await get(path);
      expect([path, file.statusCode]).toEqual([path, 200]);
      expect((await get(path, { 'if-none-match': String(file.headers.etag) })).statusCode).toBe(304);
    }
  });

  it.each(['/console/index.ts', '/console/..%2fconsole.module.js', '/console/constructor', '/console/%00'])(
    'has nothing at %s',
    async (path) => {
      expect((await get(path)).statusCode).toBe(404);
    },
  );

  it('never makes markup out of text, and holds no script or style in line', async () => {
    const folder = new URL('./public/', import.meta.url);
    for (const name of await readdir(folder)) {
      const text = await readFile(new URL(name, folder), 'utf8');
      expect([name, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text)]).toEqual([
        name,
        false,
      ]);
      if (name.endsWith('.html')) expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    }
  });
});
