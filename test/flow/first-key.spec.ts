import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { bootApp } from '../app.js';

describe('a service that needs a credential while there is none', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-first-key-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('does not start, and says how to make a key', async () => {
    await expect(bootApp({ DATA_DIR: dataDir, AUTH: 'required' })).rejects.toMatchObject({
      lines: [expect.stringMatching(/^AUTH: .*API_KEYS.*--first-key/)],
    });
  });

  it('makes a key on demand, shows it once, and starts without the option afterwards', async () => {
    const said: string[] = [];
    const written = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    const first = await bootApp({ DATA_DIR: dataDir, AUTH: 'required', FIRST_KEY: 'true' });
    written.mockRestore();
    const key = /^ {2}(\S{20,})$/m.exec(said.join(''))?.[1] ?? '';
    const keys = await first.call('GET', '/agent/keys', undefined, { 'x-api-key': key });
    expect(keys).toMatchObject({ status: 200, body: { keys: [{ name: 'first key', scopes: ['admin'] }] } });
    expect(JSON.stringify(keys.body)).not.toContain(key);
    expect((await first.call('GET', '/agent/documents')).status).toBe(401);
    await first.close();

    const second = await bootApp({ DATA_DIR: dataDir, AUTH: 'required' });
    const answer = await second.call('GET', '/agent/documents', undefined, { 'x-api-key': key });
    expect(answer.status).toBe(200);
    await second.close();
  });
});
