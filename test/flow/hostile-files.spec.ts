import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue, Problem } from '../../src/common/errors.js';
import { sniff } from '../../src/features/parsing/formats/formats.js';
import { ParserPool } from '../../src/features/parsing/sandbox/pool.js';

interface HostileFile {
  file: string;
  bytes: number;
  /** Codes that are a right verdict; `ok` where the file must be read. */
  expect: string[];
}

const generator = fileURLToPath(new URL('../../scripts/make-hostile-files.mjs', import.meta.url));
/** Twice the deadline and what a file waits behind two others at theirs. */
const verdictWithinMs = 120_000;
let folder: string;
let files: HostileFile[];
let pool: ParserPool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docent-hostile-'));
  await promisify(execFile)(process.execPath, [generator, folder]);
  files = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as HostileFile[];
  pool = new ParserPool({ size: 2, memoryMb: 1500, timeoutMs: 30_000 });
}, 120_000);

afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true });
});

async function readVerdict({ file, bytes }: HostileFile): Promise<string> {
  const path = join(folder, file);
  const handle = await open(path);
  try {
    const read = async (start: number, end: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(Math.max(0, end - start)),
        0,
        Math.max(0, end - start),
        start,
      );
      return buffer.subarray(0, bytesRead);
    };
    const { format } = await sniff(read, bytes, file);
    const document = await pool.parse({ path, filename: file, bytes, format });
    return document.parts.some((part) => /[\p{L}\p{N}]/u.test(part.markdown)) ? 'ok' : 'ok without text';
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  } finally {
    await handle.close();
  }
}

describe('hostile files', () => {
  it('get the right verdict in time, while ordinary files beside them are read and memory stays bounded', async () => {
    expect(files.length).toBeGreaterThanOrEqual(80);
    const innocent = files.filter(({ file }) => file.startsWith('plain.'));
    const queue = files.flatMap((file, at) =>
      at % 10 === 0 ? [file, innocent[(at / 10) % innocent.length] ?? file] : [file],
    );
    const wrong: string[] = [];
    const before = process.memoryUsage.rss();
    let largest = 0;
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const started = Date.now();
        const verdict = await readVerdict(next);
        if (!next.expect.includes(verdict))
          wrong.push(`${next.file}: ${verdict}, expected ${next.expect.join(' or ')}`);
        if (verdict !== 'ok' && !(verdict in errorCatalogue))
          wrong.push(`${next.file}: ${verdict} is not in the catalogue`);
        if (Date.now() - started > verdictWithinMs)
          wrong.push(`${next.file}: took ${Date.now() - started} ms`);
        largest = Math.max(largest, process.memoryUsage.rss());
      }
    };
    await Promise.all([work(), work()]);
    expect(wrong).toEqual([]);
    expect((largest - before) / 1024 ** 2).toBeLessThan(200);
    expect(pool.stats()).toMatchObject({ busy: 0, waiting: 0 });
  }, 300_000);
});
