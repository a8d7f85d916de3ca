import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { loadEnv } from '../../src/config/env.js';
import { JwtVerifier } from '../../src/features/auth/jwt-verifier.js';
import { bootApp, type Answer, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';

const bootstrapKey = 'bootstrap-key-of-the-test-0123456789abcdef';
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;

describe('authentication', () => {
  let app: TestApp;
  let issuer: TokenIssuer;
  beforeAll(async () => {
    issuer = await tokenIssuer();
    app = await bootApp({
      AUTH: 'required',
      API_KEYS: bootstrapKey,
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      JWT_TENANT_CLAIM: 'org',
    });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    await issuer.close();
  });

  const as = (
    credential: string,
    method = 'GET',
    path = '/agent/documents',
    body?: unknown,
  ): Promise<Answer> => app.call(method, path, body, { authorization: `Bearer ${credential}` });
  const makeKey = async (fields: Record<string, unknown>) =>
    (await as(bootstrapKey, 'POST', '/agent/keys', { name: 'k', ...fields })).body as {
      id: string;
      key: string;
    };

  it('refuses every request without a credential, except health', async () => {
    const refused = await app.call('GET', '/agent/documents');
    expect([refused.status, refused.body['code'], refused.headers.get('www-authenticate')]).toEqual([
      401,
      'unauthenticated',
      'Bearer',
    ]);
    expect((await app.call('GET', '/health/live')).status).toBe(200);
    expect((await app.call('GET', '/health')).body).toEqual({ status: 'ok' });
    expect(
      (await app.call('GET', '/health', undefined, { authorization: `Bearer ${bootstrapKey}` })).body,
    ).toHaveProperty('details.database.status', 'up');
  });

  it('accepts a valid token and uses the tenant of its claim', async () => {
    const alpha = await issuer.token({ org: 'alpha' });
    const put = await fetch(`${app.url}/agent/documents/own/note.txt`, {
      method: 'PUT',
      body: 'a note of alpha',
      headers: { authorization: `Bearer ${alpha}` },
    });
    expect(put.status).toBe(202);
    expect((await as(alpha)).body['documents']).toHaveLength(1);
    expect((await as(await issuer.token({ org: 'beta' }))).body['documents']).toHaveLength(0);
  });

  it.each([
    ['nothing but a scheme', async () => ''],
    ['random text', async () => 'abc'],
    ['two tokens', async () => `${await issuer.token({ org: 'a' })}, ${await issuer.token({ org: 'a' })}`],
    [
      'alg none',
      async () =>
        `${base64url({ alg: 'none' })}.${base64url({ iss: issuer.issuer, aud: issuer.audience, sub: 'x', org: 'a', exp: seconds(60) })}.`,
    ],
    [
      'alg NoNe',
      async () =>
        `${base64url({ alg: 'NoNe' })}.${base64url({ iss: issuer.issuer, aud: issuer.audience, sub: 'x', org: 'a', exp: seconds(60) })}.`,
    ],
    [
      'HS256 with the public key as its secret',
      async () => {
        const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ iss: issuer.issuer, aud: issuer.audience, sub: 'x', org: 'a', exp: seconds(60) })}`;
        return `${text}.${createHmac('sha256', issuer.publicKey).update(text).digest('base64url')}`;
      },
    ],
    ['an unknown kid', () => issuer.token({ org: 'a' }, { kid: 'nope' })],
    [
      'a key address of its own',
      () => issuer.token({ org: 'a' }, { kid: 'nope', jku: 'http://127.0.0.1:9/keys' }),
    ],
    ['not yet valid', () => issuer.token({ org: 'a', nbf: seconds(3600) })],
    ['issued in the future', () => issuer.token({ org: 'a', iat: seconds(86_400) })],
    ['without an end', () => issuer.token({ org: 'a', exp: null })],
    ['of another issuer', () => issuer.token({ org: 'a', iss: 'https://evil.example' })],
    ['for another audience', () => issuer.token({ org: 'a', aud: 'somebody-else' })],
    ['without a subject', () => issuer.token({ org: 'a', sub: null })],
    ['with an empty subject', () => issuer.token({ org: 'a', sub: '' })],
    [
      'with a subject longer than any can be suspended',
      () => issuer.token({ org: 'a', sub: 'x'.repeat(256) }),
    ],
    ['with a subject that is no name', () => issuer.token({ org: 'a', sub: 'x\u0000y' })],
    ['without the tenant claim', () => issuer.token({})],
    ['with a tenant that is no name', () => issuer.token({ org: 'a/../b' })],
    ['a project key instead of a user', () => issuer.token({ org: 'a', role: 'service_role' })],
    ['a signature cut off', async () => (await issuer.token({ org: 'a' })).replace(/\.[^.]+$/, '.')],
    [
      'an edited payload',
      async () => {
        const [head = '', , signature = ''] = (await issuer.token({ org: 'a' })).split('.');
        return `${head}.${base64url({ iss: issuer.issuer, aud: issuer.audience, sub: 'root', org: 'a', exp: seconds(60) })}.${signature}`;
      },
    ],
    ['a compressed JWE', async () => `${base64url({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}.a.b.c.d`],
  ])('refuses a token: %s', async (_how, make) => {
    const { status, body, headers } = await app.call('GET', '/agent/documents', undefined, {
      authorization: `Bearer ${await make()}`,
    });
    expect([status, body['code'], headers.get('www-authenticate')]).toEqual([
      401,
      'unauthenticated',
      'Bearer',
    ]);
    expect(body['detail']).toBe(
      'A valid credential is needed. Send a valid key or token as `Authorization: Bearer …`.',
    );
  });

  it('says of an expired token that it has expired', async () => {
    expect((await as(await issuer.token({ org: 'a', exp: seconds(-61) }))).body['code']).toBe(
      'token_expired',
    );
    expect((await as(await issuer.token({ org: 'a', exp: seconds(-30) }))).status).toBe(200);
  });

  it.each([
    ['0', -5, 'token_expired'],
    ['120', -100, 'in'],
  ])('allows clocks to differ by JWT_LEEWAY_SECONDS: %s', async (JWT_LEEWAY_SECONDS, exp, outcome) => {
    const verifier = new JwtVerifier(
      loadEnv({ AUTH: 'required', JWT_ISSUERS: JSON.stringify([issuer.setting]), JWT_LEEWAY_SECONDS }),
    );
    const verified = verifier.verify(await issuer.token({ exp: seconds(exp) })).then(
      () => 'in',
      ({ code }: { code: string }) => code,
    );
    expect(await verified).toBe(outcome);
  });

  it('fetches the key set once for many unknown keys', async () => {
    const before = issuer.fetches();
    await Promise.all(
      Array.from({ length: 30 }, async () => as(await issuer.token({ org: 'a' }, { kid: 'no-such-key' }))),
    );
    expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
  });

  it('accepts a new key of an issuer, and refuses the former, once the key set is fetched again', async () => {
    const other = await tokenIssuer();
    const verifier = new JwtVerifier(
      loadEnv({ AUTH: 'required', JWT_ISSUERS: JSON.stringify([issuer.setting, other.setting]) }),
    );
    const old = await other.token();
    expect([await verifier.verify(old), await verifier.verify(await issuer.token())]).toEqual([
      expect.anything(),
      expect.anything(),
    ]);
    // one issuer's keys prove nothing in the name of another
    expect(await verifier.verify(await other.token({ iss: issuer.issuer, aud: issuer.audience }))).toBeNull();
    await other.rotate();
    const now = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 31_000);
    expect([await verifier.verify(await other.token()), await verifier.verify(old)]).toEqual([
      expect.anything(),
      null,
    ]);
    clock.mockRestore();
    await other.close();
  });

  it('reports an unreachable issuer instead of an invalid token', async () => {
    const away = await tokenIssuer();
    const token = await away.token();
    await away.close();
    const waiting = await bootApp({
      AUTH: 'required',
      JWT_ISSUERS: JSON.stringify([away.setting]),
      RATE_LIMIT_MAX_REQUESTS: '3',
    });
    const answers: Answer[] = [];
    for (let round = 0; round < 6; round++)
      answers.push(
        await waiting.call('GET', '/agent/documents', undefined, { authorization: `Bearer ${token}` }),
      );
    await waiting.close();
    expect(answers.map(({ status, body }) => `${status} ${String(body['code'])}`)).toEqual(
      Array(6).fill('503 issuer_unavailable'),
    );
    expect(answers[0]?.headers.get('retry-after')).toBe('2');
  }, 180_000);

  it.each([
    ['https://docent.example/tenant', { 'https://docent.example/tenant': 'acme' }],
    ['app_metadata.tenant', { app_metadata: { tenant: 'acme' } }],
    ['firebase.tenant', { firebase: { tenant: 'acme', sign_in_provider: 'password' } }],
  ])('finds the tenant in the claim %s', async (tenant_claim, claims) => {
    const setting = { ...issuer.setting, tenant_claim };
    const verifier = new JwtVerifier(loadEnv({ AUTH: 'required', JWT_ISSUERS: JSON.stringify([setting]) }));
    expect((await verifier.verify(await issuer.token(claims)))?.tenant).toBe('acme');
    expect(await verifier.verify(await issuer.token({ app_metadata: null }))).toBeNull();
  });

  it.each([
    ['no scope', {}, ['read', 'write']],
    ['an empty scope', { scope: '' }, []],
    ['identity scopes', { scope: 'openid profile email' }, ['read', 'write']],
    ['identity scopes and one of docent', { scope: 'openid read' }, ['read']],
    ['identity scopes and one of another service', { scope: 'openid mail.send' }, []],
    ['scopes of another service', { scope: 'mail.send' }, []],
  ])('gives a token with %s its rights', async (_, claims, scopes) => {
    const setting = JSON.stringify([{ ...issuer.setting, tenant_claim: 'org' }]);
    const verifier = new JwtVerifier(loadEnv({ AUTH: 'required', JWT_ISSUERS: setting }));
    expect((await verifier.verify(await issuer.token({ org: 'a', ...claims })))?.scopes).toEqual(scopes);
  });

  it('holds a principal to its scopes', async () => {
    const { key } = await makeKey({ scopes: ['read'] });
    expect((await as(key)).status).toBe(200);
    expect(
      (await as(key, 'POST', '/agent/ingest', { files: [{ filename: 'a.txt', content: 'a' }] })).body['code'],
    ).toBe('forbidden');
    expect((await as(key, 'GET', '/agent/keys')).body['code']).toBe('forbidden');
    expect(
      (await as(await issuer.token({ org: 'a', scope: 'read' }), 'DELETE', '/agent/documents/x')).body[
        'code'
      ],
    ).toBe('forbidden');
  });

  it('shows a key that is bound to sets nothing of other sets', async () => {
    await as(bootstrapKey, 'POST', '/agent/ingest', {
      files: [
        { filename: 'open.txt', content: 'open words', document_set: 'open' },
        { filename: 'closed.txt', content: 'closed words', document_set: 'closed' },
      ],
    });
    const { key } = await makeKey({ scopes: ['write'], document_sets: ['open'] });
    const listed = (await as(key)).body['documents'] as { filename: string; id: string }[];
    expect(listed.map(({ filename }) => filename)).toEqual(['open.txt']);
    expect((await as(key, 'GET', '/agent/documents?document_set=closed')).body['documents']).toEqual([]);
    expect((await as(key, 'DELETE', '/agent/documents/closed.txt')).status).toBe(404);
    expect(
      (
        await as(key, 'POST', '/agent/ingest', {
          document_set: 'closed',
          files: [{ filename: 'b.txt', content: 'b' }],
        })
      ).body['code'],
    ).toBe('forbidden');
  });

  it('refuses a revoked key within five seconds', async () => {
    const { key, id } = await makeKey({});
    expect((await as(key)).status).toBe(200);
    expect((await as(bootstrapKey, 'DELETE', `/agent/keys/${id}`)).status).toBe(200);
    await eventually(async () => expect((await as(key)).status).toBe(401), 5000);
    expect((await as(bootstrapKey, 'DELETE', `/agent/keys/${id}`)).status).toBe(404);
  });

  it('never lists a key itself', async () => {
    const { key } = await makeKey({ name: 'secret one' });
    expect(key).toMatch(/^dk_[\w-]{43}$/);
    expect((await makeKey({ name: 'secret one' })).key).not.toBe(key);
    const listed = await as(bootstrapKey, 'GET', '/agent/keys?limit=200');
    expect(JSON.stringify(listed.body)).not.toContain(key);
    expect(JSON.stringify(listed.body)).not.toContain('hash');
  });

  it('shows a key once, also for two requests with one idempotency key, and stores it nowhere', async () => {
    const headers = { authorization: `Bearer ${bootstrapKey}`, 'idempotency-key': 'make-one-key' };
    const make = () =>
      app.call<{ id: string; key: string | null }>('POST', '/agent/keys', { name: 'once' }, headers);
    const [first, second] = [await make(), await make()];
    expect([first.status, second.status, second.headers.get('idempotent-replay')]).toEqual([
      201,
      201,
      'true',
    ]);
    expect(first.body.key).toMatch(/^dk_/);
    expect(second.body).toEqual({ ...first.body, key: null });
  });

  it('refuses a key for invalid sets', async () => {
    for (const document_sets of [['all'], [null], ['!!!'], []])
      expect((await as(bootstrapKey, 'POST', '/agent/keys', { name: 'k', document_sets })).body['code']).toBe(
        'validation_failed',
      );
  });

  it('audits who made and revoked keys', async () => {
    const { id } = await makeKey({ name: 'audited' });
    const { body } = await as(bootstrapKey, 'GET', '/agent/audit?limit=5');
    expect((body['entries'] as unknown[])[0]).toMatchObject({
      subject: 'bootstrap',
      action: 'key.create',
      target: id,
    });
  });

  it('answers for a resource of another tenant as for one that does not exist', async () => {
    const alpha = await issuer.token({ org: 'tenant-a' });
    const beta = await issuer.token({ org: 'tenant-b' });
    const made = (
      await as(alpha, 'POST', '/agent/ingest', {
        files: [{ filename: 'mine.txt', content: 'the words of tenant a' }],
      })
    ).body as { task_id: string; documents: { id: string }[] };
    const document = made.documents[0]?.id ?? '';
    const nobody = '01890000-0000-7000-8000-000000000000';
    const routes: [string, (id: string) => string][] = [
      ['GET', (id) => `/agent/documents/${id}`],
      ['GET', (id) => `/agent/documents/${id}/chunks`],
      ['GET', (id) => `/agent/documents/${id}/file`],
      ['DELETE', (id) => `/agent/documents/${id}`],
    ];
    const tasks: [string, (id: string) => string][] = [
      ['GET', (id) => `/agent/status/${id}`],
      ['POST', (id) => `/agent/tasks/${id}/retry`],
      ['POST', (id) => `/agent/tasks/${id}/cancel`],
    ];
    const withoutId = ({ status, body }: Answer) => ({ status, body: { ...body, request_id: '' } });
    for (const [list, foreign] of [
      [routes, document],
      [tasks, made.task_id],
    ] as const) {
      for (const [method, path] of list)
        expect(withoutId(await as(beta, method, path(foreign)))).toEqual(
          withoutId(await as(beta, method, path(nobody))),
        );
    }
    expect(
      (await as(beta, 'POST', '/agent/search', { prompt: 'the words of tenant a' })).body['results'],
    ).toEqual([]);
    expect((await as(alpha, 'GET', `/agent/documents/${document}`)).status).toBe(200);
  });
});

describe('an address with many wrong credentials', () => {
  it('is told to wait for each further wrong one', async () => {
    const app = await bootApp({ AUTH: 'required', API_KEYS: bootstrapKey, RATE_LIMIT_MAX_REQUESTS: '20' });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 25; attempt++)
      statuses.push(
        (await app.call('GET', '/agent/documents', undefined, { 'x-api-key': `wrong-${attempt}` })).status,
      );
    const last = await app.call('GET', '/agent/documents', undefined, { 'x-api-key': 'wrong' });
    await app.close();
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect([last.status, last.body['code']]).toEqual([429, 'rate_limited']);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
  }, 180_000);
});
