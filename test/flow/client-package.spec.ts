import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publint } from 'publint';
import { bootApp, type TestApp } from '../app.js';
import { installClient } from '../client-package.js';

const run = promisify(execFile);
const key = 'a-key-for-the-packed-client-of-docent-01';
const hasRequests = spawnSync('python3', ['-c', 'import requests'], { stdio: 'ignore' }).status === 0;

describe('the package @docent/client', () => {
  let project: string;
  let files: string[];
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'docent-client-'));
    files = installClient(project);
  });
  afterAll(() => rmSync(project, { recursive: true }));
  const node = async (name: string, source: string): Promise<string> => {
    writeFileSync(join(project, name), source);
    return (await run(process.execPath, ['--no-warnings', name], { cwd: project })).stdout.trim();
  };

  it('holds the code, its types, the licence and a page, and nothing else', () => {
    const others = files.filter((path) => !/^dist\/[a-z]+(\.d\.ts|\.js)$/.test(path));
    expect(others).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts']));
  });

  it('is published as a package should be', async () => {
    const pkgDir = join(project, 'node_modules', '@docent', 'client');
    const { messages } = await publint({ pkgDir, pack: false, strict: true, level: 'warning' });
    expect(messages).toEqual([]);
  });

  it('is imported by ES modules and required by CommonJS', async () => {
    const use = 'console.log(typeof Docent, new DocentError("a", "b").message);';
    const told = 'function a: b';
    expect(await node('use.mjs', `import { Docent, DocentError } from '@docent/client'; ${use}`)).toBe(told);
    expect(await node('use.cjs', `const { Docent, DocentError } = require('@docent/client'); ${use}`)).toBe(
      told,
    );
  });

  it('has types that compile in a strict project', async () => {
    writeFileSync(
      join(project, 'use.mts'),
      `import { Docent, type AnswerEvent } from '@docent/client';
const docent = new Docent({ url: 'http://127.0.0.1' });
for await (const event of docent.ask('why?')) {
  const told: AnswerEvent = event;
  if (told.type === 'done') told.response.citations[0]!.quote.trim();
  // @ts-expect-error a token has no response
  if (told.type === 'token') told.response;
}
`,
    );
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
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
    const checked = run(process.execPath, [tsc, ...options, 'use.mts'], { cwd: project });
    await expect(checked.catch(({ stdout }: { stdout: string }) => stdout)).resolves.toMatchObject({
      stdout: '',
    });
  });

  describe('examples', () => {
    let app: TestApp;
    let env: NodeJS.ProcessEnv;
    beforeAll(async () => {
      cpSync('examples', project, { recursive: true });
      writeFileSync(join(project, 'leave.md'), '# Leave\n\nEverybody has 28 days of leave a year.');
      app = await bootApp({ AUTH: 'required', API_KEYS: key });
      env = { ...process.env, DOCENT_URL: app.url, DOCENT_TOKEN: key };
    });
    afterAll(() => app.close());
    const ask = async (program: string, file: string, settings = env) =>
      run(program, [file, 'leave.md', 'How many days of leave are there?'], { cwd: project, env: settings });

    it('ask.mjs uploads, asks and prints the quote', async () => {
      const { stdout } = await ask(process.execPath, 'ask.mjs');
      expect(stdout).toContain('[1] leave.md: “Everybody has 28 days of leave a year.”');
      const refused = ask(process.execPath, 'ask.mjs', { ...env, DOCENT_TOKEN: 'wrong' });
      await expect(refused).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^unauthenticated: /),
      });
    });

    (hasRequests ? it : it.skip)('ask.py does the same with requests', async () => {
      const { stdout } = await ask('python3', 'ask.py');
      expect(stdout).toContain('[1] leave.md: “Everybody has 28 days of leave a year.”');
      const refused = ask('python3', 'ask.py', { ...env, DOCENT_TOKEN: 'wrong' });
      await expect(refused).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^unauthenticated: /),
      });
    });
  });
});
