import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Logger as NestLogger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Problem } from '../../common/errors.js';
import { runInContext } from '../../common/request-context.js';
import { loadEnv } from '../../config/env.js';
import { Metrics } from '../metrics/metrics.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { logging, secretValues } from './logging.js';
import { logRequests } from './request-log.js';

const splitLines = async (settings: Record<string, string> = {}) => {
  const lines: Record<string, unknown>[] = [];
  const [options] = await logging(loadEnv(settings));
  const logger = pino(options, {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { lines, logger };
};

describe('logging', () => {
  it('puts request, tenant, subject and task on every line of their work', async () => {
    const { lines, logger } = await splitLines();
    runInContext({ requestId: 'r-1', tenant: 'acme', subject: 'ann', taskId: 't-1' }, () =>
      logger.info('inside'),
    );
    logger.info('outside');
    expect(lines[0]).toMatchObject({
      level: 'info',
      msg: 'inside',
      request_id: 'r-1',
      tenant: 'acme',
      subject: 'ann',
      task_id: 't-1',
    });
    expect(lines[1]).not.toHaveProperty('request_id');
    expect(Date.parse(String(lines[0]?.['time']))).toBeGreaterThan(0);
  });

  it('applies the level, `WARNING` too', async () => {
    const { lines, logger } = await splitLines({ LOG_LEVEL: 'WARNING' });
    logger.info('no');
    logger.warn('yes');
    expect(lines.map((line) => line['msg'])).toEqual(['yes']);
  });

  it('applies the level of an area, above and below the general one', async () => {
    const { lines, logger } = await splitLines({
      LOG_LEVEL: 'warn',
      LOG_LEVELS: 'http=error, DATABASE=debug',
    });
    logger.warn({ context: 'http' }, 'no');
    logger.error({ context: 'http' }, 'failed');
    logger.debug({ context: 'Database' }, 'asked');
    logger.info({ context: 'Sweeper' }, 'no');
    logger.debug('no');
    logger.warn({ context: 'Sweeper' }, 'swept');
    expect(lines.map((line) => line['msg'])).toEqual(['failed', 'asked', 'swept']);
    expect(() => loadEnv({ LOG_LEVELS: 'http' })).toThrow(/LOG_LEVELS/);
    expect(() => loadEnv({ LOG_LEVELS: 'http=loud' })).toThrow(/LOG_LEVELS/);
  });

  it('logs the wiring of the framework at debug only, and its warnings always', async () => {
    const usual = await splitLines();
    usual.logger.info({ context: 'RouterExplorer' }, 'Mapped {/health, GET} route');
    usual.logger.warn({ context: 'RouterExplorer' }, 'Unsupported route path');
    usual.logger.info({ context: 'boot' }, 'ready');
    expect(usual.lines.map((line) => line['msg'])).toEqual(['Unsupported route path', 'ready']);
    const debugging = await splitLines({ LOG_LEVEL: 'debug' });
    debugging.logger.info({ context: 'RouterExplorer' }, 'Mapped {/health, GET} route');
    expect(debugging.lines).toEqual([
      expect.objectContaining({ level: 'debug', msg: 'Mapped {/health, GET} route' }),
    ]);
  });

  it('never logs a credential: by the name of its field, and by its value anywhere', async () => {
    const key = 'k-0123456789012345678901234567890123456789';
    const { lines, logger } = await splitLines({
      OPENAI_API_KEY: 'sk-very-secret',
      API_KEYS: key,
      DATABASE_URL: 'postgres://me:hunter2two@db/x',
    });
    logger.info(
      {
        authorization: 'Bearer a',
        headers: { 'x-api-key': 'b', cookie: 'c' },
        req: { headers: { authorization: 'd' } },
      },
      'fields',
    );
    logger.error(
      { err: new Problem('upstream_rejected', 'no', { cause: new Error('Incorrect key sk-very-secret') }) },
      `with ${key}`,
    );
    logger.error({ err: new Error('password hunter2two refused for me') }, 'text');
    expect(lines[0]).toMatchObject({
      authorization: '[redacted]',
      headers: { 'x-api-key': '[redacted]', cookie: '[redacted]' },
      req: { headers: { authorization: '[redacted]' } },
    });
    expect(JSON.stringify(lines)).not.toMatch(/sk-very-secret|hunter2two|k-0123/);
    expect(lines[1]?.['msg']).toBe('with [redacted]');
  });

  it('knows every secret setting, lists and passwords in addresses too', () => {
    const env = loadEnv({
      AZURE_STORAGE_CONNECTION_STRING:
        'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=x',
      API_KEYS: `${'a'.repeat(32)},${'b'.repeat(32)}`,
      DATABASE_URL: 'postgres://me:hunter2two@db/x',
    });
    expect(secretValues(env)).toEqual(
      expect.arrayContaining(['c2VjcmV0', 'a'.repeat(32), 'b'.repeat(32), 'hunter2two']),
    );
  });

  it.each(['text', 'json'])('writes a line at once, as %s, with secrets struck out', async (format) => {
    const file = join(await mkdtemp(join(tmpdir(), 'docent-log-')), 'log');
    const [options, stream] = await logging(
      loadEnv({ LOG_FORMAT: format, OPENAI_API_KEY: 'sk-very-secret' }),
      file,
    );
    runInContext({ requestId: 'r-1' }, () => pino(options, stream).warn('hello sk-very-secret'));
    const text = await readFile(file, 'utf8');
    expect(text.startsWith('{')).toBe(format === 'json');
    expect(text).toMatch(/WARN|"level":"warn"/);
    expect(text).toContain('hello [redacted]');
    expect(text).toContain('r-1');
    await rm(dirname(file), { recursive: true });
  });
});

@Module({ imports: [MetricsModule.register(loadEnv({ APP_VERSION: '9.9.9' }))] })
class First {}
@Module({ imports: [MetricsModule.register(loadEnv({ APP_VERSION: '8.8.8' }))] })
class Second {}

const started = async (module: object) => {
  const app = await NestFactory.create<NestFastifyApplication>(module as never, new FastifyAdapter(), {
    logger: false,
  });
  return app;
};

describe('requests in the log and in the metrics', () => {
  it('are one line each, without their query; probes and scrapes are silent', async () => {
    const app = await started(First);
    const lines: Record<string, unknown>[] = [];
    const note = (line: unknown) => void lines.push(line as Record<string, unknown>);
    logRequests(
      app.getHttpAdapter().getInstance() as unknown as FastifyInstance,
      { log: note, warn: note } as unknown as NestLogger,
    );
    await app.init();
    await app.inject({ url: '/nothing?q=private', headers: { 'user-agent': 'x' } });
    await app.inject({ url: '/metrics' });
    await app.inject({ url: '/health/live' });
    expect(lines).toEqual([
      expect.objectContaining({ method: 'GET', path: '/nothing', status: 404, ms: expect.any(Number) }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('private');
    await app.close();
  });

  it('are served as Prometheus text, each app with its own registry in the same process', async () => {
    const [first, second] = [await started(First), await started(Second)];
    await Promise.all([first.init(), second.init()]);
    first.get(Metrics).searches.inc({ mode: 'keyword' }, 3);
    const [one, other] = await Promise.all([
      first.inject({ url: '/metrics' }),
      second.inject({ url: '/metrics' }),
    ]);
    expect(one.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(one.body).toContain('search_requests_total{mode="keyword"} 3');
    expect(one.body).toContain('application_info{version="9.9.9",environment="development"} 1');
    expect(one.body).toContain('process_resident_memory_bytes');
    expect(other.body).not.toContain('mode="keyword"');
    expect(other.body).toContain('version="8.8.8"');
    await Promise.all([first.close(), second.close()]);
  });
});
