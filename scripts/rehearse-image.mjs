#!/usr/bin/env node
// Carries out docker/Dockerfile without a container engine: copies what its stages copy into an empty
// directory, installs as they install, and runs the result as the unprivileged user
// with a tree it cannot write. Not rehearsed: the base image, apt-get and tini.
//   npm run test:image [-- --keep]
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write('npm run test:image [-- --keep]    --keep leaves the folder of the rehearsal\n');
  process.exit(0);
}
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const largestMb = 450;
// the first start makes the embedded database: 3 s on a machine at rest, minutes on one that is overrun
const bootSeconds = 240;
const user = 10001;
const say = (line) => process.stdout.write(`${line}\n`);
const since = (start) => ((performance.now() - start) / 1000).toFixed(1);

/** Stages by name (the last one is `final`), each a list of `{ word, rest }`; continued lines are one. */
function readDockerfile(text) {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
  const stages = { final: [] };
  let current = [];
  for (const line of lines) {
    const [, word, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (!word) continue;
    if (word !== 'FROM') {
      current.push({ word, rest });
      continue;
    }
    current = [];
    stages[/ AS (\w+)$/.exec(rest)?.[1] ?? 'final'] = current;
  }
  return stages;
}

const readEnvironment = (stage) =>
  Object.fromEntries(
    stage
      .filter(({ word }) => word === 'ENV')
      .flatMap(({ rest }) => [...rest.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value])),
  );

/**
 * Plays one stage's COPY and RUN lines in `directory`; `stageDirectories` has those of the stages before it.
 */
function play(stage, directory, stageDirectories, run) {
  mkdirSync(directory, { recursive: true });
  const workdir = stage.find(({ word }) => word === 'WORKDIR')?.rest;
  for (const { word, rest } of stage) {
    if (word === 'RUN') run(rest, directory);
    if (word !== 'COPY') continue;
    const parts = rest.split(/\s+/);
    const from = parts[0].startsWith('--from=') ? parts.shift().slice('--from='.length) : undefined;
    const target = parts.pop();
    for (const part of parts) {
      const source = from
        ? join(stageDirectories[from].directory, relative(stageDirectories[from].workdir, part))
        : join(root, part);
      if (!from) refuseIgnored(part);
      cpSync(source, resolve(directory, target.endsWith('/') ? join(target, basename(part)) : target), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }
  return { directory, workdir };
}

/** Files that `.dockerignore` leaves out of the context cannot be copied. */
function refuseIgnored(path) {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  if (ignored.includes(path.split('/')[0]))
    throw new Error(`${path} is copied by the Dockerfile and left out by .dockerignore`);
}

function* listEntries(directory) {
  yield directory;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) yield* listEntries(path);
    else if (!stat.isSymbolicLink()) yield path;
  }
}

/** Bytes on disk, and nothing in the tree may be written from here on. */
function sealTree(directory) {
  let bytes = 0;
  for (const path of listEntries(directory)) {
    const { mode, blocks } = lstatSync(path);
    bytes += blocks * 512;
    chmodSync(path, (mode | 0o444 | (mode & 0o100 ? 0o111 : 0)) & ~0o222);
  }
  return bytes;
}

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function until(what, seconds, check) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    if (await check().catch(() => false)) return;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/**
 * Boots the tree as the image would, and has it read a PDF:
 * the parser's children and their native parts run too.
 */
