import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { startServer, type RunningServer } from './server.js';

/** `script` of util-linux runs a command in a terminal of its own. */
const hasScript =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
const ctrlC = '\u0003';
const enter = '\r';

(hasScript ? describe : describe.skip)('docent ask -i in a terminal', () => {
  let server: RunningServer;
  let model: ScriptedModel;
  let shown = '';
  let child: ChildProcessWithoutNullStreams;
  let ended: Promise<number | null>;
  beforeAll(async () => {
    model = await scriptedModel();
    server = await startServer({ OPENAI_API_BASE: model.url, EMBEDDING_DRIVER: 'none' });
    const form = new FormData();
    form.append('files', new Blob(['# Leave\n\nEvery employee has 27 days of leave.']), 'leave.md');
    const { task_id } = (await (
      await fetch(`${server.url}/agent/upload`, { method: 'POST', body: form })
    ).json()) as { task_id: string };
    await eventually(async () => {
      const { status } = (await (await fetch(`${server.url}/agent/status/${task_id}?wait=10`)).json()) as {
        status: string;
      };
      expect(status).toBe('SUCCESS');
    }, 60_000);
    const command = `"${process.execPath}" bin/docent.mjs ask -i`;
    const { DOCENT_TOKEN: _, ...env } = process.env;
    child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...env, DOCENT_URL: server.url } });
    child.stdout.on('data', (piece: Buffer) => (shown += piece.toString()));
    ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }, 180_000);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await server?.stop();
    await model?.close();
  });

  const type = (text: string) => void child.stdin.write(text);
  const see = (text: string) => eventually(() => expect(shown).toContain(text), 60_000);
  const question = 'How many days of leave does an employee have?';

  it('stops an answer by Ctrl-C and goes on with the next question', async () => {
    await see('> ');
    const held = model.hold('chat');
    type(`${question}${enter}`);
    await model.until(() => model.requests('chat').length > 0);
    shown = '';
    type(ctrlC);
    await see('stopped');
    await see('> ');
    held.release();
    model.reply(() => 'Every employee has 27 days of leave. [1]');
    type(`${question}${enter}`);
    await see('leave.md › Leave');
  });

  it('exits on Ctrl-C when no answer is running', async () => {
    type(ctrlC);
    expect(await ended).toBe(0);
  });
});
