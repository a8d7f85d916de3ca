import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.js';
import { tokenIssuer, type TokenIssuer } from '../token-issuer.js';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

interface Answer {
  status: number;
  body: Record<string, unknown>;
}
const words = 'The zanzibar protocol is kept in the violet safe.';

describe('what belongs to another tenant', () => {
  let server: RunningServer;
  let issuer: TokenIssuer;
  let other: { document: string; task: string; summary: string };
  beforeAll(async () => {
    issuer = await tokenIssuer();
    server = await startServer({
      AUTH: 'required',
      JWT_ISSUERS: JSON.stringify([issuer.setting]),
      JWT_TENANT_CLAIM: 'org',
    });
    const made = await call('other', 'POST', '/agent/ingest', {
      files: [{ filename: 'safe.md', content: words }],
    });
    const [document] = made.body['documents'] as { id: string; task_id: string }[];
    await ended('other', String(document?.task_id));
    const asked = await call('other', 'POST', '/agent/summarize', { filename: 'safe.md' });
    await ended('other', String(asked.body['task_id']));
    const { summaries } = (await call('other', 'GET', '/agent/summaries')).body as {
      summaries: { id: string }[];
    };
    other = { document: document?.id ?? '', task: document?.task_id ?? '', summary: summaries[0]?.id ?? '' };
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    await issuer.close();
  });

  async function call(org: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const authorization = `Bearer ${await issuer.token({ org })}`;
    const headers = { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) };
    const answer = await fetch(server.url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  async function ended(org: string, task: string): Promise<void> {
    await eventually(
      async () =>
        expect((await call(org, 'GET', `/agent/status/${task}?wait=5`)).body['status']).toMatch(
          /SUCCESS|FAILURE/,
        ),
      30_000,
    );
  }
  /**
   * A foreign id is answered like a random one, to the byte but for
   * the id of the request, and nothing has happened to the thing.
   */
  const unseen = async (
    method: string,
    path: (id: string) => string,
    id: string,
    body?: unknown,
  ): Promise<void> => {
    const told = ({ status, body: told }: Answer) => ({ status, body: { ...told, request_id: '' } });
    const [foreign, random] = [
      await call('mine', method, path(id), body),
      await call('mine', method, path(randomUUID()), body),
    ];
    expect(told(foreign)).toEqual(told(random));
    expect([foreign.status, foreign.body['code']]).toEqual([404, 'not_found']);
    expect((await call('other', 'GET', `/agent/documents/${other.document}`)).body['status']).toBe('ready');
  };
  const search = async (org: string, body: Record<string, unknown>) =>
    (await call(org, 'POST', '/agent/search', { prompt: words, ...body })).body as {
      results: unknown[];
      answered: boolean;
      citations: unknown[];
    };

  const cases = makeCases('tenants.spec.ts', {
    'params-036': async () => {
      const sets = ['Café', 'Cafe\u0301', 'A b', 'a_b'];
      for (const [index, set] of sets.entries())
        await call('names', 'POST', '/agent/ingest', {
          document_set: set,
          files: [{ filename: `${index}.txt`, content: `text ${index}` }],
        });
      const listed = (await call('names', 'GET', '/agent/documentsets')).body as {
        sets: { name: string; documents: number }[];
      };
      // letters outside ASCII become `_` one by one, so that both spellings
      // of é are told apart or not, but every document stands in one set
      expect(listed.sets.reduce((sum, { documents }) => sum + documents, 0)).toBe(4);
      expect(listed.sets.find(({ name }) => name === 'a_b')?.documents).toBe(2);
      expect(new Set(listed.sets.map(({ name }) => name)).size).toBe(listed.sets.length);
      expect((await call('mine', 'GET', '/agent/documentsets')).body['sets']).toEqual([]);
    },
    'tenancy-004': () => unseen('DELETE', (id) => `/agent/documents/${id}`, other.document),
    'tenancy-005': () => unseen('POST', (id) => `/agent/tasks/${id}/retry`, other.task),
    // the row's own field does not exist; the filter that does finds what a random id finds: nothing
    'tenancy-008': async () => {
      const refused = await call('mine', 'POST', '/agent/search', {
        document_ids: [other.document],
        prompt: words,
      });
      expect([refused.status, refused.body['code']]).toEqual([422, 'validation_failed']);
      for (const document_id of [other.document, randomUUID()])
        expect(await search('mine', { filter: { document_id } })).toMatchObject({
          results: [],
          answered: false,
          citations: [],
        });
      expect((await search('other', { filter: { document_id: other.document } })).results).toHaveLength(1);
    },
    'tenancy-009': () => unseen('GET', (id) => `/agent/status/${id}`, other.task),
    // summaries are listed, never fetched by an id: there is no such route for one's own either
    'tenancy-011': async () => {
      await unseen('GET', (id) => `/agent/summaries/${id}`, other.summary);
      expect((await call('other', 'GET', `/agent/summaries/${other.summary}`)).status).toBe(404);
      expect((await call('mine', 'GET', '/agent/summaries')).body['summaries']).toEqual([]);
    },
    'tenancy-014': async () => {
      const own = {
        files: [{ filename: 'own.md', content: 'The zanzibar protocol is kept in the yellow drawer.' }],
      };
      const made = await call('third', 'POST', '/agent/ingest', own);
      await ended('third', String(made.body['task_id']));
      const prompt = 'Where is the zanzibar protocol kept?';
      const [theirs, mine] = [await search('other', { prompt }), await search('third', { prompt })];
      expect([JSON.stringify(theirs).includes('violet'), JSON.stringify(mine).includes('yellow')]).toEqual([
        true,
        true,
      ]);
      expect(JSON.stringify(mine)).not.toContain('violet');
      expect(JSON.stringify(theirs)).not.toContain('yellow');
    },
    'tenancy-018': async () => {
      const answers: Answer[] = [];
      for (let round = 0; round < 20; round++)
        answers.push(
          ...(await Promise.all(
            Array.from({ length: 50 }, () => call('mine', 'GET', `/agent/documents/${randomUUID()}`)),
          )),
        );
      expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(
        new Set(['404 not_found']),
      );
    },
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 60_000);
});
