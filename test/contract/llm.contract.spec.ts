import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Problem } from '../../src/common/errors.js';
import { loadEnv } from '../../src/config/env.js';
import {
  isContextOverflow,
  type ChatModel,
  type ChatReply,
  type ChatRequest,
} from '../../src/platform/llm/llm.js';
import { OfflineChatModel } from '../../src/platform/llm/offline.js';
import { OpenAiChatModel } from '../../src/platform/llm/openai.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { type ScriptedModel, scriptedModel } from '../scripted-llm.js';
import type { Fault } from '../scripted-llm/faults.js';
import { imagesIn } from '../scripted-llm/protocol.js';

const asking = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [{ role: 'user', content }],
  ...more,
});
const searchTool = {
  name: 'search_documents',
  description: 'Searches.',
  parameters: { type: 'object', properties: { query: { type: 'string' } } },
};

async function collect(
  stream: AsyncGenerator<string, ChatReply, void>,
): Promise<{ pieces: string[]; reply: ChatReply }> {
  const pieces: string[] = [];
  for (;;) {
    const step = await stream.next();
    if (step.done) return { pieces, reply: step.value };
    pieces.push(step.value);
  }
}

describe('llm: openai', () => {
  let server: ScriptedModel;
  let metrics: Metrics;
  let model: ChatModel;

  const open = (
    settings: Record<string, string> = {},
    options: { silenceMs?: number; halfOpenMs?: number } = {},
  ): ChatModel => {
    const env = loadEnv({
      OPENAI_API_BASE: server.url,
      OPENAI_MODEL: 'scripted',
      OPENAI_VISION_MODEL: 'scripted-vision',
      ...settings,
    });
    return new OpenAiChatModel(env, { metrics, backoffMs: 5, ...options });
  };
  const gauge = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? [];

  beforeEach(async () => {
    server = await scriptedModel();
    metrics = new Metrics();
    model = open();
  });
  afterEach(async () => {
    await model.close();
    await server.close();
  });

  describe('a whole answer', () => {
    it('holds the text and the tokens spent, and the request is sent as given', async () => {
      server.reply({ content: '25 days.', usage: { prompt_tokens: 11, completion_tokens: 3 } });
      const reply = await model.complete({
        ...asking('How long is leave?'),
        maxTokens: 77,
        temperature: 0.5,
        json: true,
      });
      expect(reply).toEqual({
        content: '25 days.',
        toolCalls: [],
        truncated: false,
        tokens: { prompt: 11, completion: 3 },
      });
      expect(server.requests('chat')[0]?.body).toMatchObject({
        model: 'scripted',
        messages: [{ role: 'user', content: 'How long is leave?' }],
        max_tokens: 77,
        temperature: 0.5,
        response_format: { type: 'json_object' },
      });
      expect(await gauge('llm_tokens_total')).toEqual([
        expect.objectContaining({ labels: { kind: 'prompt' }, value: 11 }),
        expect.objectContaining({ labels: { kind: 'completion' }, value: 3 }),
      ]);
    });

    it('sends the key only where there is one', async () => {
      await model.complete(asking('x'));
      const keyed = open({ OPENAI_API_KEY: 'sk-test' });
      await keyed.complete(asking('x'));
      expect(server.requests('chat').map((request) => request.headers['authorization'])).toEqual([
        undefined,
        'Bearer sk-test',
      ]);
    });

    it('carries the calls of offered tools, and their results back', async () => {
      server.reply({
        content: null,
        toolCalls: [{ id: 'c1', name: 'search_documents', arguments: { query: 'leave' } }],
      });
      const reply = await model.complete(asking('x', { tools: [searchTool] }));
      expect(reply.toolCalls).toEqual([
        { id: 'c1', name: 'search_documents', arguments: '{"query":"leave"}' },
      ]);
      await model.complete({
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: '', toolCalls: reply.toolCalls },
          { role: 'tool', content: '25 days', toolCallId: 'c1' },
        ],
      });
      expect(server.requests('chat')[1]?.body.messages?.slice(1)).toEqual([
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            {
              id: 'c1',
              type: 'function',
              function: { name: 'search_documents', arguments: '{"query":"leave"}' },
            },
          ],
        },
        { role: 'tool', content: '25 days', tool_call_id: 'c1' },
      ]);
    });

    it('reads images with the vision model, as data URLs', async () => {
      const image = { mediaType: 'image/png' as const, data: Uint8Array.from([137, 80, 78, 71]) };
      await model.complete({
        messages: [{ role: 'user', content: 'Read it.', images: [image] }],
        vision: true,
      });
      const body = server.requests('chat')[0]?.body;
      expect(body?.model).toBe('scripted-vision');
      expect(body && imagesIn(body)).toBe(1);
      expect(JSON.stringify(body)).toContain('data:image/png;base64,iVBORw==');
    });

    it('cannot read images without a vision model', async () => {
      const blind = open({ OPENAI_VISION_MODEL: '' });
      expect(blind.visionModel).toBeNull();
      await expect(blind.complete(asking('x', { vision: true }))).rejects.toMatchObject({
        code: 'vision_unavailable',
      });
    });

    it('says when the answer was cut at the token limit', async () => {
      server.reply({ content: 'Half of', finishReason: 'length' });
      expect((await model.complete(asking('x'))).truncated).toBe(true);
    });
  });

  describe('a stream', () => {
    it('gives the pieces as they come and ends with the whole reply', async () => {
      server.reply({ content: 'Leave is 25 days.', usage: { prompt_tokens: 9, completion_tokens: 5 } });
      const { pieces, reply } = await collect(model.stream(asking('x')));
      expect(pieces).toEqual(['Leave ', 'is ', '25 ', 'days.']);
      expect(reply).toEqual({
        content: 'Leave is 25 days.',
        toolCalls: [],
        truncated: false,
        tokens: { prompt: 9, completion: 5 },
      });
    });

    it('gives the first piece before the last one has come', async () => {
      server.reply({ content: 'slow answer', pieces: ['slow ', 'answer'], pieceDelayMs: 150 });
      const start = performance.now();
      const stream = model.stream(asking('x'));
      expect((await stream.next()).value).toBe('slow ');
      const first = performance.now() - start;
      await collect(stream);
      expect(performance.now() - start - first).toBeGreaterThan(100);
    });

    it('puts tool calls together', async () => {
      server.reply({
        content: null,
        toolCalls: [{ id: 'c1', name: 'search_documents', arguments: { query: 'leave' } }],
      });
      const { pieces, reply } = await collect(model.stream(asking('x', { tools: [searchTool] })));
      expect(pieces).toEqual([]);
      expect(reply.toolCalls).toEqual([
        { id: 'c1', name: 'search_documents', arguments: '{"query":"leave"}' },
      ]);
    });

    it('cancels the request when the caller goes away', async () => {
      server.reply({ content: 'a b c d e f', pieceDelayMs: 50 });
      const leaving = new AbortController();
      const stream = model.stream(asking('x', { signal: leaving.signal }));
      await stream.next();
      leaving.abort();
      await expect(collect(stream)).rejects.toMatchObject({ code: 'cancelled' });
      await server.until(() => server.requests('chat')[0]?.aborted === true);
    });

    it('cancels the request when the reader stops reading', async () => {
      server.reply({ content: 'a b c d e f', pieceDelayMs: 50 });
      for await (const piece of model.stream(asking('x'))) {
        expect(piece).toBe('a ');
        break;
      }
      await server.until(() => server.requests('chat')[0]?.aborted === true);
    });

    it('tries again before the first word, never after it', async () => {
      server.fault('chat', { kind: 'reset' }).fault('chat', { kind: 'server_error' });
      expect((await collect(model.stream(asking('x')))).reply.content).toBe('Scripted answer.');
      expect(server.requests('chat')).toHaveLength(3);
      server.forget();
      server.reply('one two three').fault('chat', { kind: 'cut_stream', pieces: 2 });
      const stream = model.stream(asking('x'));
      expect((await stream.next()).value).toBe('one ');
      await expect(collect(stream)).rejects.toMatchObject({ code: 'upstream_unavailable' });
      expect(server.requests('chat')).toHaveLength(1);
    });

    it.each<[string, Fault, string]>([
      ['ends without having finished', { kind: 'cut_stream', pieces: 1, how: 'end' }, 'upstream_invalid'],
      ['sends what is not JSON', { kind: 'broken_stream', pieces: 1 }, 'upstream_invalid'],
      ['sends an error as an event', { kind: 'error_in_stream', pieces: 1 }, 'upstream_unavailable'],
      ['is cut in the middle of an event', { kind: 'reset_midway', pieces: 1 }, 'upstream_unavailable'],
    ])('that %s fails with a code of the catalogue', async (_what, fault, code) => {
      server.fault('chat', { ...fault, times: Infinity });
      await expect(collect(model.stream(asking('x')))).rejects.toMatchObject({ code });
    });

    it('that falls silent is aborted, before and after the first word', async () => {
      const impatient = open({}, { silenceMs: 100 });
      server.fault('chat', { kind: 'stall', pieces: 0, times: 2 });
      await expect(collect(impatient.stream(asking('x')))).rejects.toMatchObject({
        code: 'upstream_timeout',
      });
      server.reply('one two three').fault('chat', { kind: 'stall', pieces: 1 });
      const stream = impatient.stream(asking('x'));
      expect((await stream.next()).value).toBe('one ');
      await expect(stream.next()).rejects.toMatchObject({ code: 'upstream_timeout' });
      await server.until(() => server.requests('chat').every((request) => request.aborted));
    });

    it('that drips or never ends is aborted at the time limit of a call', async () => {
      const brief = open({ LLM_TIMEOUT_SECONDS: '1' });
      server.fault('chat', { kind: 'slow_drip', times: 5 });
      const start = performance.now();
      await expect(collect(brief.stream(asking('x')))).rejects.toMatchObject({ code: 'upstream_timeout' });
      expect(performance.now() - start).toBeLessThan(2_500);
    });

    it('that never ends is cut at the size that the token limit allows', async () => {
      server.fault('chat', { kind: 'endless', pieces: 1 });
      const { reply } = await collect(model.stream(asking('x', { maxTokens: 20 })));
      expect(reply.truncated).toBe(true);
      expect(reply.content.length).toBe(320);
      await server.until(() => server.requests('chat')[0]?.aborted === true);
    });
  });

  const ways: [string, (request: ChatRequest) => Promise<ChatReply>][] = [
    ['whole', (request) => model.complete(request)],
    ['streamed', async (request) => (await collect(model.stream(request))).reply],
  ];
  describe.each(ways)('misbehaviour, %s', (_way, ask) => {
    it('waits as long as a 429 says, then succeeds', async () => {
      server.fault('chat', { kind: 'rate_limited', retryAfter: 1 });
      const start = performance.now();
      expect((await ask(asking('x'))).content).toBe('Scripted answer.');
      expect(performance.now() - start).toBeGreaterThanOrEqual(1_000);
    });

    it('does not wait longer than the call may take, and says how long the server asked for', async () => {
      server.fault('chat', { kind: 'rate_limited', retryAfter: 3_600 });
      await expect(ask(asking('x'))).rejects.toMatchObject({
        code: 'upstream_rate_limited',
        retryAfter: 3_600,
      });
    });

    it.each<[string, Fault]>([
      ['500', { kind: 'server_error', times: 2 }],
      ['a reset', { kind: 'reset', times: 2 }],
      ['garbage', { kind: 'garbage' }],
      ['an empty answer', { kind: 'empty_answer' }],
      ['a tool call where none was offered', { kind: 'unasked_tools' }],
      ['an answer cut off', { kind: 'truncated_json' }],
    ])('survives %s', async (_what, fault) => {
      server.fault('chat', fault);
      expect((await ask(asking('x'))).content).toBe('Scripted answer.');
    });

    it.each<[string, Fault, string]>([
      ['429', { kind: 'rate_limited' }, 'upstream_rate_limited'],
      ['500', { kind: 'server_error' }, 'upstream_unavailable'],
      ['a reset', { kind: 'reset' }, 'upstream_unavailable'],
      ['garbage', { kind: 'garbage' }, 'upstream_invalid'],
      ['an empty answer', { kind: 'empty_answer' }, 'upstream_invalid'],
      ['a tool call where none was offered', { kind: 'unasked_tools' }, 'upstream_invalid'],
      ['a wrong key', { kind: 'rejected', status: 401 }, 'upstream_rejected'],
      ['an unknown model', { kind: 'rejected', status: 404 }, 'upstream_rejected'],
    ])('that lasts, %s, is a code of the catalogue, within 5 s', async (_what, fault, code) => {
      server.fault('chat', { ...fault, times: Infinity });
      const start = performance.now();
      await expect(ask(asking('x'))).rejects.toMatchObject({ name: 'Problem', code });
      expect(performance.now() - start).toBeLessThan(5_000);
      expect(server.requests('chat').length).toBeLessThanOrEqual(4);
    });

    it('text beside an unasked tool call is the answer, the call is dropped', async () => {
      server.fault('chat', { kind: 'unasked_tools', content: '25 days.' });
      expect(await ask(asking('x'))).toMatchObject({ content: '25 days.', toolCalls: [] });
    });

    it('hanging ends with the time that the caller gives', async () => {
      server.fault('chat', { kind: 'hang', times: Infinity });
      await expect(ask(asking('x', { timeoutSeconds: 0.2 }))).rejects.toMatchObject({
        code: 'upstream_timeout',
      });
      await server.until(() => server.requests('chat').every((request) => request.aborted));
    });

    it('is aborted at once by the signal of the caller', async () => {
      server.fault('chat', { kind: 'hang' });
      const leaving = new AbortController();
      const answer = ask(asking('x', { signal: leaving.signal }));
      const failed = expect(answer).rejects.toMatchObject({ code: 'superseded' });
      await server.received('chat');
      leaving.abort(new Problem('superseded'));
      await failed;
      await expect(ask(asking('x', { signal: leaving.signal }))).rejects.toMatchObject({
        code: 'superseded',
      });
      expect(server.requests('chat')).toHaveLength(1);
    });

    it('a prompt that is too long can be told apart from other refusals', async () => {
      server.fault('chat', { kind: 'context_length' }).fault('chat', { kind: 'rejected' });
      const tooLong = await ask(asking('x')).catch((error: unknown) => error);
      expect(tooLong).toMatchObject({ code: 'upstream_rejected' });
      expect(isContextOverflow(tooLong)).toBe(true);
      expect(isContextOverflow(await ask(asking('x')).catch((error: unknown) => error))).toBe(false);
    });

    it('a parameter that the server does not know is left out from then on', async () => {
      const knows = (field: string, other: string): Fault => ({
        kind: 'rejected',
        message: `Unsupported parameter: '${field}' is not supported with this model. Use '${other}' instead.`,
        times: Infinity,
        when: (body) => field in body,
      });
      server
        .fault('chat', knows('max_tokens', 'max_completion_tokens'))
        .fault('chat', knows('temperature', 'nothing'));
      expect((await ask(asking('x', { maxTokens: 50 }))).content).toBe('Scripted answer.');
      await ask(asking('y'));
      expect(server.requests('chat')).toHaveLength(4);
      expect(server.requests('chat')[3]?.body).toMatchObject({ max_completion_tokens: 1024 });
      expect(server.requests('chat')[3]?.body).not.toHaveProperty('temperature');
    });
  });

  it('an endless whole answer ends with the time of the call', async () => {
    server.fault('chat', { kind: 'endless', intervalMs: 20 });
    await expect(model.complete(asking('x', { timeoutSeconds: 0.3 }))).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
    await server.until(() => server.requests('chat')[0]?.aborted === true);
  });

  it('stops calling a failing server after five outages, then tries one call', async () => {
    const guarded = open({}, { halfOpenMs: 300 });
    server.fault('chat', { kind: 'server_error', times: 5 });
    await expect(guarded.complete(asking('a'))).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await expect(guarded.complete(asking('b'))).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(await gauge('circuit_breaker_state')).toEqual([
      expect.objectContaining({ labels: { name: 'llm' }, value: 2 }),
    ]);
    const asked = server.requests('chat').length;
    await expect(guarded.complete(asking('c'))).rejects.toMatchObject({
      code: 'upstream_unavailable',
      retryAfter: 1,
    });
    expect(server.requests('chat')).toHaveLength(asked);
    const end = performance.now() + 5_000;
    while (performance.now() < end && (await guarded.complete(asking('d')).catch(() => null)) === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await guarded.complete(asking('e'))).content).toBe('Scripted answer.');
    expect(await gauge('circuit_breaker_state')).toEqual([expect.objectContaining({ value: 0 })]);
  });

  it('is pinged, and says so when it is away or refuses the key', async () => {
    await model.ping();
    server.fault('models', { kind: 'rejected', status: 401 });
    await expect(model.ping()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    server.fault('models', { kind: 'rejected', status: 404 });
    await model.ping();
    await server.close();
    await expect(model.ping()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await expect(model.complete(asking('x'))).rejects.toMatchObject({
      code: 'upstream_unavailable',
      retryable: true,
    });
  });

  it('ends streams that nobody reads any more when it is closed', async () => {
    server.reply({ content: 'a b c d e f', pieceDelayMs: 50 });
    const stream = model.stream(asking('x'));
    await stream.next();
    await model.close();
    await server.until(() => server.requests('chat')[0]?.aborted === true);
    await expect(stream.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ends a stream that has come whole and is not read when it is closed', async () => {
    const stream = model.stream(asking('x'));
    await stream.next();
    await server.until(() => server.requests('chat')[0]?.answered === true);
    await model.close();
    await expect(collect(stream)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('ends running calls when it is closed', async () => {
    server.fault('chat', { kind: 'hang' });
    const failed = expect(model.complete(asking('x'))).rejects.toMatchObject({ code: 'cancelled' });
    await server.received('chat');
    await model.close();
    await failed;
  });
});

describe('llm: offline', () => {
  it('has no model and refuses to be asked', async () => {
    const model = new OfflineChatModel();
    expect([model.model, model.visionModel]).toEqual([null, null]);
    await expect(model.complete(asking('x'))).rejects.toMatchObject({
      code: 'upstream_rejected',
      retryable: false,
    });
    await expect(model.complete(asking('x', { vision: true }))).rejects.toMatchObject({
      code: 'vision_unavailable',
    });
    await expect(collect(model.stream(asking('x')))).rejects.toMatchObject({ code: 'upstream_rejected' });
    await model.ping();
    await model.close();
  });
});
