import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { bootApp, type TestApp } from '../app.js';

const key = 'a-key-for-a-client-of-the-mcp-server-001';

interface ToolAnswer {
  isError?: boolean;
  content: { type: string; text?: string; uri?: string; name?: string }[];
  structuredContent: Record<string, unknown>;
}

describe('the MCP server, asked by the official client', () => {
  let app: TestApp;
  let client: Client;
  const connect = async (credential: string): Promise<Client> => {
    const made = new Client({ name: 'test', version: '1' });
    await made.connect(
      new StreamableHTTPClientTransport(new URL(`${app.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${credential}` } },
      }),
    );
    return made;
  };
  const call = async (name: string, args: Record<string, unknown>): Promise<ToolAnswer> =>
    (await client.callTool({ name, arguments: args })) as unknown as ToolAnswer;

  beforeAll(async () => {
    app = await bootApp({ AUTH: 'required', API_KEYS: key });
    const authorization = { authorization: `Bearer ${key}` };
    const files = [
      { filename: 'leave.md', content: '# Leave\n\nEverybody has 28 days of leave a year.' },
      { filename: 'travel.md', content: '# Travel\n\nNight trains are paid in the second class.' },
    ];
    const { body } = await app.call<{ task_id: string }>('POST', '/agent/ingest', { files }, authorization);
    await app.call('GET', `/agent/status/${body.task_id}?wait=30`, undefined, authorization);
    client = await connect(key);
  }, 180_000);
  afterAll(async () => {
    await client?.close();
    await app.close();
  });

  it('offers five tools that only read', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'search',
      'ask',
      'list_documents',
      'read_document',
      'summarize',
    ]);
    for (const { annotations, outputSchema, description } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true });
      expect(outputSchema).toMatchObject({ type: 'object' });
      expect(description).not.toBe('');
    }
  });

  it('answers with checked quotes and links to the document, which can be read', async () => {
    const answer = await call('ask', { question: 'How many days of leave are there?' });
    expect(answer.structuredContent).toMatchObject({
      answered: true,
      answer: expect.stringContaining('28 days'),
      citations: [{ verified: true, filename: 'leave.md' }],
    });
    const link = answer.content.find(({ type }) => type === 'resource_link');
    expect(link).toMatchObject({ name: 'leave.md' });
    const { contents } = await client.readResource({ uri: link?.uri ?? '' });
    expect(contents).toMatchObject([{ text: expect.stringContaining('28 days') }]);
  });

  it('finds, lists, reads and summarizes', async () => {
    const found = await call('search', { query: 'night trains', limit: 1 });
    expect(found.structuredContent).toMatchObject({ results: [{ metadata: { filename: 'travel.md' } }] });
    const listed = await call('list_documents', { name_contains: 'leave' });
    expect(listed.structuredContent).toMatchObject({
      documents: [{ filename: 'leave.md', status: 'ready' }],
      next_cursor: null,
    });
    const read = await call('read_document', { document: 'travel.md' });
    expect(read.structuredContent).toMatchObject({
      passages: [{ ordinal: 0, content: expect.stringContaining('second class') }],
      next_from: null,
    });
    const summary = await call('summarize', { document: 'leave.md' });
    expect(summary.structuredContent).toMatchObject({ summary: expect.stringContaining('28 days') });
  });

  it('says what is wrong with a call, and goes on', async () => {
    expect(await call('read_document', { document: 'none.md' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('not_found') }],
    });
    expect(await call('search', { query: 'x', limit: 1000 })).toMatchObject({ isError: true });
    const missing = 'docent://documents/0195f7a0-0000-7000-8000-000000000000';
    await expect(client.readResource({ uri: missing })).rejects.toMatchObject({ code: -32_002 });
    expect(await call('search', { query: 'x', document_set: '!!!' })).toMatchObject({ isError: true });
  });

  it('refuses requests without a key, and offers no streams', async () => {
    await expect(connect('wrong')).rejects.toMatchObject({ code: 401 });
    const { status, headers } = await app.call('GET', '/mcp', undefined, { 'x-api-key': key });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  const bridge = [
    '--disable-warning=ExperimentalWarning',
    '--import',
    './test/run-typescript.mjs',
    'test/docent.ts',
    'mcp',
  ];
  const bridgeEnv = () => ({
    ...(process.env as Record<string, string>),
    DOCENT_URL: app.url,
    DOCENT_TOKEN: key,
  });

  it('answers through the bridge what was asked before stdin was closed', async () => {
    const child = spawn(process.execPath, bridge, { env: bridgeEnv(), stdio: ['pipe', 'pipe', 'pipe'] });
    const call = { name: 'ask', arguments: { question: 'How many days of leave?' } };
    child.stdin.end(`${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: call })}\n`);
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect([JSON.parse(out), err]).toMatchObject([{ id: 7, result: { content: expect.any(Array) } }, '']);
  });

  it('is available over stdin and stdout through the bridge', async () => {
    const local = new Client({ name: 'test', version: '1' });
    await local.connect(
      new StdioClientTransport({ command: process.execPath, args: bridge, env: bridgeEnv() }),
    );
    const { tools } = await local.listTools();
    expect(tools).toHaveLength(5);
    expect(
      await local.callTool({ name: 'ask', arguments: { question: 'How many days of leave?' } }),
    ).toMatchObject({
      structuredContent: { answered: true },
    });
    await local.close();
  });

  it('takes one message in a request, so that each counts against the limits', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { status, body } = await app.call('POST', '/mcp', [message, { ...message, id: 2 }], {
      authorization: `Bearer ${key}`,
      accept: 'application/json, text/event-stream',
    });
    expect([status, body]).toMatchObject([422, { code: 'validation_failed' }]);
  });

  it('refuses a body that is not a message', async () => {
    for (const body of [{}, { jsonrpc: '2.0' }, 'x']) {
      const { status } = await app.call('POST', '/mcp', body, {
        'x-api-key': key,
        accept: 'application/json, text/event-stream',
      });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });
});
