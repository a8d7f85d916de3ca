import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Service } from './boot.js';
import { collectAtRest } from './collect-at-rest.js';
import { isLoopback } from '../config/drivers.js';
import { ConfigurationError, type Env, loadEnv } from '../config/env.js';
import { openEarly } from '../platform/database/early-database.js';
import { meetsMinNode, minNode } from '../config/node-version.js';

const exitConfiguration = 78;
const sameSignalMs = 1000;

const listenFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken: stop what listens there, or set another PORT',
  EADDRNOTAVAIL: 'is no address of this machine: set HOST to one, or to 0.0.0.0 for all of them',
  EACCES: 'may be listened on by an administrator alone: set PORT to 1024 or more',
};

function refuse(error: unknown): never {
  if (error instanceof ConfigurationError) {
    process.stderr.write(`docent cannot start:\n${error.lines.map((line) => `  ${line}\n`).join('')}`);
    process.exit(exitConfiguration);
  }
  const { syscall, code, address, port, hostname } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
    hostname?: string;
  };
  const text =
    syscall === 'listen'
      ? `${[address, port].filter((part) => part !== undefined).join(':')} ${listenFaults[code ?? ''] ?? `cannot be listened on (${code})`}`
      : syscall === 'getaddrinfo'
        ? `HOST: ${hostname} has no address. Set it to an address of this machine, or to 0.0.0.0 for all of them`
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
  process.stderr.write(`docent cannot start: ${text}\n`);
  process.exit(1);
}

function refuseOldNode(): void {
  if (meetsMinNode(process.versions.node)) return;
  process.stderr.write(
    `docent runs on Node ${minNode} or newer; this is ${process.version}. \`npm start\` uses the one that the packages bring.\n`,
  );
  process.exit(exitConfiguration);
}

/**
 * Tells the primary that this process takes no more connections, so that a new connection goes to another
 * process.
 */
async function leaveCluster(): Promise<void> {
  if (!cluster.worker?.isConnected()) return;
  const left = once(process, 'disconnect');
  cluster.worker.disconnect();
  await left;
}

/**
 * Runs one process of the service, or the primary of several, until
 * a signal ends it. Exits with 78 when the configuration is wrong.
 */
export async function runProcess(): Promise<void> {
  try {
    refuseOldNode();
    const env = loadEnv();
    if (cluster.isPrimary) {
      const { needsCluster, runCluster } = await import('./cluster.js');
      if (needsCluster(env)) process.exit(await runCluster(env));
    }
    await openEarly(env);
    const { startService } = await import('./boot.js');
    const service = await startService(env);
    endOnSignals(service, env);
    process.stderr.write(`docent listens on ${listeningAddress(service.url, env.HOST)}\n`);
    await service.ready;
    collectAtRest();
    if (env.MODE !== 'worker') greet(service.url, env);
    await service.checkModels();
  } catch (error) {
    refuse(error);
  }
}

/** The first signal drains the service within its grace period, a second one ends it at once. */
function endOnSignals(service: Service, { SHUTDOWN_GRACE_SECONDS }: Env): void {
  let endingSince: number | undefined;
  const end = (signal: NodeJS.Signals): void => {
    if (endingSince !== undefined) {
      // npm passes on a Ctrl-C that this process got from the
      // terminal already: only a later signal means "at once".
      if (Date.now() - endingSince > sameSignalMs) process.exit(130);
      return;
    }
    endingSince = Date.now();
    process.stderr.write(
      `${signal}: finishing running work within ${SHUTDOWN_GRACE_SECONDS} s; send it again to end now\n`,
    );
    const forced = setTimeout(() => process.exit(1), SHUTDOWN_GRACE_SECONDS * 1000).unref();
    service
      .close()
      .then(leaveCluster)
      .then(
        () => {
          clearTimeout(forced);
          process.exit(0);
        },
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', end);
  // Ctrl-C reaches every process of a cluster, and the primary repeats it as SIGTERM.
  process.on('SIGINT', cluster.isWorker ? () => undefined : end);
}

/** `url` is where this machine reaches the service; a service on `0.0.0.0` listens on more than that. */
function listeningAddress(url: string, host: string): string {
  const listening = new URL(url);
  if (!isLoopback(host)) listening.hostname = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  return listening.origin;
}

function greet(url: string, { AUTH, FEATURES_CONSOLE }: Env): void {
  const key = AUTH === 'required' ? '-H "Authorization: Bearer $KEY" ' : '';
  const lines = [
    ...(FEATURES_CONSOLE ? [`the console   ${url}/`] : []),
    `the API       ${url}/docs`,
    `try           curl ${key}-F files=@samples/employee-handbook.pdf ${url}/agent/upload`,
  ];
  process.stderr.write(lines.map((line) => `  ${line}\n`).join(''));
}
