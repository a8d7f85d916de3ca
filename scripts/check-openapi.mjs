#!/usr/bin/env node
// Checks a started service against docs/openapi.json: node scripts/check-openapi.mjs [--fuzz]
// [--seconds 150] [--seed 1] With --fuzz random requests and chains of requests follow those that the
// document itself gives. All checks of schemathesis are on; scripts/openapi/ says what each exception is for.
// It is installed into a folder of its own for the run. Where that is impossible
// nothing was checked: that is said, and fails unless --optional is given.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    schemathesis: { type: 'string' },
    optional: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
  },
});
const version = '4.32.5';

const folder = mkdtempSync(join(tmpdir(), 'docent-openapi-'));

/** @returns the command, or undefined where it is not available */
function install() {
  if (values.schemathesis) return values.schemathesis;
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], timeout: 120_000 };
  const steps = [
    ['python3', ['-m', 'venv', join(folder, 'venv')]],
    [join(folder, 'venv/bin/pip'), ['install', '--quiet', `schemathesis==${version}`]],
  ];
  const done = steps.every(
    ([command, args]) => spawnSync(command, args, /** @type {any} */ (quiet)).status === 0,
  );
  const command = join(folder, 'venv/bin/schemathesis');
  return done && existsSync(command) ? command : undefined;
}

/** @returns the process and its address, once it listens */
async function startService(key) {
  const service = spawn(process.execPath, [join(root, 'dist/main.js')], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      AUTH: 'required',
      API_KEYS: key,
      RATE_LIMIT_MAX_REQUESTS: '10000000',
      EMBEDDING_DRIVER: 'none',
      READER_DRIVER: 'none',
      RERANK_DRIVER: 'none',
      OCR_DRIVER: 'none',
      LOG_FORMAT: 'json',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await readAddress(service);
  if (!url) throw new Error('the service ended before it listened; run `npm run build` first');
  service.stderr.resume();
  while (!(await fetch(`${url}/health/ready`)).ok) await new Promise((next) => setTimeout(next, 200));
  return { service, url };
}

/** @returns where it listens, or undefined if it ends before it does */
async function readAddress(service) {
  let said = '';
  for await (const text of service.stderr.iterator({ destroyOnReturn: false })) {
    said += String(text);
    const url = /listens on (http:\/\/\S+)/.exec(said)?.[1];
    if (url) return url;
  }
  process.stderr.write(said);
  return undefined;
}

async function run() {
  const command = install();
  if (!command) {
    console.error('NOT RUN: schemathesis cannot be installed here. docs/openapi.json was not checked.');
    return values.optional ? 0 : 1;
  }
  const key = randomBytes(33).toString('base64url');
  const { service, url } = await startService(key);
  const { status, signal } = spawnSync(
    command,
    [
      '--config-file',
      join(root, 'scripts/openapi/schemathesis.toml'),
      'run',
      join(root, 'docs/openapi.json'),
      '--url',
      url,
      '--mode',
      'all',
      '--seed',
      values.seed,
      '--generation-database',
      'none',
      '--max-time',
      values.seconds,
      '--max-examples',
      '20',
      '--continue-on-failure',
      '--phases',
      // The first two try the same requests each time. What the others
      // find depends on chance and on the speed of the machine.
      values.fuzz ? 'examples,coverage,fuzzing,stateful' : 'examples,coverage',
      '--no-color',
    ],
    {
      stdio: 'inherit',
      cwd: folder,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: join(root, 'scripts/openapi/hooks.py'),
        DOCENT_OPENAPI_KEY: key,
      },
      timeout: (Number(values.seconds) + 30) * 1000,
    },
  );
  service.kill('SIGTERM');
  await once(service, 'exit');
  if (signal) console.error(`schemathesis did not end by itself (${signal})`);
  return status ?? 1;
}

let code = 1;
try {
  code = await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(code);
