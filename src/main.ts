import cluster from 'node:cluster';
import { once } from 'node:events';
// named imports of what an old Node lacks would end the process with a syntax error before it can say why
import * as nodeModule from 'node:module';
import { ConfigurationError, loadEnv } from './config/env.js';

const exitConfiguration = 78;
const sameSignalMs = 1000;

function refuse(error: unknown): never {
  if (error instanceof ConfigurationError) {
    process.stderr.write(`docent cannot start:\n${error.lines.map((line) => `  ${line}\n`).join('')}`);
    process.exit(exitConfiguration);
  }
  const { syscall, code, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const text =
    syscall === 'listen'
      ? `${address}:${port} ${code === 'EADDRINUSE' ? 'is taken: stop what listens there, or set another PORT' : `cannot be listened on (${code})`}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stderr.write(`docent cannot start: ${text}\n`);
  process.exit(1);
}

function refuseOldNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 9)) return;
  process.stderr.write(
    `docent runs on Node 24.9 or newer; this is ${process.version}. \`npm start\` uses the one that the packages bring.\n`,
  );
  process.exit(exitConfiguration);
}

/** The primary may just be handing over a connection: it hears that nobody takes it here, and gives it to another process. */
async function leaveCluster(): Promise<void> {
  if (!cluster.worker?.isConnected()) return;
  const left = once(process, 'disconnect');
  cluster.worker.disconnect();
  await left;
}

async function main(): Promise<void> {
  refuseOldNode();
  const env = loadEnv();
  nodeModule.enableCompileCache();
  if (cluster.isPrimary) {
    const { needsCluster, runCluster } = await import('./app/cluster.js');
    if (needsCluster(env)) process.exit(await runCluster(env));
  }
  const { startService } = await import('./app/boot.js');
  const service = await startService(env);
  let endingSince: number | undefined;
  const end = (signal: NodeJS.Signals): void => {
    if (endingSince !== undefined) {
      // npm hands Ctrl-C on to a process that the terminal has told already: only a later one means now
      if (Date.now() - endingSince > sameSignalMs) process.exit(130);
      return;
    }
    endingSince = Date.now();
    process.stderr.write(
      `${signal}: finishing what is under way, at most ${env.SHUTDOWN_GRACE_SECONDS} s; once more ends it now\n`,
    );
    const forced = setTimeout(() => process.exit(1), env.SHUTDOWN_GRACE_SECONDS * 1000).unref();
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
  // Ctrl-C reaches the whole group, and the primary of a cluster says it again by SIGTERM
  process.on('SIGINT', cluster.isWorker ? () => undefined : end);
  process.stderr.write(`docent listens on ${service.url}\n`);
  await service.ready;
  if (env.MODE !== 'worker') {
    process.stderr.write(
      `  the console   ${service.url}/\n  the API       ${service.url}/docs\n  try           curl -F files=@samples/employee-handbook.pdf ${service.url}/agent/upload\n`,
    );
  }
}

main().catch(refuse);
