import { expect, it } from '@jest/globals';
import fastify from 'fastify';
import { answerLiveness } from './liveness.js';

const service = fastify();
const hooked: string[] = [];
service.addHook('onRequest', (request, _reply, done) => {
  hooked.push(request.url);
  done();
});
answerLiveness(service);
service.get('/health/live', () => ({ status: 'by the guards' }));
service.get('/health/ready', () => ({ status: 'by the guards' }));

const ask = async (url: string, headers: Record<string, string> = {}): Promise<unknown> =>
  (await service.inject({ url, headers })).json();

it('answers a bare probe of liveness itself, with every hook', async () => {
  expect(await ask('/health/live')).toEqual({ status: 'ok' });
  expect(hooked).toEqual(['/health/live']);
});

it('leaves all others to the guards', async () => {
  const byGuards = { status: 'by the guards' };
  expect(await ask('/health/live?verbose=1')).toEqual(byGuards);
  expect(await ask('/health/live', { authorization: 'Bearer wrong' })).toEqual(byGuards);
  expect(await ask('/health/live', { 'x-api-key': 'wrong' })).toEqual(byGuards);
  expect(await ask('/health/ready')).toEqual(byGuards);
});
