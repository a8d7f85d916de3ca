import { describe, expect, it } from '@jest/globals';
import { connectionProblem, ContextOverflow, retryAfterSeconds, statusProblem } from './failures.js';

const error = (message: string, code = 'invalid_request_error') =>
  JSON.stringify({ error: { message, code } });

describe('failures of a model server', () => {
  it('reads Retry-After as seconds, as a date and in milliseconds, and ignores nonsense', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    expect(retryAfterSeconds({ 'retry-after': '12' }, now)).toBe(12);
    expect(retryAfterSeconds({ 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, now)).toBe(30);
    expect(retryAfterSeconds({ 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' }, now)).toBe(0);
    expect(retryAfterSeconds({ 'retry-after': '5', 'retry-after-ms': '250' }, now)).toBe(0.25);
    expect(retryAfterSeconds({ 'retry-after': 'soon' }, now)).toBeUndefined();
    expect(retryAfterSeconds({}, now)).toBeUndefined();
  });

  it.each([
    [429, 'upstream_rate_limited', true],
    [500, 'upstream_unavailable', true],
    [502, 'upstream_unavailable', true],
    [503, 'upstream_unavailable', true],
    [408, 'upstream_timeout', true],
    [504, 'upstream_timeout', true],
    [401, 'upstream_rejected', false],
    [404, 'upstream_rejected', false],
    [302, 'upstream_rejected', false],
  ])('takes status %d as %s', (status, code, retryable) => {
    expect(statusProblem(status, {}, 'x')).toMatchObject({ code, retryable });
  });

  it('does not repeat a used-up quota soon', () => {
    expect(
      statusProblem(429, {}, error('You exceeded your current quota', 'insufficient_quota')),
    ).toMatchObject({
      code: 'upstream_rate_limited',
      retryAfter: 600,
    });
  });

  it.each([
    error("This model's maximum context length is 8192 tokens", 'context_length_exceeded'),
    error('the request exceeds the available context size, try increasing it'),
    error('`inputs` must have less than 512 tokens. Given: 600'),
    error('batch size 64 > maximum allowed batch size 32'),
    '{"error":"Input is too long for this model"}',
    '{"detail":"input too long"}',
  ])('knows an input that is too long: %s', (body) => {
    expect(statusProblem(body.includes('batch') ? 422 : 400, {}, body)).toBeInstanceOf(ContextOverflow);
  });

  it('does not treat other refusals as a used-up quota', () => {
    expect(statusProblem(400, {}, error('Unknown parameter'))).not.toBeInstanceOf(ContextOverflow);
    expect(statusProblem(404, {}, error('no model with that context length'))).not.toBeInstanceOf(
      ContextOverflow,
    );
  });

  it("shows the error's word but never the server's sentence, which may repeat a key", () => {
    const problem = statusProblem(401, {}, error('Incorrect API key provided: sk-secret', 'invalid_api_key'));
    expect(problem.detail).toBe('The model server refused the request (401, invalid_api_key).');
    expect(statusProblem(400, {}, error('x', '<script>alert(1)</script>')).detail).toBe(
      'The model server refused the request (400).',
    );
  });

  it('takes a broken connection as unavailable, with its code', () => {
    expect(
      connectionProblem(
        Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:80'), { code: 'ECONNREFUSED' }),
      ),
    ).toMatchObject({
      code: 'upstream_unavailable',
      detail: 'The connection to the model server failed (ECONNREFUSED).',
    });
  });
});
