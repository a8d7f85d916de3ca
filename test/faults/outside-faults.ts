import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { Fault as ModelFault } from '../scripted-llm/faults.js';
import type { Fault } from './world.js';

const misbehaviours: ModelFault[] = [
  { kind: 'rate_limited', retryAfter: 1 },
  { kind: 'server_error' },
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'other_shape' },
  { kind: 'truncated_json' },
  { kind: 'wrong_dimension' },
  { kind: 'nan' },
  { kind: 'zero_vector' },
  { kind: 'fewer_vectors' },
  { kind: 'reset_midway' },
  { kind: 'slow_drip', intervalMs: 200 },
  { kind: 'hang' },
];
const atOnce = 3;
const strikeWithinMs = 10_000;
let next = 0;

/** Three misbehaviours in turn, twice each, so that five of these faults have shown all of them. */
export const spoilModel: Fault = async ({ model, load, client }) => {
  const ways = Array.from(
    { length: atOnce },
    (_, place) => misbehaviours[(next + place) % misbehaviours.length] as ModelFault,
  );
  next += atOnce;
  const hits = (): number[] => ways.map(({ kind }) => model.struck.get(kind) ?? 0);
  const before = hits();
  for (const way of ways) model.fault('embeddings', { ...way, times: 2 });
  await load.longFiles(1);
  const struck = (): number[] => hits().map((now, place) => now - (before[place] ?? 0));
  await model.until(() => struck().every((times) => times === 2), strikeWithinMs).catch(() => undefined);
  model.clearFaults();
  const note = ways.map(({ kind }, place) => `${kind} ${struck()[place]}`).join(', ');
  if (struck().includes(0)) client.violations.push(`a misbehaviour of the model never came about: ${note}`);
  return note;
};

/** Half-sent requests, a byte now and then: more of them than anybody needs. */
export const slowClients: Fault = async ({ client }) => {
  const count = 200;
  const sockets = await openMany(client.url, count);
  for (const [place, socket] of sockets.entries()) {
    const head = `POST /agent/search HTTP/1.1\r\nhost: slow\r\ncontent-type: application/json\r\n`;
    socket.write(place % 2 === 0 ? head : `${head}content-length: 1000\r\n\r\n{`);
  }
  for (let beat = 0; beat < 10; beat++) {
    await pause(500);
    for (const socket of sockets) if (!socket.destroyed) socket.write('a');
  }
  const refused = sockets.filter((socket) => socket.closed).length;
  for (const socket of sockets) socket.destroy();
  return `${sockets.length} of ${count} for 5 s, ${refused} hung up on`;
};

/** More connections than sockets are let in, most of which say nothing. */
export const manySockets: Fault = async ({ client }) => {
  const silent = await openMany(client.url, 2000);
  const clients = Array.from({ length: 300 }, () =>
    io(client.url, { path: '/ws', transports: ['websocket'], reconnection: false, forceNew: true }),
  );
  await pause(5000);
  const letIn = clients.filter((socket) => socket.connected).length;
  const kept = silent.filter((socket) => !socket.closed).length;
  for (const socket of clients) socket.disconnect();
  for (const socket of silent) socket.destroy();
  return `${silent.length} silent, ${kept} of them kept; ${letIn} of 300 let in`;
};

async function openMany(url: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
  for (const socket of sockets) socket.on('error', () => undefined);
  const opened = await Promise.all(
    sockets.map((socket) =>
      once(socket, 'connect')
        .then(() => [socket])
        .catch(() => []),
    ),
  );
  return opened.flat();
}

/** The file system of the blobs has no byte left. */
export const fillDisk: Fault = async ({ client, disk }) => {
  if (!disk) return 'not tried: only root may mount a small disk';
  const path = join(disk, 'ballast');
  const ballast = await open(path, 'w');
  client.diskFull = true;
  try {
    const block = Buffer.alloc(1024 * 1024);
    for (;;) await ballast.writeFile(block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  await pause(5000);
  await ballast.close();
  await rm(path);
  // requests begun meanwhile may still be refused
  await pause(500);
  client.diskFull = false;
  return '5 s';
};
