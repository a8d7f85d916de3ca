import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectFiles } from './files.js';

describe('the files that a command takes', () => {
  let folder: string;
  const write = (path: string) => writeFileSync(join(folder, path), 'x');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'docent-files-'));
    for (const name of ['deep', 'deep/er', '.git', 'node_modules']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are those with a known extension below a folder, in order, without hidden files and links', async () => {
    for (const path of [
      'b.pdf',
      'a.MD',
      'deep/er/c.docx',
      '.git/d.md',
      'node_modules/e.md',
      '.hidden.md',
      'program.exe',
    ])
      write(path);
    symlinkSync(join(folder, 'b.pdf'), join(folder, 'link.pdf'));
    const { files, skipped } = await collectFiles([folder]);
    expect(files.map(({ filename }) => filename)).toEqual(['a.MD', 'b.pdf', 'c.docx']);
    expect(skipped.map(({ path }) => path)).toEqual([join(folder, 'link.pdf'), join(folder, 'program.exe')]);
  });

  it('are taken as they are when they are named', async () => {
    write('program.exe');
    const path = join(folder, 'program.exe');
    expect(await collectFiles([path, path])).toEqual({
      files: [{ path, filename: 'program.exe' }],
      skipped: [],
    });
  });

  it('have one name each: of two files with the same name the second is left out and reported', async () => {
    write('a.md');
    write('deep/a.md');
    const { files, skipped } = await collectFiles([folder]);
    expect(files).toHaveLength(1);
    expect(skipped).toEqual([
      { path: join(folder, 'deep/a.md'), reason: expect.stringContaining('has the name of') },
    ]);
  });

  it('are reported when they do not exist', async () => {
    await expect(collectFiles([join(folder, 'nothing')])).rejects.toMatchObject({ exitCode: 2 });
  });
});
