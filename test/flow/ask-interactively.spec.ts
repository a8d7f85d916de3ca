import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../../src/app/cli/client.js';
import { InteractiveAsk } from '../../src/app/cli/interactive.js';
import { Output } from '../../src/app/cli/output.js';
import { bootApp, type TestApp } from '../app.js';
import { runCommand } from '../command-line.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';

describe('docent ask -i', () => {
  let app: TestApp;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = await scriptedModel();
    app = await bootApp({ OPENAI_API_BASE: model.url, EMBEDDING_DRIVER: 'none' });
    await app.uploaded(
      { 'leave.md': '# Leave\n\nEvery employee has 27 days of leave.' },
      { document_set: 'hr' },
    );
    await app.uploaded({ 'tea.md': '# Tea\n\nTea is served at four.' }, { document_set: 'house' });
  });
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  /** Types the lines one after the other, as a pipe does. */
  async function typed(
    lines: string[],
    first?: string,
  ): Promise<{ code: number; out: string; notes: string }> {
    const [input, output, notes] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const [written, noted] = [output.toArray(), notes.toArray()];
    const client = new ApiClient(app.url);
    const terminal = { input, output, isTty: false };
    const options = { limit: 10, mode: 'hybrid' };
    input.end(lines.map((line) => `${line}\n`).join(''));
    const ask = new InteractiveAsk(client, options, new Output(false, output, notes), terminal);
    const code = await ask.run(first);
    output.end();
    notes.end();
    return { code, out: (await written).join(''), notes: (await noted).join('') };
  }
  const prompts = (): string[] => model.requests('chat').map(({ body }) => JSON.stringify(body));

  it('answers each line with its sources, and sends the conversation with the next one', async () => {
    model.reply('Every employee has 27 days of leave. [1]');
    model.reply('How many days of leave does an employee have?');
    model.reply('Every employee has 27 days of leave. [1]');
    const { code, out } = await typed([
      '/set hr',
      'How many days of leave are there?',
      'And for an employee?',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('27 days of leave. [1]\n  [1] leave.md › Leave\n');
    expect(
      prompts().some((prompt) => prompt.includes('And for an employee?') && prompt.includes('How many days')),
    ).toBe(true);
  });

  it('forgets with /new', async () => {
    const before = prompts().length;
    model.reply('Tea is served at four. [1]');
    model.reply('Tea is served at four. [1]');
    await typed(['When is tea served?', '/new', 'When is tea served, please?']);
    const asked = prompts().slice(before);
    expect(asked.filter((prompt) => prompt.includes('When is tea served?'))).toHaveLength(1);
  });

  it('lists sets, chooses one, shows sources and its commands', async () => {
    model.reply('Tea is served at four. [1]');
    const { out, notes } = await typed([
      '/sets',
      '/set house',
      'When is tea served?',
      '/sources',
      '/help',
      '/hlp',
    ]);
    expect(out).toMatch(/SET +DOCUMENTS\n/);
    expect(out).toMatch(/\[1\] tea\.md › Tea \(\d\.\d\d\)\n +.*Tea is served at four\./);
    expect(out).toContain('/sources    show the passages');
    expect(notes).toContain('asking the document set house');
    expect(notes).toContain('/hlp is no command');
  });

  it('continues after a question that fails, and exits with /quit', async () => {
    model.reply('Tea is served at four. [1]');
    const { code, out, notes } = await typed([
      '/set ../..',
      'Anything?',
      '/set',
      'When is tea served?',
      '/quit',
      'Not asked?',
    ]);
    expect(notes).toContain('validation_failed: ');
    expect(out).toContain('Tea is served at four.');
    expect(out).not.toContain('Not asked');
    expect(code).toBe(0);
  });

  it('takes the first question from the command line', async () => {
    model.reply('Tea is served at four. [1]');
    expect((await typed([], 'When is tea served?')).out).toContain('Tea is served at four.');
  });

  it('needs a question without -i, and refuses --json with it', async () => {
    expect(await runCommand(['--url', app.url, 'ask'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('-i'),
    });
    expect((await runCommand(['--url', app.url, '--json', 'ask', '-i'])).code).toBe(2);
  });
});
