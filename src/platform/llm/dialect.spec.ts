import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../common/errors.js';
import { Dialect } from './dialect.js';

const request = { messages: [{ role: 'user' as const, content: 'x' }] };
const refusal = (message: string) =>
  new Problem('upstream_rejected', undefined, { cause: new Error(message) });

describe('the dialect of a chat server', () => {
  it('asks the models that think first in their own way', () => {
    for (const model of ['gpt-5-mini', 'o3', 'openai/gpt-5']) {
      const body = new Dialect(model).body({ ...request, temperature: 0.3 }, 100, false);
      expect(body).toMatchObject({ max_completion_tokens: 100, reasoning_effort: 'low' });
      expect(body).not.toHaveProperty('temperature');
    }
    expect(new Dialect('llama-3').body(request, 100, false)).toMatchObject({
      max_tokens: 100,
      temperature: 0,
    });
  });

  it('leaves out what a server refuses by name, one parameter at a time', () => {
    const dialect = new Dialect('gpt-5-mini');
    const first = dialect.body({ ...request, json: true }, 100, true);
    expect(dialect.learn(refusal("Unknown parameter: 'stream_options'"), first)).toBe(true);
    expect(dialect.learn(refusal('reasoning_effort is not supported'), first)).toBe(true);
    expect(dialect.learn(refusal('response_format must be text'), first)).toBe(true);
    expect(Object.keys(dialect.body({ ...request, json: true }, 100, true)).sort()).toEqual([
      'max_completion_tokens',
      'messages',
      'model',
      'stream',
    ]);
  });

  it('switches to the other name of the token limit once only', () => {
    const dialect = new Dialect('llama-3');
    expect(dialect.learn(refusal('max_tokens is unknown'), dialect.body(request, 1, false))).toBe(true);
    expect(dialect.learn(refusal('max_completion_tokens is unknown'), dialect.body(request, 1, false))).toBe(
      false,
    );
  });

  it('ignores other failures, and refusals of parameters that were not sent', () => {
    const dialect = new Dialect('llama-3');
    const body = dialect.body(request, 1, false);
    expect(
      dialect.learn(
        new Problem('upstream_unavailable', undefined, { cause: new Error('temperature') }),
        body,
      ),
    ).toBe(false);
    expect(dialect.learn(refusal('stream_options'), body)).toBe(false);
    expect(dialect.learn(refusal('no such model'), body)).toBe(false);
  });
});
