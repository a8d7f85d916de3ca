import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { EventBus } from '../../src/platform/events/event-bus.js';
import { bootApp, type TestApp } from '../app.js';
import { eventually } from '../eventually.js';
import { makeCases } from './rows.js';
import { startServer, type RunningServer } from './server.js';

/** Connections at once; 10,000 by hand, where the machine gives that many descriptors. */
const wanted = Number(process.env['SOCKETS'] ?? 1500);

/** A text frame as a client must send it: masked, here with zeros. */
const frame = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

interface RawClient {
  socket: Socket;
  /** Everything that has come, frames and all. */
  heard: () => string;
  closed: Promise<void>;
}

/** Speaks just enough of the protocol by hand to be let in: cheap, and able not to read. */
function rawClient(url: string): RawClient {
  const { hostname, port, host } = new URL(url);
  let text = '';
  const socket = connect(Number(port), hostname, () => {
    socket.write(
      `GET /ws/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    socket.once('data', () => socket.write(frame('40')));
  });
  socket.on('data', (piece) => (text += piece.toString('latin1')));
  socket.on('error', () => undefined);
  return {
    socket,
    heard: () => text,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}
const letIn = (client: RawClient) => client.heard().includes('40{"sid"');
const refused = (client: RawClient) =>
  client.heard().includes('44{') && client.heard().includes('too_many_connections');

describe('sockets in numbers', () => {
  const clients: RawClient[] = [];
  let server: RunningServer | undefined;
  let app: TestApp | undefined;
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await Promise.all([server?.stop(), app?.close()]);
    [server, app] = [undefined, undefined];
  }, 180_000);

  const cases = makeCases('many-sockets.spec.ts', {
    'socket-015': async () => {
      server = await startServer({
        WEBSOCKET_MAX_CONNECTIONS: String(wanted - 200),
        API_MAX_CONNECTIONS: '20000',
      });
      const { url } = server;
      for (let batch = 0; batch < wanted; batch += 100) {
        const opened = Array.from({ length: 100 }, () => rawClient(url));
        clients.push(...opened);
        await eventually(
          () => expect(opened.every((client) => letIn(client) || refused(client))).toBe(true),
          20_000,
        );
      }
      expect(clients.filter(letIn)).toHaveLength(wanted - 200);
      await Promise.all(clients.filter(refused).map(({ closed }) => closed));
      const started = performance.now();
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(1000);
    },
    'socket-024': async () => {
      app = await bootApp();
      const { url, service } = app;
      const deaf = rawClient(url);
      clients.push(deaf);
      await eventually(() => expect(letIn(deaf)).toBe(true));
      deaf.socket.pause();
      const reader = io(url, { path: '/ws', transports: ['websocket'], reconnection: false, forceNew: true });
      let heard = 0;
      reader.on('notification', () => heard++);
      await new Promise<void>((resolve) => reader.once('connect', () => resolve()));
      const sockets = async () =>
        ((await app?.call<{ sockets: unknown[] }>('GET', '/agent/sockets'))?.body.sockets ?? []).length;
      expect(await sockets()).toBe(2);

      const bus = service.app.get(EventBus);
      const result = { text: 'x'.repeat(50_000) };
      let published = 0;
      await eventually(async () => {
        for (let round = 0; round < 20; round++) {
          await bus.publish('default', {
            type: 'ingest_progress',
            task_id: null,
            document_id: null,
            filename: 'a.txt',
            document_set: 'default',
            status: 'processing',
            stage: null,
            progress: 0,
            result,
            error: null,
            request_id: null,
          });
          published++;
        }
        expect(await sockets()).toBe(1);
      }, 180_000);
      await eventually(() => expect(heard).toBe(published));
      // far less than what was published may wait for one client
      expect(published * 50_000).toBeGreaterThan(4 * 1024 * 1024);
      reader.disconnect();
    },
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 120_000);
});
