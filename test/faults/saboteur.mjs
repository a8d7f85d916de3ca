// Loaded before the API: ends the process at the moments
// that the fault suite asks for, by a file of that name.
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const load = (path) => import(pathToFileURL(join(process.env.FAULTS_DIST, path)).href);
const [{ WatchedDatabase }, { RedisJobQueue }] = [
  await load('platform/database/watched.js'),
  await load('platform/queue/redis-job-queue.js'),
];

function endIfAsked(moment) {
  try {
    unlinkSync(join(process.env.FAULTS_SWITCHES, moment));
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGKILL');
}

const { call } = WatchedDatabase.prototype;
WatchedDatabase.prototype.call = function (name, ...rest) {
  if (name === 'create_documents') endIfAsked('before-row');
  return call.call(this, name, ...rest);
};
const { ring } = RedisJobQueue.prototype;
RedisJobQueue.prototype.ring = function (rings) {
  if (rings.length > 0) endIfAsked('before-ring');
  return ring.call(this, rings);
};
