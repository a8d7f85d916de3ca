import { constants } from 'node:fs';
import { access, mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { meetsMinNode, minNode } from '../../../config/node-version.js';
import type { Env } from '../../../config/env.js';
import { fail, fine, describeReason, warn, type Finding } from './finding.js';

const megabyte = 1024 * 1024;
/** Below it `/health` reports the disk as down. */
const minFreeMb = 500;
/** A few large uploads away from it. */
const scarceMb = 2000;

export function checkNode(version = process.versions.node): Finding {
  return meetsMinNode(version)
    ? fine('node', `${version}, at least ${minNode} is needed`)
    : fail('node', `${version} is older than ${minNode}`, `Install Node ${minNode} or newer.`);
}

/** The folder itself, or the nearest one above it that exists. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found || dirname(path) === path ? path : nearestFolder(dirname(path));
}

async function canWrite(folder: string): Promise<void> {
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  // a file system that is mounted read-only, or full, shows with the first entry alone
  await rmdir(await mkdtemp(join(folder, '.docent-doctor-')));
}

/** A folder that the service writes to: can it, and is there room? */
async function checkFolder(check: string, path: string, setting: string): Promise<Finding> {
  const folder = resolve(path);
  const existing = await nearestFolder(folder);
  try {
    if (!(await stat(existing)).isDirectory())
      return fail(check, `${existing} is no folder`, `Name a folder in ${setting}.`);
    await canWrite(existing);
  } catch (error) {
    return fail(
      check,
      `${existing} cannot be written (${describeReason(error)})`,
      `Give the user of this process the right to write there, or set ${setting} to another folder.`,
    );
  }
  const { bavail, bsize } = await statfs(existing);
  const free = Math.round((bavail * bsize) / megabyte);
  const message = `${folder}, ${free} MB free${existing === folder ? '' : ', made at the first start'}`;
  const todo = `Free some space, or set ${setting} to a folder on a larger disk.`;
  if (free < minFreeMb) return fail(check, message, todo);
  return free < scarceMb ? warn(check, message, todo) : fine(check, message);
}

/** Node, and the folders that every process writes to. */
export async function checkMachine(env: Env): Promise<Finding[]> {
  return Promise.all([
    checkFolder('data folder', env.DATA_DIR, 'DATA_DIR'),
    checkFolder('temporary folder', tmpdir(), 'TMPDIR'),
  ]);
}
