import { fillDisk, manySockets, slowClients, spoilModel } from './outside-faults.js';
import {
  freezeWorker,
  killApi,
  killApiProcess,
  killBeforeRing,
  killBeforeRow,
  killWorker,
  terminateApi,
  terminateTwice,
  terminateWorker,
} from './process-faults.js';
import type { Random } from './random.js';
import {
  cutPostgres,
  doubleRings,
  exhaustPostgres,
  fillRedis,
  freezeRedis,
  killRedisWithLog,
  resetPostgres,
  resetRedis,
  restartPostgres,
  slowPostgres,
  swallowPostgres,
  swallowRedis,
  wipeRedis,
} from './server-faults.js';
import type { Fault } from './world.js';

export const faults: Record<string, Fault> = {
  'kill worker': killWorker,
  'freeze worker': freezeWorker,
  'wipe redis': wipeRedis,
  'restart postgres': restartPostgres,
  'cut postgres': cutPostgres,
  'exhaust postgres': exhaustPostgres,
  'terminate worker': terminateWorker,
  'terminate worker twice': terminateTwice,
  'kill api': killApi,
  'kill api process': killApiProcess,
  'kill before row': killBeforeRow,
  'kill before ring': killBeforeRing,
  'terminate api': terminateApi,
  'freeze redis': freezeRedis,
  'kill redis with log': killRedisWithLog,
  'fill redis': fillRedis,
  'swallow redis': swallowRedis,
  'reset redis': resetRedis,
  'slow postgres': slowPostgres,
  'reset postgres': resetPostgres,
  'swallow postgres': swallowPostgres,
  'double rings': doubleRings,
  'spoil model': spoilModel,
  'slow clients': slowClients,
  'many sockets': manySockets,
  'fill disk': fillDisk,
};

/**
 * Each needs a server where every connection is a session, or one that can be ended: the stand-in is neither.
 */
export const needsPostgres: readonly string[] = ['restart postgres', 'cut postgres', 'exhaust postgres'];

/** What each control run must notice: the faults after which its missing part has work to do. */
export const noticeable = {
  'no-fencing': ['freeze worker', 'kill worker'],
  'no-sweeper': ['wipe redis', 'kill worker'],
} as const;

/**
 * The faults that the control runs must notice come first, then all others, then again in another order: for
 * ever. A control run has those that it must notice and no others, so that a slow machine sees enough of them.
 */
export function* planFaults(random: Random, control?: keyof typeof noticeable): Generator<string> {
  const first = control ? noticeable[control] : ['freeze worker', 'kill worker', 'wipe redis'];
  yield* random.shuffled(first);
  for (;;) {
    if (!control) yield* random.shuffled(Object.keys(faults));
    yield* random.shuffled(first);
  }
}
