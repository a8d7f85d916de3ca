import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { workers, type Place } from './fleet.js';
import type { Fault, World } from './world.js';

const heldBy = async ({ sql }: World, pid: number): Promise<string[]> => {
  const { rows } = await sql.query<{ document_id: string }>(
    `select document_id from docent.tasks where status = 'running' and document_id is not null and owner like $1`,
    [`%:${pid}:%`],
  );
  return rows.map((row) => row.document_id);
};

/**
 * A worker in the middle of documents that nobody else is
 * about to touch: to disturb an idle one proves nothing.
 */
async function busyWorker(world: World): Promise<{ place: Place; documents: string[] }> {
  const order = world.random.shuffled(workers);
  await world.load.longFiles(4);
  for (const until = performance.now() + 5000; performance.now() < until; await pause(20)) {
    for (const place of order) {
      const documents = await heldBy(world, world.fleet.findPid(place) ?? 0);
      if (world.load.mayOvertake(documents)) return { place, documents };
    }
  }
  return { place: order[0] ?? 'worker-1', documents: [] };
}

async function apiAway(world: World, act: () => Promise<void>): Promise<void> {
  world.client.apiAway = true;
  await act();
  // Requests that were sent before it was back may still break off.
  for (const until = performance.now() + 30_000; performance.now() < until; await pause(100)) {
    if ((await world.client.request('GET', '/health/ready'))?.status === 200) break;
  }
  world.client.apiAway = false;
}

export const killWorker: Fault = async (world) => {
  const { place, documents } = await busyWorker(world);
  world.fleet.signal(place, 'SIGKILL');
  return `${place} with ${documents.length} tasks`;
};

/**
 * It sleeps through its lease, its documents get newer versions, and then it goes on as if nothing had been.
 */
export const freezeWorker: Fault = async (world) => {
  const { place, documents } = await busyWorker(world);
  world.fleet.signal(place, 'SIGSTOP');
  const overtaken = await world.load.overtake(documents);
  await pause((world.leaseSeconds + 2 + world.random.next() * 2) * 1000);
  world.fleet.signal(place, 'SIGCONT');
  return `${place} with ${documents.length} tasks, ${overtaken} overtaken`;
};

export const terminateWorker: Fault = async (world) => {
  const { place } = await busyWorker(world);
  world.fleet.signal(place, 'SIGTERM');
  await world.fleet.ended(place);
  return place;
};

export const terminateTwice: Fault = async (world) => {
  const { place } = await busyWorker(world);
  const ended = world.fleet.ended(place);
  world.fleet.signal(place, 'SIGTERM');
  await pause(world.random.between(20, 500));
  world.fleet.signal(place, 'SIGTERM');
  await ended;
  return place;
};

export const killApi: Fault = async (world) => {
  await apiAway(world, async () => {
    const ended = world.fleet.ended('api');
    world.fleet.signal('api', 'SIGKILL');
    await ended;
  });
  return 'api';
};

export const terminateApi: Fault = async (world) => {
  await apiAway(world, async () => {
    const ended = world.fleet.ended('api');
    world.fleet.signal('api', 'SIGTERM');
    await ended;
  });
  return 'api';
};

/** One of the cluster's own: the primary starts another, and the others go on answering meanwhile. */
export const killApiProcess: Fault = async (world) => {
  const primary = world.fleet.findPid('api') ?? 0;
  const children = readFileSync(`/proc/${primary}/task/${primary}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  const child = world.random.pick(children);
  // its running answers break off
  world.client.apiAway = true;
  process.kill(child, 'SIGKILL');
  await pause(1000);
  world.client.apiAway = false;
  return `one of ${children.length}`;
};

/** An API process ends at the moment that `saboteur.mjs` waits for, in the middle of an upload. */
const killInside =
  (moment: 'before-row' | 'before-ring'): Fault =>
  async (world) => {
    world.client.apiAway = true;
    world.switches.set(moment);
    for (let times = 1; times <= 20; times++) {
      await world.load.longFiles(1);
      if (world.switches.taken(moment)) break;
    }
    const killed = world.switches.taken(moment);
    await pause(1000);
    world.client.apiAway = false;
    if (!killed) world.client.violations.push(`the fault ${moment} never came about`);
    return 'api';
  };

/** The blob is there, its row is not: nobody was promised anything, and the sweep removes it. */
export const killBeforeRow = killInside('before-row');

/** The row is there and no doorbell has rung: the sweep rings it. */
export const killBeforeRing = killInside('before-ring');
