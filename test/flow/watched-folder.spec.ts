import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';

interface Listed {
  id: string;
  filename: string;
  document_set: string;
  status: string;
  version: number;
  bytes: number;
  updated_at: string;
  metadata: Record<string, unknown>;
}

describe('a watched folder', () => {
  const work = mkdtempSync(join(tmpdir(), 'docent-watched-'));
  const folder = join(work, 'folder');
  const settings = {
    DATA_DIR: join(work, 'data'),
    WATCH_DIR: folder,
    WATCH_INTERVAL_SECONDS: '0.1',
    WORKER_QUEUES: 'summary',
  };
  let app: TestApp;
  beforeAll(async () => {
    mkdirSync(folder);
    app = await bootApp(settings);
  }, 180_000);
  afterAll(async () => {
    await app.close();
    rmSync(work, { recursive: true, force: true });
  });

  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  const listed = async (): Promise<Listed[]> =>
    (await app.call<{ documents: Listed[] }>('GET', '/agent/documents')).body.documents;
  const find = async (name: string): Promise<Listed | undefined> =>
    (await listed()).find(({ document_set, filename }) => `${document_set}/${filename}` === name);
  /** Nobody ingests here: what becomes of a document once it is there is the business of others. */
  const there = (name: string, version = 1): Promise<void> =>
    eventually(async () => expect(await find(name)).toMatchObject({ version }), 60_000);
  const gone = (name: string): Promise<void> =>
    eventually(async () => expect(await find(name)).toBeUndefined(), 60_000);

  it('never deletes documents from the API, whatever their metadata say', async () => {
    const metadata = { watched_path: 'api.md', modified_at: '2026-01-01T00:00:00.000Z', department: 'hr' };
    const { status } = await app.call('POST', '/agent/ingest', {
      files: [{ filename: 'api.md', content: 'By the API.', metadata }],
    });
    expect(status).toBe(202);
    expect((await find('default/api.md'))?.metadata).toEqual({ department: 'hr' });
    // the same content does not make it a document of the folder
    write('api.md', 'By the API.');
    write('first.md', 'From the folder.');
    await there('default/first.md');
    // the next version comes by the API, and so the folder's file is no longer what it came from
    await app.call('POST', '/agent/ingest', {
      files: [{ filename: 'first.md', content: 'By the API now.' }],
    });
    rmSync(join(folder, 'first.md'));
    rmSync(join(folder, 'api.md'));
    write('sign.md', 'The folder has been looked through.');
    await there('default/sign.md');
    rmSync(join(folder, 'sign.md'));
    await gone('default/sign.md');
    expect((await find('default/first.md'))?.version).toBe(2);
    expect(await find('default/api.md')).toMatchObject({ version: 1, metadata: { department: 'hr' } });
    const { entries } = (
      await app.call<{ entries: { subject: string; action: string }[] }>('GET', '/agent/audit')
    ).body;
    const acts = entries.filter(({ subject }) => subject === 'watched-folder').map(({ action }) => action);
    expect(new Set(acts)).toEqual(new Set(['document.upload', 'document.delete']));
    for (const name of ['api.md', 'first.md'])
      await app.call('DELETE', `/agent/documents/${name}?document_set=default`);
  });

  it('puts documents into the set of their folder, and ignores other files', async () => {
    mkdirSync(join(folder, 'HR Policies', 'Travel'), { recursive: true });
    mkdirSync(join(folder, '.git'));
    write('tea.md', 'Tea is served at four.');
    write('HR Policies/leave.md', 'Leave is 25 days.');
    write('HR Policies/Travel/rail.md', 'Trains are second class.');
    for (const path of [
      '.hidden.md',
      '.git/config.md',
      '~$tea.docx',
      'half.md.part',
      'program.exe',
      'lie.pdf',
    ])
      write(path, 'No document.');
    symlinkSync(join(folder, 'tea.md'), join(folder, 'link.md'));
    await Promise.all([
      there('default/tea.md'),
      there('hr_policies/leave.md'),
      there('hr_policies_travel/rail.md'),
    ]);
    expect(await listed()).toHaveLength(3);
    expect((await find('hr_policies/leave.md'))?.metadata).toMatchObject({
      watched_path: 'HR Policies/leave.md',
    });
  });

  it('ingests a changed file as a new version, and deletes the document of a removed one', async () => {
    write('HR Policies/leave.md', 'Leave is 30 days now.');
    await there('hr_policies/leave.md', 2);
    expect((await app.call<string>('GET', '/agent/files/hr_policies/leave.md')).body).toBe(
      'Leave is 30 days now.',
    );
    renameSync(join(folder, 'HR Policies', 'Travel', 'rail.md'), join(folder, 'rail.md'));
    await Promise.all([there('default/rail.md'), gone('hr_policies_travel/rail.md')]);
    rmSync(join(folder, 'rail.md'));
    await gone('default/rail.md');
  });

  it('waits until a file has been written to its end', async () => {
    const line = 'One line of many that come slowly.\n';
    for (let count = 0; count < 40; count++) {
      appendFileSync(join(folder, 'slow.md'), line);
      await pause(25);
    }
    await there('default/slow.md');
    expect((await find('default/slow.md'))?.bytes).toBe(40 * line.length);
  });

  it('does not delete documents from elsewhere', async () => {
    await app.upload({ 'uploaded.md': 'This came by the API.' });
    rmSync(join(folder, 'slow.md'));
    write('later.md', 'This file came later.');
    await Promise.all([gone('default/slow.md'), there('default/later.md')]);
    expect(await find('default/uploaded.md')).toBeDefined();
  });

  it('finds changes at start that were made meanwhile, and processes nothing twice', async () => {
    const before = await find('hr_policies/leave.md');
    await app.close();
    rmSync(join(folder, 'later.md'));
    write('tea.md', 'Tea is served at five.');
    write('new.md', 'This file is new.');
    app = await bootApp(settings);
    await Promise.all([gone('default/later.md'), there('default/tea.md', 2), there('default/new.md')]);
    expect(await find('hr_policies/leave.md')).toEqual(before);
    expect(await find('default/uploaded.md')).toBeDefined();
  }, 180_000);

  it('deletes nothing when the folder is empty at the start, because the volume may be missing', async () => {
    await app.close();
    renameSync(folder, `${folder}-away`);
    mkdirSync(folder);
    app = await bootApp(settings);
    const tea = await find('default/tea.md');
    await pause(1000);
    expect(await find('default/tea.md')).toEqual(tea);
    // the volume comes back under a running service
    rmSync(folder, { recursive: true });
    renameSync(`${folder}-away`, folder);
    write('back.md', 'The volume is back.');
    await there('default/back.md');
    expect(await find('default/tea.md')).toEqual(tea);
  }, 180_000);
});
