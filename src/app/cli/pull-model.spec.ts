import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { wrongFiles } from '../../platform/models/model-folder.js';
import { runCommand } from '../../../test/command-line.js';

const commit = 'ab'.repeat(20);
const repository = 'acme/tiny-embedder';
const contents: Record<string, string> = {
  'config.json': '{"hidden_size": 8}',
  'tokenizer.json': '{"model": {}}',
  'onnx/model_quantized.onnx': 'weights '.repeat(5000),
  'onnx/model.onnx': 'larger weights',
  'README.md': 'a card',
  '../escaped.json': 'no',
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const gitSha1 = (text: string): string =>
  createHash('sha1').update(`blob ${text.length}\0`).update(text).digest('hex');

describe('docent models pull', () => {
  let hub: Server;
  let address: string;
  let asked: string[] = [];
  let served: Record<string, string> = {};
  let directory: string;

  const pull = (...given: string[]) =>
    runCommand(['models', 'pull', ...given], { DATA_DIR: directory, MODELS_HUB_URL: address });
  const installed = (): string[] =>
    existsSync(join(directory, 'models')) ? readdirSync(join(directory, 'models')) : [];

  beforeAll(async () => {
    hub = createServer((request, response) => {
      const url = decodeURIComponent(request.url ?? '');
      asked.push(url);
      if (url.startsWith(`/api/models/${repository}/revision/`)) {
        const siblings = Object.entries(contents).map(([rfilename, text]) =>
          rfilename.endsWith('.onnx')
            ? { rfilename, size: text.length, lfs: { sha256: sha256(text), size: text.length } }
            : { rfilename, size: text.length, blobId: gitSha1(text) },
        );
        response.end(JSON.stringify({ sha: commit, siblings }));
        return;
      }
      const file = url.replace(`/${repository}/resolve/${commit}/`, '').replace('/cdn/', '');
      const text = served[file];
      if (text === undefined) response.writeHead(404).end();
      else if (file.endsWith('.onnx') && !url.startsWith('/cdn/'))
        response.writeHead(302, { location: `/cdn/${file}` }).end();
      else response.end(text);
    });
    await new Promise<void>((listening) => hub.listen(0, '127.0.0.1', listening));
    address = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    hub.close();
  });
  beforeEach(async () => {
    asked = [];
    served = { ...contents };
    directory = await mkdtemp(join(tmpdir(), 'docent-pull-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('downloads what a model needs at a commit, and writes its checksums', async () => {
    const { code, out } = await pull(`${repository}@${commit}`);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('EMBEDDING_MODEL_DIR') });
    const folder = join(directory, 'models/tiny-embedder');
    expect(readFileSync(join(folder, 'onnx/model_quantized.onnx'), 'utf8')).toBe(
      contents['onnx/model_quantized.onnx'],
    );
    expect(readdirSync(folder).sort()).toEqual(['SHA256SUMS', 'config.json', 'onnx', 'tokenizer.json']);
    expect(readdirSync(join(folder, 'onnx'))).toEqual(['model_quantized.onnx']);
    expect(await wrongFiles(folder)).toEqual([]);
  });

  it.each(['tokenizer.json', 'onnx/model_quantized.onnx'])(
    'refuses %s when it is not what the hub states, and leaves nothing',
    async (file) => {
      served[file] = (contents[file] ?? '').replace(/.$/u, '#');
      const { code, err } = await pull(`${repository}@${commit}`);
      expect({ code, err }).toMatchObject({
        code: 1,
        err: expect.stringContaining(`${file} does not match`),
      });
      expect(installed()).toEqual([]);
    },
  );

  it('stops a file that is larger than the hub states', async () => {
    served['config.json'] = 'x'.repeat(100_000);
    const { code, err } = await pull(`${repository}@${commit}`);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining('larger than the hub says'),
    });
    expect(installed()).toEqual([]);
  });

  it.each([repository, `${repository}@main`])('asks for a commit in place of %s', async (name) => {
    const { code, err } = await pull(name);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(`${repository}@${commit}`) });
    expect(asked.some((url) => url.includes('/resolve/'))).toBe(false);
  });

  it('holds a model to the checksums of a file', async () => {
    const sums = join(directory, 'sums');
    writeFileSync(sums, `${sha256('other')}  config.json\n`);
    const { code, err } = await pull(`${repository}@${commit}`, '--sums', sums);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('config.json') });
    expect(installed()).toEqual([]);
  });

  it('copies a folder, and refuses one that differs from its checksums', async () => {
    const folder = join(directory, 'mine');
    for (const [file, text] of Object.entries(contents)) {
      mkdirSync(join(folder, 'onnx'), { recursive: true });
      if (!file.startsWith('..')) writeFileSync(join(folder, file), text);
    }
    writeFileSync(join(folder, 'SHA256SUMS'), `${sha256('other')}  config.json\n`);
    expect(await pull(folder)).toMatchObject({ code: 1, err: expect.stringContaining('config.json') });
    expect(installed()).toEqual([]);
    writeFileSync(join(folder, 'SHA256SUMS'), `${sha256(contents['config.json'] ?? '')}  config.json\n`);
    expect(await pull(folder)).toMatchObject({ code: 0 });
    expect(installed()).toEqual(['mine']);
    expect(await pull(folder)).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
    expect(asked).toEqual([]);
  });

  it('says that a folder can be copied when the hub cannot be reached', async () => {
    const { code, err } = await runCommand(['models', 'pull', `${repository}@${commit}`], {
      DATA_DIR: directory,
      MODELS_HUB_URL: 'http://127.0.0.1:9',
    });
    expect({ code, err }).toMatchObject({
      code: 69,
      err: expect.stringContaining('docent models pull FOLDER'),
    });
  });
});
