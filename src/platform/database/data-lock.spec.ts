import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blameFullDisk, lockDataDirectory } from './data-lock.js';

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

  it('leaves nothing behind on a full disk, of which a sentence tells', () => {
    symlinkSync('/dev/full', `${lock}.${process.pid}`);
    let thrown: unknown;
    try {
      lockDataDirectory(directory);
    } catch (error) {
      thrown = blameFullDisk(directory, error);
    }
    expect(String(thrown)).toContain(`DATA_DIR: the disk of ${directory} is full`);
    expect(readdirSync(directory)).toEqual([]);
    const other = new Error('something else');
    expect(blameFullDisk(directory, other)).toBe(other);
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
