import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { bootApp, type TestApp } from '../app.js';
import { scriptedModel, type ScriptedModel } from '../scripted-llm.js';

const key = 'a-key-for-clients-of-the-openai-api-001';
const question = 'How many days of leave are there?';

interface Extension {
  docent: {
    answered: boolean;
    citations: { quote: string; verified: boolean; filename: string; document_id: string }[];
  };
}

describe('the OpenAI-compatible API, asked by the official client', () => {
  let app: TestApp;
  let models: ScriptedModel;
  let client: OpenAI;
  beforeAll(async () => {
    models = await scriptedModel();
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: key,
      OPENAI_API_BASE: models.url,
      LLM_DRIVER: 'offline',
      OPENAI_EMBEDDING_MODEL: 'scripted',
      OPENAI_EMBEDDING_DIMENSIONS: '64',
      QUOTA_TOKENS_PER_DAY: '20000',
    });
    client = new OpenAI({ apiKey: key, baseURL: `${app.url}/v1`, maxRetries: 0 });
    const authorization = { authorization: `Bearer ${key}` };
    for (const [document_set, filename, content] of [
      ['handbook', 'leave.md', '# Leave\n\nEverybody has 28 days of leave a year.'],
      ['travel', 'travel.md', '# Travel\n\nNight trains are paid in the second class.'],
    ]) {
      const { body } = await app.call<{ task_id: string }>(
        'POST',
        '/agent/ingest',
        { document_set, files: [{ filename, content }] },
        authorization,
      );
      await app.call('GET', `/agent/status/${body.task_id}?wait=30`, undefined, authorization);
    }
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await models.close();
  });

  it('lists a model for everything and one for each set', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['docent', 'docent/handbook', 'docent/travel']);
    expect(await client.models.retrieve('docent')).toMatchObject({ id: 'docent', object: 'model' });
    const { status } = await app.call('GET', '/v1/models/docent/handbook', undefined, { 'x-api-key': key });
    expect(status).toBe(200);
  });

  it('answers with annotations, and with quotes in its own field', async () => {
    const completion = await client.chat.completions.create({
      model: 'docent',
      temperature: 0.2,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: question }] },
      ],
    });
    const [choice] = completion.choices;
    expect(choice).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(choice?.message.content).toContain('28 days');
    const { docent } = completion as unknown as Extension;
    expect(docent).toMatchObject({
      answered: true,
      citations: [{ verified: true, filename: 'leave.md', quote: expect.stringContaining('28 days') }],
    });
    const [annotation] = choice?.message.annotations ?? [];
    const { start_index, end_index, title, url } = annotation?.url_citation ?? {};
    expect(title).toBe('leave.md');
    expect(annotation?.url_citation).toMatchObject({
      quote: expect.stringContaining('28 days'),
      page: null,
      verified: true,
    });
    expect(choice?.message.content?.slice(start_index, end_index)).toBe('[1]');
    const file = await fetch(url ?? '', { headers: { 'x-api-key': key } });
    expect(await file.text()).toContain('28 days');
    expect(completion.usage?.total_tokens).toEqual(expect.any(Number));
  });

  it('asks one set alone, and takes earlier turns for a history', async () => {
    const ask = (model: string) =>
      client.chat.completions.create({
        model,
        messages: [
          { role: 'user', content: 'Tell me about leave.' },
          { role: 'assistant', content: 'What do you want to know?' },
          { role: 'user', content: question },
        ],
      });
    expect((await ask('docent/handbook')).choices[0]?.message.content).toContain('28 days');
    expect((await ask('docent/travel')).choices[0]?.message.content).not.toContain('28 days');
  });

  it('streams pieces of text, then the citations, then the usage', async () => {
    const stream = await client.chat.completions.create({
      model: 'docent',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: question }],
    });
    const pieces = [];
    for await (const piece of stream) pieces.push(piece);
    const text = pieces.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    expect(text).toContain('28 days');
    expect(pieces[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant' });
    const ending = pieces.find(({ choices }) => choices[0]?.finish_reason === 'stop');
    expect(ending).toMatchObject({ docent: { answered: true, citations: [{ verified: true }] } });
    expect(pieces.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(new Set(pieces.map(({ id }) => id)).size).toBe(1);
  });

  it('gives vectors, as numbers and as base64', async () => {
    const texts = ['leave', 'trains'];
    // the client asks for base64 by itself and decodes it
    const packed = await client.embeddings.create({ model: 'docent', input: texts });
    const plain = await client.embeddings.create({
      model: 'scripted',
      input: texts,
      encoding_format: 'float',
    });
    expect(plain.data.map(({ embedding }) => embedding.length)).toEqual([64, 64]);
    for (const [place, { embedding }] of packed.data.entries())
      for (const [axis, value] of embedding.entries())
        expect(value).toBeCloseTo(plain.data[place]?.embedding[axis] ?? Number.NaN, 5);
  });

  it.each([
    [
      'an unknown model',
      { model: 'gpt-5', messages: [{ role: 'user', content: 'x' }] },
      404,
      'model_not_found',
    ],
    [
      'an unknown set',
      { model: 'docent/none', messages: [{ role: 'user', content: 'x' }] },
      404,
      'model_not_found',
    ],
    [
      'no question',
      { model: 'docent', messages: [{ role: 'system', content: 'x' }] },
      422,
      'validation_failed',
    ],
    ['no messages', { model: 'docent' }, 422, 'validation_failed'],
  ])('refuses %s in the form of that API', async (_name, body, status, code) => {
    const answer = await app.call<{ error: Record<string, unknown> }>('POST', '/v1/chat/completions', body, {
      'x-api-key': key,
    });
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  it('names the message whose question is empty', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: null },
    ];
    const body = { model: 'docent', messages };
    const answer = await app.call('POST', '/v1/chat/completions', body, { 'x-api-key': key });
    expect(answer).toMatchObject({ status: 422, body: { error: { param: 'messages.1.content' } } });
  });

  it('refuses a wrong key as that API does', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${app.url}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('accepts as many texts at once as that API does, and reports a larger request', async () => {
    const embed = (input: unknown) =>
      app.call<{ error: { message: string } }>(
        'POST',
        '/v1/embeddings',
        { model: 'docent', input },
        {
          'x-api-key': key,
        },
      );
    const many = await client.embeddings.create({
      model: 'docent',
      input: Array<string>(1000).fill('leave'),
    });
    expect(many.data.map(({ index }) => index)).toEqual([...Array(1000).keys()]);
    // each character of this script is a token
    const wide = await embed(Array<string>(4).fill('語'.repeat(80_000)));
    expect([wide.status, wide.body.error.message]).toEqual([422, expect.stringContaining('300000 tokens')]);
    for (const input of [[[1, 2]], [], '', Array(2049).fill('x'), 'x'.repeat(100_001)]) {
      const { status, body } = await embed(input);
      expect([status, body.error.message]).toEqual([422, expect.stringMatching(/^input: /)]);
    }
  });

  it('ends in the middle of a large request when the tokens of the day are spent', async () => {
    const input = Array<string>(40).fill('leave '.repeat(700));
    const answer = await app.call<{ error: { code: string } }>(
      'POST',
      '/v1/embeddings',
      { model: 'docent', input },
      {
        'x-api-key': key,
      },
    );
    expect([answer.status, answer.body.error.code]).toEqual([429, 'insufficient_quota']);
    const { body } = await app.call<{ tokens: { used: number } }>('GET', '/agent/quota', undefined, {
      'x-api-key': key,
    });
    expect(body.tokens.used).toBeGreaterThanOrEqual(20_000);
    expect(body.tokens.used).toBeLessThan(30_000);
  });
});
