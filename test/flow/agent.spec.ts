import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';
import { readText, type RequestBody } from '../scripted-llm/protocol.js';

interface AgentAnswer {
  response: string;
  citations: { marker: string; quote: string; verified: boolean; filename: string; document_id: string }[];
  steps: { tool: string; arguments: unknown; result: string; ok: boolean }[];
  code?: string;
}

const handbook =
  '# Handbook\n\n## Leave\n\nEvery employee has 25 days of leave a year. Interns have 20 days.\n\n## Travel\n\nTrains are booked in second class.';
const leave = 'How many days of leave does an employee have?';

const run = (app: TestApp, prompt: string) => app.call<AgentAnswer>('POST', '/agent/sync', { prompt });
const start = async (app: TestApp, prompt: string) => {
  const { status, body } = await app.call<{ task_id: string }>('POST', '/agent/async', { prompt });
  expect(status).toBe(202);
  return app.ended(body.task_id);
};

describe('the agent without a model', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await bootApp();
    await app.uploaded({ 'handbook.md': handbook }, { document_set: 'hr' });
  }, 180_000);
  afterAll(() => app.close());

  it('answers in one pass, in the words of the documents', async () => {
    const { status, body } = await run(app, leave);
    expect(status).toBe(200);
    expect(body.response).toMatch(/Every employee has 25 days of leave a year\.[^]*\[1\]/);
    expect(body.citations).toMatchObject([{ marker: '[1]', verified: true, filename: 'handbook.md' }]);
    expect(body.steps).toMatchObject([{ tool: 'search_documents', ok: true }]);
  });

  it('says so when nothing was found', async () => {
    const { body } = await run(app, 'Which planets does the telescope in Chile observe?');
    expect(body).toMatchObject({ citations: [], response: expect.stringMatching(/no answer/u) });
  });

  it('answers in the background, with the sources', async () => {
    const task = await start(app, leave);
    expect(task).toMatchObject({
      status: 'SUCCESS',
      result: { answered: true, citations: [{ verified: true, filename: 'handbook.md' }] },
    });
    expect((task.result as { answer: string }).answer).toContain('25 days');
  });

  it.each([
    leave,
    'Do interns get leave?',
    'How many days may an employee be away each year?',
    'leave of interns per annum, please tell me in detail',
    'Which class is booked?',
    'Who leads the department of astronomy?',
  ])('decides in the background as a search does: %s', async (prompt) => {
    const { answer, answered } = await app.search(prompt);
    expect((await start(app, prompt)).result).toMatchObject({ answer, answered });
  });

  it('reports in the background when nothing was found', async () => {
    const task = await start(app, 'Which planets does the telescope in Chile observe?');
    expect(task).toMatchObject({ status: 'SUCCESS', result: { answered: false, citations: [] } });
  });

  it.each([{}, { prompt: '' }, { prompt: 'a', model: '../../other' }, { prompt: 'a', max_tokens: 1e9 }])(
    'refuses %j',
    async (body) => {
      for (const path of ['/agent/sync', '/agent/async']) {
        expect(await app.call('POST', path, body)).toMatchObject({
          status: 422,
          body: { code: 'validation_failed' },
        });
      }
    },
  );
});

