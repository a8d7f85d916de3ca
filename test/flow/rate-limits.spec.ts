import { afterEach, describe, expect, it } from '@jest/globals';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { tokenIssuer } from '../token-issuer.js';

const keys = ['the-first-bootstrap-key-of-the-limits-01', 'the-second-bootstrap-key-of-the-limits-2'];

describe('the rate limit', () => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  const booted = async (env: Record<string, string>) => {
    const started = await bootApp({ RATE_LIMIT_MAX_REQUESTS: '3', RATE_LIMIT_WINDOW_SECONDS: '600', ...env });
    app = started;
    return async (path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> =>
      started.call(body === undefined ? 'GET' : 'POST', path, body, headers);
  };
  const statuses = async (times: number, call: () => Promise<Answer>): Promise<number[]> => {
    const answers: number[] = [];
    for (let round = 0; round < times; round++) answers.push((await call()).status);
    return answers;
  };

  it('accepts RATE_LIMIT_MAX_REQUESTS in RATE_LIMIT_WINDOW_SECONDS and states the remaining requests and when to retry', async () => {
    const call = await booted({});
    const first = await call('/agent/documents');
    expect([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      '3',
      '2',
    ]);
    expect(await statuses(3, () => call('/agent/documents'))).toEqual([200, 200, 429]);
    const refused = await call('/agent/documents');
    const told = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'].map((name) =>
      Number(refused.headers.get(name) ?? 'NaN'),
    );
    expect([refused.body['code'], told[0], told[1]]).toEqual(['rate_limited', 3, 0]);
    for (const seconds of told.slice(2)) expect(seconds > 590 && seconds <= 600).toBe(true);
  }, 180_000);

  it('starts again when the window is over', async () => {
    const call = await booted({ RATE_LIMIT_MAX_REQUESTS: '1', RATE_LIMIT_WINDOW_SECONDS: '1' });
    expect((await call('/agent/documents')).status).toBe(200);
    const deadline = Date.now() + 10_000;
    let last = 429;
    while (last === 429 && Date.now() < deadline) last = (await call('/agent/documents')).status;
    expect(last).toBe(200);
  }, 180_000);

  it('has separate budgets for searches, answers, uploads and other requests', async () => {
    const call = await booted({});
    const spend: [string, unknown?][] = [
      ['/agent/documents'],
      ['/agent/search', { prompt: 'a', answer: false }],
      ['/agent/sync', { prompt: 'a' }],
      ['/agent/ingest', { files: [{ filename: 'a.txt', content: 'a text' }] }],
    ];
    for (const [path, body] of spend)
      expect([path, (await statuses(4, () => call(path, {}, body))).map((status) => status < 300)]).toEqual([
        path,
        [true, true, true, false],
      ]);
  }, 180_000);

  it('counts each key for itself, and anonymous clients by the address that the proxy saw', async () => {
    const call = await booted({ AUTH: 'required', API_KEYS: keys.join(','), TRUST_PROXY: '1' });
    for (const key of keys)
      expect(await statuses(4, () => call('/agent/documents', { 'x-api-key': key }))).toEqual([
        200, 200, 200, 429,
      ]);
    // wrong keys: the client invents an address each, the proxy
    // adds the true one; one customer's IPv6 addresses are one
    const wrong = (address: string, invented: string) =>
      call('/agent/documents', { 'x-api-key': 'wrong', 'x-forwarded-for': `${invented}, ${address}` });
    let round = 0;
    expect(await statuses(5, () => wrong('198.51.100.7', `203.0.113.${round++}`))).toEqual([
      401, 401, 401, 401, 429,
    ]);
    expect(await statuses(5, () => wrong(`2001:db8:0:7::${(round++).toString(16)}`, '::1'))).toEqual([
      401, 401, 401, 401, 429,
    ]);
    expect((await wrong('198.51.100.8', '198.51.100.7')).status).toBe(401);
  }, 180_000);

  it('accepts right credentials from an address that sent too many wrong ones, and bounds its guesses', async () => {
    const unused = 'a-bootstrap-key-that-nobody-has-used-yet-3';
    const call = await booted({ AUTH: 'required', API_KEYS: [...keys, unused].join(',') });
    const ask = async (key: string) => (await call('/agent/documents', { 'x-api-key': key })).status;
    expect(await ask(keys[0] ?? '')).toBe(200);
    // a client that was forgotten sends its old key again and again
    const old: number[] = [];
    for (let round = 0; round < 50; round++) old.push(await ask('the-key-of-last-year-that-was-revoked'));
    expect(old).toEqual([401, 401, 401, 401, ...Array<number>(46).fill(429)]);
    expect(await ask(keys[0] ?? '')).toBe(200);
    expect(await ask(keys[1] ?? '')).toBe(200);
    expect(await ask('the-key-of-nobody-that-begins-like-a-wrong-one')).toBe(429);
    const guesses = new Set<number>();
    for (let round = 0; round < 50; round++) guesses.add(await ask(`${round}-is-the-start-of-a-guess`));
    expect(guesses).toEqual(new Set([429]));
    // after so many only what was accepted before is told from a guess
    expect([await ask(unused), await ask(keys[0] ?? '')]).toEqual([429, 200]);
  }, 180_000);

  it('ignores forwarded addresses of untrusted peers, also for /metrics', async () => {
    const call = await booted({
      AUTH: 'required',
      API_KEYS: keys.join(','),
      TRUST_PROXY: 'true',
      METRICS_TOKEN: 'a-scrape-token-of-more-than-32-characters',
    });
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'x-forwarded-host'])
      expect([name, (await call('/metrics', { [name]: '127.0.0.1' })).status]).toEqual([name, 401]);
    expect(
      (
        await call('/metrics', {
          'x-forwarded-for': '203.0.113.9',
          authorization: 'Bearer a-scrape-token-of-more-than-32-characters',
        })
      ).status,
    ).toBe(200);
    expect((await call('/metrics')).status).toBe(200);
  }, 180_000);

  it('can be lifted for one key, by an administrator of the tenant default only', async () => {
    const issuer = await tokenIssuer();
    try {
      const call = await booted({
        AUTH: 'required',
        API_KEYS: keys[0] ?? '',
        JWT_ISSUERS: JSON.stringify([issuer.setting]),
        JWT_TENANT_CLAIM: 'org',
      });
      const wanted = { name: 'load test', scopes: ['read'], rate_limit: 5 };
      const foreign = `Bearer ${await issuer.token({ org: 'acme', scope: 'admin' })}`;
      expect(await call('/agent/keys', { authorization: foreign }, wanted)).toMatchObject({
        status: 403,
        body: { code: 'forbidden', detail: expect.stringContaining('rate_limit') },
      });
      const made = await call('/agent/keys', { 'x-api-key': keys[0] ?? '' }, wanted);
      expect(made).toMatchObject({ status: 201, body: { rate_limit: 5 } });
      const lifted = { 'x-api-key': String(made.body['key']) };
      expect((await call('/agent/documents', lifted)).headers.get('ratelimit-limit')).toBe('5');
      expect(await statuses(5, () => call('/agent/documents', lifted))).toEqual([200, 200, 200, 200, 429]);
    } finally {
      await issuer.close();
    }
  }, 180_000);
});
