import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { bootApp, type TestApp } from '../app.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';

const key = 'a-key-for-a-client-of-the-mcp-server-002';

describe('calls of the official MCP client that take their time', () => {
  let app: TestApp;
  let model: ScriptedModel;
  const clients: Client[] = [];
  const connect = async (): Promise<Client> => {
    const made = new Client({ name: 'test', version: '1' });
    await made.connect(
      new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      }),
    );
    clients.push(made);
    return made;
  };

  beforeAll(async () => {
    model = await scriptedModel({ reply: 'Everybody has 28 days of leave a year. [1]' });
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: key,
      ANSWER_THRESHOLD: '0',
      OPENAI_API_BASE: model.url,
      EMBEDDING_DRIVER: 'none',
    });
    const files = [{ filename: 'leave.md', content: '# Leave\n\nEverybody has 28 days of leave a year.' }];
    const authorization = { authorization: `Bearer ${key}` };
    const { body } = await app.call<{ task_id: string }>('POST', '/agent/ingest', { files }, authorization);
    await app.call('GET', `/agent/status/${body.task_id}?wait=30`, undefined, authorization);
  }, 180_000);
  afterAll(async () => {
    for (const client of clients) await client.close();
    await app.close();
    await model.close();
  });

  it('report a rising progress, so that the client keeps waiting', async () => {
    const told: { progress: number }[] = [];
    const held = model.hold('chat');
    const client = await connect();
    const question = 'How many days of leave are there?';
    const answer = await client.callTool({ name: 'ask', arguments: { question } }, undefined, {
      // renewed by each notification: the call takes longer
      timeout: 8000,
      resetTimeoutOnProgress: true,
      onprogress: (progress) => {
        told.push(progress);
        if (told.length === 3) held.release();
      },
    });
    expect(answer).toMatchObject({ structuredContent: { answered: true } });
    expect(told).toMatchObject([
      { progress: 1, message: 'begun' },
      { progress: 2, message: 'still working' },
      { progress: 3, message: 'still working' },
    ]);
  });

  it('stop with their work when their client cancels them, while those of other clients go on', async () => {
    const held = model.hold('chat');
    model.forget();
    // each client counts its requests by itself, so that both calls have the same id
    const [first, second] = [await connect(), await connect()];
    const cancelled = new AbortController();
    const ask = (by: Client, question: string, signal?: AbortSignal) =>
      by.callTool({ name: 'ask', arguments: { question } }, undefined, { ...(signal && { signal }) });
    const given = ask(first, 'How many days of leave has everybody?', cancelled.signal);
    await model.received('chat', 1);
    const kept = ask(second, 'Who has 28 days of leave a year?');
    await model.received('chat', 2);
    cancelled.abort('enough');
    await expect(given).rejects.toThrow('enough');
    await model.until(() => model.requests('chat')[0]?.aborted === true);
    held.release();
    expect(await kept).toMatchObject({ structuredContent: { answered: true } });
    expect(model.requests('chat')[1]?.aborted).toBe(false);
  });
});
