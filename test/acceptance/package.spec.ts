import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publint } from 'publint';

const run = promisify(execFile);

/** The built package as a project sees it that has installed it. */
describe('the package docent', () => {
  let project: string;
  let installed: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'docent-package-'));
    installed = join(project, 'node_modules', 'docent');
    mkdirSync(installed, { recursive: true });
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    for (const name of ['package.json', 'README.md', 'LICENSE', ...files])
      symlinkSync(resolve(name), join(installed, name));
    for (const name of ['@nestjs', '@types'])
      symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
  });
  afterAll(() => rmSync(project, { recursive: true }));

  it('is published as a package should be', async () => {
    const { messages } = await publint({ pkgDir: installed, pack: false, strict: true, level: 'warning' });
    expect(messages).toEqual([]);
  });

  it('is imported by ES modules and required by CommonJS, and nothing inside it can be reached', async () => {
    const use = `console.log([typeof Docent, typeof DocentModule.forRoot, new Problem('not_found').code].join());`;
    writeFileSync(
      join(project, 'use.mjs'),
      `import { Docent, DocentModule, Problem } from 'docent';\n${use}`,
    );
    writeFileSync(
      join(project, 'use.cjs'),
      `const { Docent, DocentModule, Problem } = require('docent');\n${use}`,
    );
    writeFileSync(join(project, 'inside.mjs'), `import 'docent/dist/main.js';`);
    const node = (file: string) => run(process.execPath, ['--no-warnings', file], { cwd: project });
    for (const file of ['use.mjs', 'use.cjs'])
      expect((await node(file)).stdout).toBe('function,function,not_found\n');
    await expect(node('inside.mjs')).rejects.toMatchObject({
      stderr: expect.stringContaining('ERR_PACKAGE_PATH_NOT_EXPORTED'),
    });
  });

  it('has a command that checks the machine and reads the stores, without a service', async () => {
    const env = { PATH: process.env['PATH'], DATA_DIR: join(project, 'data'), PORT: '0' };
    const docent = (...argv: string[]) =>
      run(process.execPath, [join(installed, 'bin/docent.mjs'), ...argv], { env }).catch(
        (error: { stdout: string; stderr: string }) => error,
      );
    const { findings } = JSON.parse((await docent('doctor', '--json')).stdout) as { findings: object[] };
    expect(findings).toContainEqual(expect.objectContaining({ check: 'settings', state: 'ok' }));
    const { stderr } = await docent('export', 'nothing', join(project, 'exported'));
    expect(stderr).toContain('has no document that is ready');
  });

  it.each([
    ['an ES module', 'use.mts', 'nodenext'],
    ['a CommonJS module', 'use.cts', 'nodenext'],
    ['a bundler', 'bundled.ts', 'preserve'],
  ])('has types for %s', async (_consumer, file, module) => {
    writeFileSync(
      join(project, file),
      `import { type Docent, DocentModule, type Ingested } from 'docent';
export const dynamic = DocentModule.forRootAsync({ useFactory: () => ({ settings: { PORT: 1 }, worker: true }) });
export async function use(docent: Docent): Promise<string | null> {
  const { task_id, start }: Ingested = await docent.ingest([{ filename: 'a.md', content: 'text' }]);
  await start();
  await docent.wait(task_id);
  // @ts-expect-error a file has a name
  await docent.ingest([{ content: 'text' }]);
  const { answer, citations } = await docent.ask('why?', { history: [] });
  const verified: boolean | undefined = citations[0]?.verified;
  return verified ? answer : null;
}
`,
    );
    const resolution = module === 'preserve' ? 'bundler' : 'nodenext';
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--types', 'node'];
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const checked = run(
      process.execPath,
      [tsc, ...options, '--module', module, '--moduleResolution', resolution, file],
      { cwd: project },
    );
    await expect(checked.catch(({ stdout }: { stdout: string }) => ({ stdout }))).resolves.toMatchObject({
      stdout: '',
    });
  });
});