async function tryOut(tree, stage, work) {
  const dataDir = join(work, 'data');
  mkdirSync(dataDir, { mode: 0o750 });
  const asUser = process.getuid?.() === 0 ? { uid: user, gid: user } : {};
  if (asUser.uid) chownSync(dataDir, user, user);
  else say('not root: runs as the present user instead of uid 10001');
  const port = String(await freePort());
  const key = randomBytes(33).toString('base64url');
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: '/nonexistent',
    ...readEnvironment(stage),
    // the image's own address would be open to the network
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    PORT: port,
    API_KEYS: key,
    LOG_LEVEL: 'warn',
  };
  const command = JSON.parse(stage.find(({ word }) => word === 'CMD').rest);
  const started = performance.now();
  const child = spawn(process.execPath, command.slice(1), {
    cwd: tree,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...asUser,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (log += piece));
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  const died = ended.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${log}`)));
  died.catch(() => undefined);
  const url = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${key}` };
  const answers = async (path) => (await fetch(url + path)).ok;
  try {
    await Promise.race([died, until('liveness', bootSeconds, () => answers('/health/live'))]);
    const live = since(started);
    await Promise.race([died, until('readiness', bootSeconds, () => answers('/health/ready'))]);
    say(`live after ${live} s, ready after ${since(started)} s (first start: the embedded database is made)`);
    const health = JSON.parse(/CMD (\[.*\])$/.exec(stage.find(({ word }) => word === 'HEALTHCHECK').rest)[1]);
    execFileSync(process.execPath, health.slice(1), { cwd: tree, env, ...asUser });
    const form = new FormData();
    form.append(
      'files',
      new Blob([readFileSync(join(root, 'samples/employee-handbook.pdf'))]),
      'employee-handbook.pdf',
    );
    const upload = await (await fetch(`${url}/agent/upload`, { method: 'POST', body: form, headers })).json();
    const task = await (await fetch(`${url}/agent/status/${upload.task_id}?wait=30`, { headers })).json();
    if (task.status !== 'SUCCESS') throw new Error(`a PDF ended as ${JSON.stringify(task)}`);
    const docs = await fetch(`${url}/docs-json`, { headers });
    if (!docs.ok) throw new Error(`/docs-json answers ${docs.status}`);
    const bare = await fetch(`${url}/agent/documents`);
    if (bare.status !== 401) throw new Error(`without a key ${bare.status}, not 401`);
    say('the health check passes, a PDF becomes ready, nobody comes in without a key');
  } catch (error) {
    process.stderr.write(`${log}\n`);
    throw error;
  } finally {
    child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), 40_000);
    const code = await ended;
    clearTimeout(killed);
    if (code !== 0) process.stderr.write(`SIGTERM ended it with ${code}\n`);
  }
}

const work = mkdtempSync(join(tmpdir(), 'docent-image-'));
chmodSync(work, 0o755);
try {
  const stages = readDockerfile(readFileSync(join(root, 'docker/Dockerfile'), 'utf8'));
  const shell = (command, cwd) =>
    execFileSync('sh', ['-ec', command], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const done = {};
  let start = performance.now();
  done.build = play(stages.build, join(work, 'build'), done, (command, cwd) => {
    // the same lockfile is installed here already, with its development part
    if (command.startsWith('npm ci --include=dev'))
      symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
    else shell(command, cwd);
  });
  say(`built from what the Dockerfile copies: ${since(start)} s`);
  start = performance.now();
  done.dependencies = play(stages.dependencies, join(work, 'dependencies'), done, shell);
  say(`installed the production dependencies: ${since(start)} s`);
  // its RUN lines are of the base system
  const { directory: tree } = play(stages.final, join(work, 'app'), done, () => undefined);
  rmSync(join(work, 'build'), { recursive: true });
  rmSync(join(work, 'dependencies'), { recursive: true });
  const megabytes = sealTree(tree) / 1e6;
  say(`${megabytes.toFixed(0)} MB unpacked without the base (at most ${largestMb})`);
  await tryOut(tree, stages.final, work);
  if (megabytes > largestMb)
    throw new Error(`the image has ${megabytes.toFixed(0)} MB, more than ${largestMb}`);
  say('the rehearsal passed');
} catch (error) {
  process.stderr.write(`the rehearsal failed: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  if (values.keep) say(`kept in ${work}`);
  else rmSync(work, { recursive: true, force: true });
}
