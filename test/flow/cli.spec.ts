import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';

describe('the command line', () => {
  let app: TestApp;
  let folder: string;
  const at = (...argv: string[]) => runCommand(['--url', app.url, ...argv]);
  const json = async <T>(...argv: string[]): Promise<T> => JSON.parse((await at('--json', ...argv)).out) as T;

  beforeAll(async () => {
    app = await bootApp();
    folder = mkdtempSync(join(tmpdir(), 'docent-cli-'));
    writeFileSync(join(folder, 'leave.md'), '# Leave\n\nEvery employee of the mill has 27 days of leave.\n');
    writeFileSync(join(folder, 'tea.txt'), 'Tea is served at four o’clock in the winter garden.\n');
    writeFileSync(join(folder, 'broken.pdf'), '%PDF-1.4 this is no document');
    writeFileSync(join(folder, 'program.exe'), 'MZ');
  }, 180_000);
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true });
  });

  it('ingests a folder, reports what was skipped and what failed, and ends with 1', async () => {
    const { code, out, err } = await at('ingest', folder, '--set', 'mill');
    expect(code).toBe(1);
    expect(out).toMatch(/2 ready, 1 (failed|rejected), 1 skipped/);
    expect(err).toMatch(/ready {2}leave\.md – 1 chunk,/);
    expect(err).toMatch(/FAILED broken\.pdf – \w+: /);
    expect(err).toContain('program.exe: has no known extension');
  });

  it('shows what is used of the quotas', async () => {
    expect((await at('quota')).out).toMatch(/documents +\d+ +no limit/);
    expect(await json('quota')).toMatchObject({
      tokens: { used: 0, limit: null, resets_at: expect.any(String) },
    });
  });

  it('skips files that are already uploaded', async () => {
    const { documents } = await json<{ documents: { filename: string; status: string }[] }>(
      'ingest',
      join(folder, 'leave.md'),
      '--set',
      'mill',
    );
    expect(documents).toMatchObject([{ filename: 'leave.md', status: 'duplicate' }]);
  });

  it('answers with the source and its words', async () => {
    const { code, out } = await at('ask', 'How', 'many', 'days', 'of', 'leave', 'has', 'every', 'employee?');
    expect(code).toBe(0);
    expect(out).toContain('27 days');
    expect(out).toContain('leave.md › Leave\n      “Every employee of the mill has 27 days of leave.”');
  });

  it('ends with 1 where there is no answer, as text and as JSON', async () => {
    const asText = await at('ask', 'Which painter drew the tea house of 1871?');
    expect(asText.code).toBe(1);
    expect(asText.out).toMatch(/No passage surely answers[^]*Closest passages:\n {2}\S/);
    const asJson = await at('--json', 'ask', 'Who painted the ceiling of the chapel?');
    expect([asJson.code, (JSON.parse(asJson.out) as { answered: boolean }).answered]).toEqual([1, false]);
  });

  it('searches, lists and counts', async () => {
    const { out } = await at('search', 'winter garden tea');
    expect(out).toMatch(/^[01]\.\d\d {2}tea\.txt/);
    expect(
      (await json<{ filename: string }[]>('list', '--set', 'mill', '--status', 'ready')).map(
        ({ filename }) => filename,
      ),
    ).toEqual(expect.arrayContaining(['leave.md', 'tea.txt']));
    expect((await at('sets')).out).toMatch(/^SET +DOCUMENTS/);
  });

  it('shows tasks and the state of the service', async () => {
    const [task] = await json<{ task_id: string; type: string }[]>(
      'tasks',
      '--status',
      'SUCCESS',
      '--type',
      'ingest',
      '-n',
      '1',
    );
    expect((await at('status', task?.task_id ?? '', '--wait')).out).toContain('SUCCESS');
    const { out } = await at('status');
    expect(out).toContain(': ok');
    expect(out).toMatch(/^documents +\d+ ready.* \(\d+ kB, \d+ sets?, \d+ chunks?\)$/mu);
    expect(out).toMatch(/^last hour +ingest: \d+ succeeded, \d+ failed, half within \d+ ms$/mu);
    expect((await at('check')).code).toBe(0);
    expect((await at('tasks', 'cancel', '0190a0b0-0000-7000-8000-000000000001')).err).toContain(
      'not_found: ',
    );
    expect((await at('tasks', 'retry', '--code', 'parse_timeout')).out).toBe('tried again: 0 tasks\n');
  });

  it.each([
    [['upload', 'a.pdf'], "unknown command 'upload'\n(Did you mean docent ingest?)"],
    [['documents'], 'Did you mean docent list?'],
    [['lsit'], 'Did you mean list?'],
    [['key', 'add', 'nightly'], 'Did you mean docent key create?'],
    [['sets', 'nosuch'], "unknown command 'nosuch'\n(docent sets has: list, rm)"],
    [['list', '--status', 'redy'], 'Allowed choices are queued, processing, ready, failed.'],
    [['tasks', 'cancel'], '(docent tasks cancel --help shows how)'],
  ])('answers the mistake %j with what was meant', async (argv, told) => {
    const { code, err } = await at(...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(told)]);
  });

  it('says what it did not find, and how to list what there is', async () => {
    for (const [argv, told] of [
      [['status', 'nosuch'], 'There is no task nosuch that you may see. `docent tasks` lists them.'],
      [['rm', 'no.pdf'], 'There is no document no.pdf that you may see. `docent list` lists them.'],
      [['summarize', 'no.pdf'], 'There is no document no.pdf that you may see. `docent list` lists them.'],
      [
        ['sets', 'rm', 'nosuch'],
        'There is no document set nosuch that you may see. `docent sets` lists them.',
      ],
      [['key', 'revoke', 'nosuch'], 'There is no key nosuch that you may see. `docent key` lists them.'],
      [
        ['source', 'run', 'nosuch'],
        'There is no source nosuch that you may see. `docent source` lists them.',
      ],
    ] as const) {
      const { code, err } = await at(...argv);
      expect([code, err]).toEqual([1, expect.stringContaining(told)]);
    }
    expect((await at('list', '--set', 'nosuch')).err).toContain('no documents');
  });

  it('makes, lists and revokes a key', async () => {
    const made = await at(
      'key',
      'create',
      'nightly import',
      '--scopes',
      'read,write',
      '--sets',
      'mill',
      '--days',
      '90',
    );
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^dk_\S{40,}\n$/)]);
    const [key] = await json<{ id: string; name: string; document_sets: string[] }[]>('key');
    expect(key).toMatchObject({ name: 'nightly import', document_sets: ['mill'] });
    expect((await at('key', 'revoke', key?.id ?? '')).out).toContain('is revoked');
    expect((await at('key')).out).toContain('revoked');
  });

  describe('eval', () => {
    const golden = (...lines: (object | string)[]): string => {
      const file = join(folder, 'golden.jsonl');
      writeFileSync(
        file,
        lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
      );
      return file;
    };
    const tea = {
      question: 'Where is tea served at four o\u2019clock?',
      filenames: ['tea.txt'],
      answer: 'winter garden',
    };
    const moon = { question: 'Who was the second person on the moon?', filenames: [] };
    const evaluate = (...argv: string[]) => at('eval', '--set', 'mill', ...argv);

    it('ends with 0 when every figure reaches its threshold', async () => {
      const strict = [
        '--min-hit',
        '1',
        '--min-mrr',
        '1',
        '--min-ndcg',
        '1',
        '--min-answered',
        '1',
        '--max-false-answers',
        '0',
      ];
      const { code, out } = await evaluate(
        ...strict,
        '--min-right-answers',
        '1',
        '--min-citation-precision',
        '1',
        golden(tea, moon),
      );
      expect([code, out]).toEqual([0, expect.stringMatching(/hit +1\.000[^]*mrr +1\.000/)]);
    });

    it.each([
      [
        '--min-hit',
        '1',
        { ...tea, filenames: ['leave.md', 'nowhere.md'], question: 'Who was the second person on the moon?' },
      ],
      ['--min-answered', '1', { ...moon, filenames: ['tea.txt'] }],
      ['--max-false-answers', '0', { question: tea.question, filenames: [] }],
      ['--min-right-answers', '1', { ...tea, answer: 'in the cellar' }],
      ['--min-citation-precision', '1', { ...tea, filenames: ['leave.md'] }],
    ])('ends with 1 when %s %s is missed', async (option, value, question) => {
      const { code, err } = await evaluate(option, value, golden(question));
      expect([code, err]).toEqual([1, expect.stringMatching(/\d/)]);
      expect((await evaluate(golden(question))).code).toBe(0);
    });

    it('ends with 2 for an invalid file and an invalid threshold', async () => {
      expect((await evaluate(golden('{"question"'))).code).toBe(2);
      expect((await evaluate(join(folder, 'nowhere.jsonl'))).code).toBe(2);
      expect((await evaluate('--min-hit', '2', golden(tea))).code).toBe(2);
    });
  });

  it('summarises', async () => {
    expect((await at('summarize', 'leave.md', '--set', 'mill')).out).toContain('27 days');
  });

  it('deletes with a receipt, and says which name it did not find', async () => {
    const { code, out, err } = await at('rm', 'tea.txt', 'nothing.md', '--set', 'mill');
    expect(code).toBe(1);
    expect(out).toMatch(/^tea\.txt: 1 document, 1 chunks?, 0 embeddings, \d blobs, 0 summaries deleted\n$/);
    expect(err).toContain('nothing.md: not_found');
    expect((await at('sets', 'rm', 'mill')).out).toContain('documents');
    expect(await json<unknown[]>('list', '--set', 'mill')).toEqual([]);
  });

  it.each([
    [['ask'], 2],
    [['no-such-command'], 2],
    [['ingest', '/nowhere/at/all'], 2],
    [['search', 'x', '--limit', 'many'], 2],
    [['ingest', '.', '--metadata', '{'], 2],
    [['search', ' '], 2],
    [['search', 'x', '--mode', 'no-such-mode'], 2],
    [['ask', 'x', '--filter', '{"no_such_field":1}'], 2],
    [['list', '--status', 'no-such-status'], 2],
    [['list', '--limit', 'many'], 2],
    [['tasks', '--status', 'no-such-status'], 2],
    [['tasks', '--limit', '0'], 2],
    [['ingest', 'package.json', '--set', '!!!'], 2],
    [['rm', 'a.md', '--set', 'all'], 2],
    [['key', 'create', 'x', '--scopes', 'no-such-scope'], 2],
    [['key', 'create', 'x', '--days', 'many'], 2],
    [['rm', 'nothing.md'], 1],
    [['tasks', 'cancel', '0190a0b0-0000-7000-8000-000000000001'], 1],
    [['--help'], 0],
    [['ingest', '--help'], 0],
  ])('%j ends with %i', async (argv, code) => {
    expect((await at(...argv)).code).toBe(code);
  });

  it('ends with 69 when no service answers and with 78 for a wrong configuration', async () => {
    expect(await runCommand(['--url', 'http://127.0.0.1:1', 'list'])).toMatchObject({
      code: 69,
      err: expect.stringContaining('does not answer'),
    });
    const port = process.env['PORT'];
    process.env['PORT'] = 'many';
    const { code, err } = await runCommand(['check']);
    if (port === undefined) delete process.env['PORT'];
    else process.env['PORT'] = port;
    expect([code, err]).toEqual([78, expect.stringContaining('PORT: must be a whole number')]);
  });

  it('refuses a port that is taken, and says so in one line', async () => {
    const { port } = new URL(app.url);
    const kept = { HOST: process.env['HOST'], PORT: process.env['PORT'] };
    const { code, err } = await runCommand(['serve', '--host', '127.0.0.1', '--port', port]);
    for (const [name, value] of Object.entries(kept))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    expect([code, err]).toEqual([
      1,
      `docent: port ${port} of 127.0.0.1 is taken: choose another with --port\n`,
    ]);
  });

  it('starts a service of its own where none runs', async () => {
    const kept = { ...process.env };
    const data = mkdtempSync(join(tmpdir(), 'docent-own-'));
    // port 1 is nobody's
    Object.assign(process.env, { DATA_DIR: data, PORT: '1', PARSER_PROCESSES: '1' });
    delete process.env['DOCENT_URL'];
    try {
      expect(await runCommand(['ingest', join(folder, 'leave.md'), '--no-wait'])).toMatchObject({
        code: 0,
        out: '1 ready\n',
      });
      expect((await runCommand(['list'])).out).toContain('leave.md');
      const exported = join(data, 'exported');
      expect(await runCommand(['export', 'no-such-set', exported])).toMatchObject({
        code: 1,
        err: expect.stringContaining('not_found: '),
      });
      expect(existsSync(exported)).toBe(false);
      expect(await runCommand(['export', 'default', exported])).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^1 document, 1 chunk, /),
        err: '',
      });
      expect(await runCommand(['import', join(data, 'nothing')])).toMatchObject({
        code: 2,
        err: expect.stringContaining('holds no exported'),
      });
      expect(await runCommand(['import', exported])).toMatchObject({
        code: 0,
        out: 'default: 0 documents came in, 1 already there\n',
      });
    } finally {
      for (const name of ['DATA_DIR', 'PORT', 'PARSER_PROCESSES']) delete process.env[name];
      Object.assign(process.env, kept);
      rmSync(data, { recursive: true, force: true });
    }
  }, 180_000);
});
