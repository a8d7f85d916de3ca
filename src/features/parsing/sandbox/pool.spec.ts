import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { findProblem } from '../../../../test/office-files.js';
import { buildPdf } from '../../../../test/pdf.js';
import type { Format } from '../formats/formats.js';
import { ParserPool, type ParserPoolOptions, type PoolSource } from './pool.js';

let folder: string;
const pools: ParserPool[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docent-pool-spec-'));
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function makePool(options: Partial<ParserPoolOptions> = {}): ParserPool {
  const pool = new ParserPool({ size: 1, memoryMb: 1500, timeoutMs: 20_000, ...options });
  pools.push(pool);
  return pool;
}

async function source(content: string | Buffer, format: Format = 'txt'): Promise<PoolSource> {
  const filename = `file-${Math.random().toString(36).slice(2)}.${format}`;
  const path = join(folder, filename);
  await writeFile(path, content);
  return { path, filename, bytes: Buffer.byteLength(content), format };
}

const longPdf = (pages: number, lines: number): Promise<PoolSource> =>
  source(
    buildPdf(
      Array.from({ length: pages }, (_, page) =>
        Array.from({ length: lines }, (__, line) => `Line ${line} of page ${page} with words`),
      ),
    ),
    'pdf',
  );
const slowPdf = (): Promise<PoolSource> => longPdf(1500, 40);

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition();) {
    if (Date.now() > deadline) throw new Error('the condition never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The parser children of this process; none where the system does not tell. */
async function pidsOfChildren(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (!new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('child.ts')) found.push(pid);
  }
  return found;
}

async function readVariables(pid: string): Promise<string[]> {
  const variables = await readFile(`/proc/${pid}/environ`, 'utf8');
  return variables.split('\0').flatMap((line) => line.split('=')[0] || []);
}

describe('ParserPool', () => {
  it('parses in a child and finds the language', async () => {
    const pool = makePool();
    const document = await pool.parse(
      await source(
        '# Urlaub\n\nDas Handbuch gewährt jedem Mitarbeiter dreißig Tage bezahlten Urlaub im Jahr.',
        'md',
      ),
    );
    expect(document).toMatchObject({ title: 'Urlaub', language: 'de', parts: [{ kind: 'body' }] });
    expect(pool.stats()).toMatchObject({
      children: 1,
      busy: 0,
      waiting: 0,
      parsed: 1,
      killed: 0,
      crashed: 0,
    });
    expect(pool.stats().rssBytes).toBeGreaterThan(10_000_000);
  });

  it('passes on the error of the parser for a file', async () => {
    const pool = makePool();
    await expect(pool.parse(await source('{"open', 'json'))).rejects.toMatchObject({
      code: 'corrupt_document',
      detail: 'The file is not valid JSON (line 1).',
    });
    expect(await findProblem(pool.parse(await source('%PDF-1.7\n', 'pdf')))).toBe('corrupt_document');
    expect(pool.stats()).toMatchObject({ parsed: 0, crashed: 0, children: 1 });
  });

  it('does not report a document as damaged when it cannot open the file', async () => {
    const document = await source('words');
    await rm(document.path);
    await expect(makePool().parse(document)).rejects.toMatchObject({
      code: 'parser_crashed',
      retryable: true,
    });
  });

  it('reports pages done out of all pages', async () => {
    const pool = makePool();
    const seen: [number, number][] = [];
    await pool.parse(await source(buildPdf([['one word'], ['two words'], ['three words here']]), 'pdf'), {
      progress: (done, total) => seen.push([done, total]),
    });
    expect(seen.at(-1)).toEqual([3, 3]);
  });

  it('runs as many documents at once as it has children, the others in order', async () => {
    const pool = makePool({ size: 2 });
    const ended: number[] = [];
    const runs = Array.from({ length: 6 }, async (_, at) => {
      await pool.parse(await source(`document number ${at}`));
      ended.push(at);
    });
    await until(() => pool.stats().busy === 2 && pool.stats().waiting > 0);
    await Promise.all(runs);
    expect(ended).toHaveLength(6);
    expect(pool.stats()).toMatchObject({ parsed: 6, waiting: 0, busy: 0 });
    expect(pool.stats().children).toBeLessThanOrEqual(2);
  });

  it('kills at the deadline, and goes on with the next document', async () => {
    const pool = makePool();
    expect(await findProblem(pool.parse(await slowPdf(), { deadlineMs: 30 }))).toBe('parse_timeout');
    expect((await pool.parse(await source('still here'))).parts[0]?.markdown).toBe('still here');
    expect(pool.stats()).toMatchObject({ killed: 1, parsed: 1 });
  });

  it('waits longer for a document that a busy machine gives no processor time', async () => {
    if (process.platform !== 'linux') return;
    const pool = makePool();
    await pool.parse(await source('words'));
    const document = await source('more words');
    // A child that is stopped stands for one that never gets its turn.
    for (const pid of await pidsOfChildren()) process.kill(Number(pid), 'SIGSTOP');
    const started = performance.now();
    expect(await findProblem(pool.parse(document, { deadlineMs: 250 }))).toBe('parse_timeout');
    expect(performance.now() - started).toBeGreaterThan(3 * 250);
    expect(pool.stats()).toMatchObject({ killed: 1, children: 0 });
  });

  it('lets a long document go on while its pages come', async () => {
    const pool = makePool();
    const slow = await longPdf(1200, 8);
    const started = Date.now();
    await pool.parse(slow);
    // Pages come in 48 batches: none takes half of the whole.
    const document = await pool.parse(slow, { deadlineMs: (Date.now() - started) / 2 });
    expect(document.pages).toBe(1200);
  });

  it('kills a running parse when it is cancelled', async () => {
    const pool = makePool();
    const running = new AbortController();
    const outcome = findProblem(
      pool.parse(await slowPdf(), { signal: running.signal, progress: () => running.abort() }),
    );
    expect(await outcome).toBe('cancelled');
    expect(pool.stats()).toMatchObject({ killed: 1, children: 0, busy: 0 });
  });

  it('removes a cancelled document from the line and keeps the others', async () => {
    const pool = makePool();
    const waiting = new AbortController();
    const first = pool.parse(await source('first'));
    const second = findProblem(pool.parse(await source('second'), { signal: waiting.signal }));
    const third = pool.parse(await source('third'));
    waiting.abort();
    expect(await second).toBe('cancelled');
    expect((await first).parts[0]?.markdown).toBe('first');
    expect((await third).parts[0]?.markdown).toBe('third');
    expect(await findProblem(pool.parse(await source('late'), { signal: AbortSignal.abort() }))).toBe(
      'cancelled',
    );
  });

  it('tries once more when a child does not start', async () => {
    const pool = makePool();
    const node = process.execPath;
    let spawned = 0;
    Object.defineProperty(process, 'execPath', {
      configurable: true,
      get: () => ((spawned += 1) === 1 ? '/no/such/node' : node),
    });
    try {
      expect((await pool.parse(await source('words'))).parts[0]?.markdown).toBe('words');
    } finally {
      Object.defineProperty(process, 'execPath', { configurable: true, value: node });
    }
    expect(spawned).toBe(2);
    expect(pool.stats()).toMatchObject({ parsed: 1, crashed: 0 });
  });

  it('reports that the parser cannot be started when no child starts', async () => {
    const pool = makePool();
    const node = process.execPath;
    Object.defineProperty(process, 'execPath', { configurable: true, value: '/no/such/node' });
    try {
      await expect(pool.parse(await source('words'))).rejects.toMatchObject({
        code: 'parser_crashed',
        detail: 'The parser process cannot be started.',
      });
    } finally {
      Object.defineProperty(process, 'execPath', { configurable: true, value: node });
    }
  });

  it('reports a child that dies over a document, and isolates it', async () => {
    // Under this limit Node starts, and a hundred megabytes of text is more than it can hold.
    const pool = makePool({ memoryMb: 700 });
    expect(['parser_crashed', 'too_large']).toContain(
      await findProblem(
        pool.parse(await source(`[${'"some text in a list", '.repeat(4_000_000)}1]`, 'json')),
      ),
    );
    expect((await pool.parse(await source('innocent'))).parts[0]?.markdown).toBe('innocent');
  });

  it('passes no environment variables to its children', async () => {
    process.env['A_SECRET_OF_THE_SERVICE'] = 'do not pass on';
    const pool = makePool();
    await pool.parse(await source('words'));
    delete process.env['A_SECRET_OF_THE_SERVICE'];
    const environments = await Promise.all((await pidsOfChildren()).map(readVariables));
    if (process.platform === 'linux') expect(environments).not.toEqual([]);
    for (const environment of environments)
      expect(environment.filter((name) => !name.startsWith('NODE_CHANNEL')).sort()).toEqual([
        'PWD',
        'TMPDIR',
      ]);
  });

  it('ends idle children', async () => {
    const pool = makePool({ idleMs: 50 });
    await pool.parse(await source('words'));
    await until(() => pool.stats().children === 0);
    expect((await pool.parse(await source('more words'))).parts[0]?.markdown).toBe('more words');
  });

  it('leaves no file behind and refuses work once closed', async () => {
    const folders = async () =>
      (await readdir(tmpdir())).filter(
        (name) => /^docent-parser~.*~(\d+)~/.exec(name)?.[1] === String(process.pid),
      );
    const before = await folders();
    const pool = makePool();
    await pool.parse(await source('words'));
    const running = findProblem(pool.parse(await slowPdf()));
    const waiting = findProblem(pool.parse(await source('waiting')));
    await until(() => pool.stats().busy === 1 && pool.stats().waiting === 1);
    expect((await folders()).length).toBe(before.length + 1);
    await pool.close();
    expect(await running).toBe('not_ready');
    expect(pool.stats().crashed).toBe(0);
    expect(await waiting).toBe('not_ready');
    expect(await findProblem(pool.parse(await source('late')))).toBe('not_ready');
    expect(await folders()).toEqual(before);
  });
});
