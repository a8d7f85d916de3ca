import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Schema, toTypes } from '../openapi-types.js';

const { components } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
  components: { schemas: Record<string, Schema> };
};
/** Types of the client, with the schema of the API that each stands for. */
const answers = {
  Document: 'Document',
  Uploaded: 'UploadAnswer',
  SearchResponse: 'Answer',
  SearchResult: 'SearchResult',
  Citation: 'Citation',
  Task: 'Task',
  Deletion: 'DeletionReceipt',
};

describe('the types of @docent/client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docent-types-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** Errors of the compiler in `source`, which sees both kinds of types. */
  const check = (source: string): string => {
    const client = join(process.cwd(), 'packages/client/src/index.js');
    writeFileSync(join(folder, 'api.ts'), toTypes(components.schemas));
    writeFileSync(
      join(folder, 'use.ts'),
      `import type * as api from './api.js';\nimport type * as client from '${client}';\n${source}\n`,
    );
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,dom',
    ];
    const compiler = join(process.cwd(), 'node_modules/typescript-native/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, '--types', '', 'use.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout;
  };

  it('accept every answer that the OpenAPI document describes, and have all of its fields', () => {
    const lines = Object.entries(answers).flatMap(([ours, theirs]) => [
      `export const takes${ours} = (answer: api.${theirs}): client.${ours} => answer;`,
      `export const knows${ours} = (field: keyof api.${theirs}): keyof client.${ours} => field;`,
    ]);
    expect(check(lines.join('\n'))).toBe('');
  });

  it('make requests that the OpenAPI document describes', () => {
    const source = `
export const search = (options: client.AskOptions): api.SearchRequest => ({ ...options, prompt: 'why?' });
export const knows = (field: Exclude<keyof api.SearchRequest, 'prompt' | 'answer'>): keyof client.AskOptions => field;`;
    expect(check(source)).toBe('');
  });

  it('are compared by a check that notices a difference', () => {
    expect(check('export const wrong = (answer: api.Task): client.Document => answer;')).toContain(
      'error TS',
    );
  });
});
