import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

const text = readFileSync('README.md', 'utf8');
const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block]) => (block ?? '').trim().split('\n'))
  .filter((block) => block.every((line) => line.includes('curl')))
  .flat();

describe('the README', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp();
  }, 180_000);
  afterAll(() => app.close());

  it('shows ten lines of curl that work when pasted one after the other', async () => {
    expect(lines).toHaveLength(10);
    const script = [
      'set -eo pipefail',
      'curl() { command curl --fail-with-body "$@"; }',
      ...lines.map((line) => `${line}\necho; echo ---`),
    ].join('\n');
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      script.replaceAll('http://127.0.0.1:8000', app.url),
    ]);
    const answers = stdout.split('\n---\n').map((answer) => answer.trim());
    expect(answers[1]).toContain('"status":"SUCCESS"');
    const { answer } = JSON.parse(answers[2] ?? '') as { answer: string };
    const terminal = /```console\n\$ docent ask .*\n(.*)\n/.exec(text)?.[1];
    expect(answer).toBe(terminal);
    expect(answers[3]).toMatch(/event: token[\s\S]*36 months[\s\S]*event: done/);
    expect(answers[4]).toContain('pension');
    expect(answers[6]).toContain('"duplicate":true');
    expect(answers[9]).toContain('"documents":1');
  }, 180_000);

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].flatMap(([, path]) => path ?? []);
    const generated = ['docs/openapi.json', 'docs/errors.md', 'docs/configuration.md'];
    expect(links.length).toBeGreaterThan(5);
    for (const path of links.filter((link) => !generated.includes(link) && !link.endsWith('decisions')))
      expect(readFileSync(path, 'utf8').length).toBeGreaterThan(0);
  });
});
