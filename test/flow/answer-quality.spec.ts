import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

const run = promisify(execFile);

describe('the quality of answers by words alone', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp({ EMBEDDING_DRIVER: 'none', READER_DRIVER: 'none', ANSWER_CACHE_SECONDS: '0' });
  }, 180_000);
  afterAll(() => app.close());

  it('stays above the recorded figures on our own collection', async () => {
    const scorer = [
      'scripts/score-answers.mjs',
      '--url',
      app.url,
      '--floor',
      'test/files/answers/floor.json',
    ];
    const { stdout } = await run(process.execPath, scorer);
    expect(stdout).toContain('ALL');
  }, 300_000);
});
