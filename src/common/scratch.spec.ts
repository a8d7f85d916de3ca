import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeLeftovers, scratchName } from './scratch.js';

describe('removeLeftovers', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docent-scratch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const makeName = (pid: number): string => scratchName('work').replace(`~${process.pid}~`, `~${pid}~`);
  /** A process id that nobody has. */
  const nobody = 4_194_999;

  it('removes files and folders of processes that are gone, and keeps those of the living', async () => {
    const [own, parent] = [scratchName('work'), makeName(process.ppid)];
    await writeFile(join(folder, own), '');
    await writeFile(join(folder, parent), '');
    await mkdir(join(folder, makeName(nobody)));
    await writeFile(join(folder, makeName(nobody)), '');
    expect(await removeLeftovers(folder, 'work')).toBe(2);
    expect((await readdir(folder)).toSorted()).toEqual([own, parent].toSorted());
  });

  it('removes what a process with the same number left before this one began', async () => {
    const before = scratchName('work');
    await writeFile(join(folder, before), '');
    await utimes(join(folder, before), 1, 1);
    expect(await removeLeftovers(folder, 'work')).toBe(1);
  });

  it('removes files of another machine by age, and nothing else', async () => {
    const [fresh, old] = ['work~elsewhere~1~a', 'work~elsewhere~1~b'];
    const others = ['notes.txt', makeName(nobody).replace('work', 'other')];
    for (const name of [fresh, old, ...others]) await writeFile(join(folder, name), '');
    await utimes(join(folder, old), 1, 1);
    expect(await removeLeftovers(folder, 'work')).toBe(1);
    expect((await readdir(folder)).toSorted()).toEqual([fresh, ...others].toSorted());
  });
});
