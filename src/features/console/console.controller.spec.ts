import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ErrorFilter } from '../../common/error.filter.js';
import { Env, loadEnv } from '../../config/env.js';
import { OptionalLocalModels } from '../../platform/models/models.module.js';
import { ConsoleController } from './console.controller.js';
import { ConsoleFiles } from './console-files.js';
import { SignIn } from './sign-in.js';

const maxCompressed = 150_000;

@Module({
  controllers: [ConsoleController],
  providers: [
    ConsoleFiles,
    SignIn,
    { provide: Env, useFactory: () => loadEnv({ AUTH: 'required' }) },
    { provide: OptionalLocalModels, useValue: new OptionalLocalModels(null) },
  ],
})
class AloneModule {}

describe('the console', () => {
  let app: NestFastifyApplication;
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });
  const assets = async (): Promise<string[]> => {
    const found = new Set<string>();
    const pending = [...(await get('/')).body.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    );
    while (pending.length > 0) {
      const path = pending.pop() ?? '';
      if (found.has(path)) continue;
      found.add(path);
      const { body } = await get(path);
      for (const [, name = ''] of body.matchAll(
        /["'`](?:\.\/|\/console\/)?(?:assets\/)?([\w-]+\.(?:js|css))["'`]/g,
      ))
        pending.push(`/console/assets/${name}`);
    }
    return [...found];
  };
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(AloneModule, new FastifyAdapter(), {
      logger: false,
    });
    app.useGlobalFilters(new ErrorFilter());
    await app.init();
  });
  afterAll(() => app.close());

  it('is a page that allows only its own scripts and styles', async () => {
    const page = await get('/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:\/\//);
  });

  it('serves every file of the page compressed and cacheable for ever', async () => {
    const paths = await assets();
    expect(paths.filter((path) => path.endsWith('.js')).length).toBeGreaterThanOrEqual(4);
    let bytes = 0;
    for (const path of paths) {
      const file = await get(path, { 'accept-encoding': 'gzip' });
      expect([path, file.statusCode]).toEqual([path, 200]);
      bytes += file.rawPayload.length;
      expect((await get(path, { 'if-none-match': String(file.headers.etag) })).statusCode).toBe(304);
      if (path.includes('/assets/')) expect(file.headers['cache-control']).toContain('immutable');
    }
    expect(bytes).toBeLessThan(maxCompressed);
  });

  it('tells an anonymous visitor how to sign in, and nothing else', async () => {
    expect((await get('/console/sign-in.json')).json()).toEqual({
      auth: 'required',
      version: expect.any(String),
      oidc: null,
    });
  });

  it('offers the samples', async () => {
    const { samples } = (await get('/console/samples')).json<{ samples: string[] }>();
    expect(samples).toContain('employee-handbook.pdf');
    expect(samples).not.toContain('README.md');
    expect((await get('/console/samples/employee-handbook.pdf')).rawPayload.subarray(0, 5).toString()).toBe(
      '%PDF-',
    );
  });

  it.each([
    '/console/index.ts',
    '/console/..%2fconsole.module.js',
    '/console/assets/..%2f..%2fconsole.module.js',
    '/console/samples/..%2fpublic%2findex.html',
    '/console/constructor',
    '/console/%00',
  ])('answers 404 at %s', async (path) => {
    expect((await get(path)).statusCode).toBe(404);
  });
});
