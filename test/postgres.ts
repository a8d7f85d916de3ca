import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import pg from 'pg';

const run = promisify(execFile);

/** A global of Node that the types of Node do not have. */
declare const WebAssembly: { compile: (bytes: Uint8Array) => Promise<unknown> };

export interface TestPostgres {
  /** An empty database of its own. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Set to `pglite`, the stand-in is used although there is a Postgres: to see what a machine without one runs.
 */
const wanted = process.env['TEST_POSTGRES'];

interface Installation {
  bin: string;
  extensions: string;
}

/** The one that `npm test` assembled from packages, else the newest of Debian's that has pgvector. */
function findInstallation(): Installation | undefined {
  if (wanted === 'pglite') return undefined;
  const assembled = process.env['TEST_POSTGRES_DIR'];
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  const candidates = [
    ...(assembled
      ? [{ bin: join(assembled, 'bin'), extensions: join(assembled, 'share/postgresql/extension') }]
      : []),
    ...versions
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => ({
        bin: join(root, version, 'bin'),
        extensions: `/usr/share/postgresql/${version}/extension`,
      })),
  ];
  return candidates.find(
    ({ bin, extensions }) =>
      existsSync(join(bin, 'initdb')) && existsSync(join(extensions, 'vector.control')),
  );
}

/**
 * The program of the server's own version where there is one: `pg_dump` refuses a server newer than itself.
 */
export function postgresProgram(name: 'pg_dump' | 'pg_restore'): string {
  const own = join(findInstallation()?.bin ?? '', name);
  return existsSync(own) ? own : name;
}

const givenUrl = (): string | undefined => (wanted === 'pglite' ? undefined : process.env['DATABASE_URL']);

/**
 * True when there is a Postgres with pgvector, where every connection is a session. Where there is none
 * PGlite behind its socket server stands in: one session for all connections, on which locks, isolation and
 * ended backends cannot be tried.
 */
export const hasPostgres = (): boolean => givenUrl() !== undefined || findInstallation() !== undefined;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswering(url: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export interface OwnPostgres {
  url: string;
  /** Ends it: SIGINT as an orderly restart does, SIGQUIT as a crash does. */
  end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * A streaming replica of it as it is now, on a port of its
   * own. The server is ended for the copy and started again.
   */
  replicate(): Promise<OwnPostgres>;
}

/**
 * A private cluster in a temporary directory; Postgres refuses to run as root, so root lends it to `nobody`.
 */
async function startCluster({ bin }: Installation): Promise<OwnPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'docent-postgres-'));
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (nobody.uid !== undefined) await chown(directory, nobody.uid, nobody.gid);
  const data = join(directory, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'docent', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    {
      ...nobody,
      cwd: directory,
    },
  );
  return launchCluster({ bin, directory, data, nobody });
}

interface Cluster {
  bin: string;
  /** Removed with the server. */
  directory: string;
  data: string;
  nobody: { uid?: number; gid?: number };
}

async function launchCluster(cluster: Cluster, ...more: string[]): Promise<OwnPostgres> {
  const { bin, directory, data, nobody } = cluster;
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${directory}`,
    'fsync=off',
    'max_connections=100',
    ...more,
  ];
  const url = `postgres://docent@127.0.0.1:${port}/postgres`;
  const launch = async () => {
    const server = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...nobody,
        cwd: directory,
        stdio: 'ignore',
      },
    );
    const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    await untilAnswering(url);
    return { server, exited };
  };
  let running = await launch();
  const end = async (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    running.server.kill(signal);
    await running.exited;
  };
  const start = async (): Promise<void> => {
    running = await launch();
  };
  return {
    url,
    end,
    start,
    stop: async () => {
      await end('SIGINT');
      await rm(directory, { recursive: true, force: true });
    },
    replicate: async () => {
      await end('SIGINT');
      const copy = await copyCluster(cluster);
      await start();
      return launchCluster(copy, `primary_conninfo=host=127.0.0.1 port=${port} user=docent`);
    },
  };
}

/** The copy of a cluster that does not run, as a replica. */
async function copyCluster({ bin, data, nobody }: Cluster): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'docent-replica-'));
  if (nobody.uid !== undefined && nobody.gid !== undefined) await chown(directory, nobody.uid, nobody.gid);
  const copy = join(directory, 'data');
  await run('cp', ['-R', data, copy], nobody);
  await run('touch', [join(copy, 'standby.signal')], nobody);
  return { bin, directory, data: copy, nobody };
}

/** A cluster that may be ended and started again; undefined where the binaries or pgvector are missing. */
export async function ownPostgres(): Promise<OwnPostgres | undefined> {
  const installation = findInstallation();
  return installation === undefined ? undefined : startCluster(installation);
}

/** The engine's machine code, which all threads of this process share. */
const compileEngine = async (): Promise<unknown> =>
  WebAssembly.compile(await readFile(new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite'))));

/** PGlite has one database: each that is asked for is a thread. */
function standIn(): TestPostgres {
  const servers: Worker[] = [];
  return {
    createDatabase: async () => {
      const server = new Worker(new URL('./pglite-server.ts', import.meta.url), {
        workerData: { program: await compileEngine() },
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      servers.push(server);
      // rejects when the thread ends with an error
      const [address] = (await once(server, 'message')) as [string];
      server.on('error', () => undefined);
      // a suite that broke down before it could stop it must not be kept alive by it
      server.unref();
      return `postgres://postgres@${address}/postgres?sslmode=disable`;
    },
    stop: async () => {
      for (const server of servers) await server.terminate();
    },
  };
}

/**
 * The Postgres that `DATABASE_URL` names, else one started
 * from the binaries of this machine, else the stand-in.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const given = givenUrl();
  const installation = given ? undefined : findInstallation();
  if (!given && !installation) return standIn();
  const server = installation
    ? await startCluster(installation)
    : { url: given ?? '', stop: () => Promise.resolve() };
  const made: string[] = [];
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    createDatabase: async () => {
      const name = `docent_test_${randomUUID().replaceAll('-', '')}`;
      await administer(`create database ${name}`);
      made.push(name);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: async () => {
      for (const name of made) await administer(`drop database if exists ${name} with (force)`);
      await server.stop();
    },
  };
}
