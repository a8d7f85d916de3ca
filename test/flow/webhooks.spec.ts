import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { Database } from '../../src/platform/database/database.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { createTask } from '../rows.js';

interface Received {
  headers: Record<string, string>;
  body: string;
  event: { type: string; data: Record<string, unknown> };
}
interface Hook {
  id: string;
  secret: string;
}
interface Deliveries {
  deliveries: { id: string; event: string; status: string; attempts: number; error: string | null }[];
}

describe('webhooks', () => {
  let app: TestApp;
  let receiver: Server;
  let address: string;
  let received: Received[] = [];
  let answer = 204;

  const create = async (request: Record<string, unknown>): Promise<Hook> =>
    (await app.call<Hook>('POST', '/agent/webhooks', { url: address, ...request })).body;
  const readDeliveries = async ({ id }: Hook) =>
    (await app.call<Deliveries>('GET', `/agent/webhooks/${id}/deliveries`)).body.deliveries;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces).toString();
        received.push({
          body,
          headers: request.headers as Record<string, string>,
          event: JSON.parse(body) as Received['event'],
        });
        response.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end();
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    app = await bootApp({ WEBHOOK_ALLOW: '127.0.0.1' });
  }, 180_000);
  afterAll(async () => {
    await app.close();
    receiver.close();
  });
  beforeEach(async () => {
    const { body } = await app.call<{ webhooks: Hook[] }>('GET', '/agent/webhooks');
    for (const { id } of body.webhooks) await app.call('DELETE', `/agent/webhooks/${id}`);
    received = [];
    answer = 204;
  });

  it('report ready and deleted documents, signed, with ids and without text', async () => {
    const hook = await create({ events: ['document.ready', 'document.deleted'] });
    const { documents } = await app.uploaded({ 'secret-name.md': '# Secret\n\nThe gate code is 7781.' });
    await app.call('DELETE', `/agent/documents/${documents[0]?.id}`);
    await eventually(() => expect(received).toHaveLength(2));
    const data = { document_id: documents[0]?.id, document_set: 'default' };
    expect(received.map(({ event }) => event)).toMatchObject([
      { type: 'document.ready', timestamp: expect.any(String), data },
      { type: 'document.deleted', data },
    ]);
    for (const { body, headers } of received) {
      expect(body).not.toMatch(/7781|secret-name/i);
      expect(new Webhook(hook.secret).verify(body, headers)).toBeTruthy();
      expect(() => new Webhook('whsec_AAAA').verify(body, headers)).toThrow();
    }
    await eventually(async () =>
      expect((await readDeliveries(hook)).map(({ status }) => status)).toEqual(['delivered', 'delivered']),
    );
  });

  it('report failed documents and tasks', async () => {
    await create({});
    const { body } = await app.upload({ 'broken.pdf': '%PDF-1.7\nbroken' });
    await app.ended(body.task_id);
    await eventually(() => expect(received).toHaveLength(2));
    expect(received.map(({ event }) => event.type).sort()).toEqual(['document.failed', 'task.ended']);
    expect(received[0]?.event.data).toMatchObject({ status: 'FAILURE', error_code: expect.any(String) });
  });

  it('receive only events of their own sets', async () => {
    await create({ events: ['document.ready'], document_sets: ['mine'] });
    await app.uploaded({ 'a.md': 'Alpha.' }, { document_set: 'other' });
    await app.uploaded({ 'b.md': 'Beta.' }, { document_set: 'mine' });
    await eventually(() => expect(received).toHaveLength(1));
    expect(received[0]?.event.data).toMatchObject({ document_set: 'mine' });
  });

  it('are tried again after an error, follow no redirect, and can be sent again by hand', async () => {
    answer = 302;
    const hook = await create({ events: ['document.ready'] });
    await app.uploaded({ 'c.md': 'Gamma.' });
    await eventually(async () =>
      expect(await readDeliveries(hook)).toMatchObject([
        { status: 'pending', attempts: 1, error: 'redirects are not followed' },
      ]),
    );
    answer = 204;
    const [delivery] = await readDeliveries(hook);
    const again = await app.call('POST', `/agent/webhooks/${hook.id}/redeliver`, {
      delivery_id: delivery?.id,
    });
    expect(again).toMatchObject({ status: 202, body: { redelivered: 1 } });
    await eventually(async () => expect(await readDeliveries(hook)).toMatchObject([{ status: 'delivered' }]));
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery?.id]));
  });

  it('end once their receiver answers 410', async () => {
    answer = 410;
    const hook = await create({ events: ['document.ready'] });
    await app.uploaded({ 'd.md': 'Delta.' });
    await eventually(async () =>
      expect((await app.call('GET', '/agent/webhooks')).body).toMatchObject({
        webhooks: [{ id: hook.id, disabled: 'the receiver is gone' }],
      }),
    );
    expect(await readDeliveries(hook)).toMatchObject([{ status: 'failed' }]);
  });

  it('do not wait for the slow receivers of others, on the same host or another', async () => {
    // more deliveries than a process sends at once, to a receiver that never answers
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
      for (let place = 0; place < 4; place++) await create({ url, events: ['document.ready', 'task.ended'] });
      const files = Array.from({ length: 10 }, (_, place) => [`slow-${place}.md`, `Slow ${place}.`]);
      await app.uploaded(Object.fromEntries(files) as Record<string, string>);
      await eventually(async () =>
        expect(await new Promise<number>((resolve) => silent.getConnections((_, n) => resolve(n)))).toBe(8),
      );
      const database = app.service.app.get(Database);
      await database.call('create_webhook', {
        id: randomUUID(),
        tenant: 'globex',
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        url: address,
        events: ['task.ended'],
        document_sets: null,
        description: null,
        most: 50,
      });
      const begun = Date.now();
      const task = await createTask(database, 'globex');
      await database.call('cancel_task', { tenant: 'globex', sets: null, task });
      await eventually(() => expect(received).toHaveLength(1));
      // a silent receiver is given up after ten seconds
      expect(Date.now() - begun).toBeLessThan(8000);
      expect(await new Promise<number>((resolve) => silent.getConnections((_, n) => resolve(n)))).toBe(8);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it('show their secret once', async () => {
    const hook = await create({});
    expect(hook.secret).toMatch(/^whsec_/);
    const { body } = await app.call('GET', '/agent/webhooks');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it.each([
    ['a private address', { url: 'http://10.0.0.1/' }, 422, 'address_not_allowed'],
    ['the address of a metadata service', { url: 'http://169.254.169.254/' }, 422, 'address_not_allowed'],
    ['no address', { url: 'not an address' }, 422, 'validation_failed'],
    ['an unknown event', { url: 'https://93.184.216.34/', events: ['x'] }, 422, 'validation_failed'],
  ])('refuse %s', async (_name, request, status, code) => {
    expect(await app.call('POST', '/agent/webhooks', request)).toMatchObject({ status, body: { code } });
  });

  it('answer 404 for unknown ids', async () => {
    const id = '0195f7a0-0000-7000-8000-000000000000';
    for (const [method, path] of [
      ['DELETE', `/agent/webhooks/${id}`],
      ['GET', `/agent/webhooks/${id}/deliveries`],
      ['POST', `/agent/webhooks/${id}/redeliver`],
      ['DELETE', '/agent/webhooks/x'],
    ] as const)
      expect((await app.call(method, path, method === 'POST' ? {} : undefined)).status).toBe(404);
  });
});
