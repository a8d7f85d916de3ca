import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDirectory } from './data-lock.js';

describe('the lock of a data directory', () => {
  let directory: string;
  let lock: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'docent-lock-'));
    lock = join(directory, 'docent.lock');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is released, and can be taken again', () => {
    lockDataDirectory(directory)();
    expect(existsSync(lock)).toBe(false);
    lockDataDirectory(directory)();
  });

  it('makes the directory where it is missing', () => {
    lockDataDirectory(join(directory, 'a', 'b'))();
    expect(existsSync(join(directory, 'a', 'b'))).toBe(true);
  });

  it('is refused with a sentence where the folder cannot be one', () => {
    writeFileSync(join(directory, 'file'), '');
    for (const path of [join(directory, 'file'), join(directory, 'file', 'below')])
      expect(() => lockDataDirectory(path)).toThrow(`DATA_DIR: ${path} is no folder: name another one`);
  });

  it('is refused a second time within the process', () => {
    const unlock = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(
      `DATA_DIR: process ${process.pid} is already running on this data directory`,
    );
    unlock();
  });

  it('is refused while its process lives, and taken over once that is dead', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(lock, `${other.pid}\n`);
    expect(() => lockDataDirectory(directory)).toThrow(`DATA_DIR: process ${other.pid} is already running`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const unlock = lockDataDirectory(directory);
    expect(readFileSync(lock, 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    unlock();
  });

  it('is taken over from a dead process whose process id another process has now', () => {
    writeFileSync(lock, `${process.ppid} 1\n`);
    lockDataDirectory(directory)();
    writeFileSync(lock, `${process.pid} 1\n`);
    lockDataDirectory(directory)();
  });

  it('is taken over when its file is incomplete or empty', () => {
    writeFileSync(lock, '');
    lockDataDirectory(directory)();
  });
});