describe('the agent with a model', () => {
  let app: TestApp;
  let model: ScriptedModel;
  beforeAll(async () => {
    model = await scriptedModel();
    app = await bootApp({ OPENAI_API_BASE: model.url, EMBEDDING_DRIVER: 'none', LLM_TIMEOUT_SECONDS: '2' });
    await app.uploaded(
      { 'handbook.md': handbook, 'menu.txt': 'Soup is served on Monday.' },
      { document_set: 'hr' },
    );
  }, 180_000);
  afterEach(() => {
    model.clearFaults();
    model.forget();
    model.reply(() => 'Scripted answer.');
  });
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  const lastResult = (body: RequestBody | undefined): string => {
    const turn = body?.messages?.findLast(({ role }) => role === 'tool');
    return turn ? readText(turn) : '';
  };

  it('uses its tools one after the other and cites what they gave', async () => {
    model
      .reply({ toolCalls: [{ name: 'list_documents', arguments: {} }] })
      .reply({ toolCalls: [{ name: 'search_documents', arguments: { query: 'days of leave' } }] })
      .reply({ toolCalls: [{ name: 'read_document', arguments: { document: 'handbook.md', from: 0 } }] })
      .reply({ toolCalls: [{ name: 'summarize_document', arguments: { document: 'menu.txt' } }] })
      .reply('An employee has 25 days of leave [1].');
    const { body } = await run(app, leave);
    expect(body.response).toBe('An employee has 25 days of leave [1].');
    expect(body.citations).toMatchObject([
      {
        marker: '[1]',
        verified: true,
        filename: 'handbook.md',
        quote: 'Every employee has 25 days of leave a year.',
      },
    ]);
    expect(body.steps.map(({ tool, ok }) => [tool, ok])).toEqual([
      ['list_documents', true],
      ['search_documents', true],
      ['read_document', true],
      ['summarize_document', true],
    ]);
    const results = model.requests('chat').map(({ body }) => lastResult(body));
    expect(results[1]).toContain('"filename":"handbook.md"');
    expect(results[2]).toMatch(
      /^<<<DATA [0-9a-f]{24}\n\[1\] handbook\.md[^]*25 days of leave[^]*DATA [0-9a-f]{24}>>>$/u,
    );
    expect(results[4]).toContain('Soup is served on Monday.');
  });

  it('searches for a model that answers from memory', async () => {
    model.reply('The capital is Paris.').reply('An employee has 25 days [1].');
    const { body } = await run(app, leave);
    expect(body.response).toBe('An employee has 25 days [1].');
    expect(body.steps).toMatchObject([{ tool: 'search_documents', ok: true }]);
  });

  it.each([
    ['an unknown tool', { name: 'delete_everything', arguments: {} }, /no tool/u],
    ['broken JSON', { name: 'search_documents', arguments: '{"query": ' }, /not valid JSON/u],
    ['wrong arguments', { name: 'search_documents', arguments: { query: 7 } }, /do not fit/u],
    [
      'a document that is not there',
      { name: 'read_document', arguments: { document: '../../etc/passwd' } },
      /not found/u,
    ],
    [
      'a tenant of its choosing',
      { name: 'search_documents', arguments: { query: 'leave', tenant: 'other' } },
      /25 days/u,
    ],
  ])('tells the model about %s and goes on', async (_, call, wanted) => {
    model.reply({ toolCalls: [call] }).reply('Done.');
    const { status, body } = await run(app, leave);
    expect(status).toBe(200);
    expect(body.response).toBe('Done.');
    expect(lastResult(model.requests('chat')[1]?.body)).toMatch(wanted);
  });

  it('ends after six rounds of tools', async () => {
    model.reply((body) =>
      body.tools
        ? { toolCalls: [{ name: 'search_documents', arguments: { query: 'leave' } }] }
        : 'Enough: 25 days [1].',
    );
    const { body } = await run(app, leave);
    expect(body.steps).toHaveLength(6);
    expect(body.response).toBe('Enough: 25 days [1].');
  });

  it('answers with its findings when its time is over, however many rounds are left', async () => {
    // two limits of 2 s for the run; each call stays below its own
    model.latencyMs = 1500;
    try {
      model.reply((body) =>
        body.tools
          ? { toolCalls: [{ name: 'search_documents', arguments: { query: 'leave' } }] }
          : 'Never said.',
      );
      const { status, body } = await run(app, leave);
      expect(status).toBe(200);
      expect(body.steps.length).toBeLessThanOrEqual(3);
      expect(body.response).toContain('25 days');
      expect(model.requests('chat').length).toBeLessThanOrEqual(3);
    } finally {
      model.latencyMs = 0;
    }
  });

  it('makes what the model writes harmless', async () => {
    model
      .reply({ toolCalls: [{ name: 'search_documents', arguments: { query: 'leave' } }] })
      .reply('25 days [1] [9] ![x](https://evil.example/p).');
    expect((await run(app, leave)).body.response).toBe('25 days [1]  x.');
  });

  it('stops when the client goes away', async () => {
    const held = model.hold('chat');
    const gone = new AbortController();
    const request = fetch(`${app.url}/agent/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: leave }),
      signal: gone.signal,
    });
    await model.received('chat');
    gone.abort();
    await expect(request).rejects.toThrow();
    await model.until(() => model.requests('chat')[0]?.aborted === true, 1000);
    held.release();
  });

  describe('that fails', () => {
    afterEach(async () => {
      model.clearFaults();
      // so that the circuit stays closed and the next fault is met, not the open circuit
      model.reply('25 days [1].');
      expect((await run(app, leave)).body.steps.length).toBeGreaterThan(0);
    });

    it.each([
      { kind: 'server_error', times: Infinity },
      { kind: 'rejected', status: 401, times: Infinity },
      { kind: 'garbage', times: Infinity },
      { kind: 'hang', times: Infinity },
      { kind: 'empty_answer', times: Infinity },
      { kind: 'no_choices', times: Infinity },
    ] as const)('answers without the model when the model does $kind', async (fault) => {
      model.fault('chat', fault);
      const { status, body } = await run(app, leave);
      expect(status).toBe(200);
      expect(body.response).toContain('25 days of leave');
    });

    it('keeps its findings when the model fails later', async () => {
      model.reply({
        toolCalls: [{ name: 'search_documents', arguments: { query: 'days of leave of an employee' } }],
      });
      model.fault('chat', {
        kind: 'rejected',
        times: Infinity,
        when: (body) => body.messages?.some(({ role }) => role === 'tool') === true,
      });
      const { body } = await run(app, leave);
      expect(body.response).toContain('25 days of leave');
      expect(body.steps).toHaveLength(1);
    });

    it('ends every task', async () => {
      model.fault('chat', { kind: 'server_error', times: Infinity });
      expect(await start(app, leave)).toMatchObject({ status: 'SUCCESS', result: { answered: true } });
    });
  });
});
