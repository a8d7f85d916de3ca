import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { PGliteOptions } from '@electric-sql/pglite';
import { ConfigurationError } from '../../config/env.js';
import { Database, refuseTransaction, type CallOptions } from './database.js';
import { blameFullDisk, lockDataDirectory } from './data-lock.js';
import { asProblem, databaseUnavailable } from './failures.js';
import { functions, type Answer, type Arguments, type FunctionName } from './functions.js';
import { migrateSchema, refuseOldPgvector, type SqlSession } from './migrate.js';
import { loadAutoExplain, plansFrom, type QueryPlan, tellPlans } from './plans.js';
import { abortable, Readiness } from './readiness.js';
import { statementFor, type Statement } from './statement.js';
import { findTemplate } from './template.js';
import { EmbeddedIndexes } from './vector-index.js';
import type { VectorIndexes } from './vector-indexes.js';

type Rows = Record<string, unknown>[];
/** Rows; of a call its answer as JSON. */
type Answered = Rows | string | null;
interface Reply {
  id: number;
  rows?: Answered;
  error?: { message: string; code?: string; detail?: string };
}
interface Pending {
  resolve: (rows: Answered) => void;
  reject: (error: unknown) => void;
}

/** In tests the worker is TypeScript, which Node runs directly. */
const workerFile = new URL(
  `./pglite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);
const opening = 0;
/** The thread's JavaScript passes messages only: more room for its garbage would never be given back. */
const maxYoungGenerationSizeMb = 8;

type EngineProgram = NonNullable<PGliteOptions['pgliteWasmModule']>;
/** A global of Node that the types of Node do not have. */
declare const WebAssembly: { compile: (bytes: Uint8Array) => Promise<EngineProgram> };

/**
 * The engine's machine code, which engines of one process
 * share: the second one starts in two thirds of the time.
 */
let program: Promise<EngineProgram> | undefined;

const compileEngine = async (): Promise<EngineProgram> =>
  WebAssembly.compile(await readFile(new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite'))));

/**
 * A database that was killed during its creation is incomplete and holds nothing yet: it is created again.
 */
function makeDirectory(directory: string): { path: string; isNew: boolean; finished: () => void } {
  const path = join(directory, 'pgdata');
  const marker = join(directory, 'pgdata.unfinished');
  if (existsSync(marker)) rmSync(path, { recursive: true, force: true });
  const isNew = !existsSync(path);
  if (isNew) writeFileSync(marker, '');
  mkdirSync(path, { recursive: true });
  return { path, isNew, finished: () => rmSync(marker, { force: true }) };
}

/** An existing database that cannot be opened: it must not be touched, and waiting does not help. */
const damaged = (error: unknown): ConfigurationError =>
  new ConfigurationError([
    `DATA_DIR: the database in pgdata cannot be opened (${(error as Error).message}); restore it from a backup, or move pgdata away to begin with an empty one`,
  ]);

/** PGlite in a worker thread: a long query or an index build never stalls the thread that serves HTTP. */
export class PgliteDatabase extends Database {
  readonly indexes: VectorIndexes = new EmbeddedIndexes((statement, name) =>
    this.createOnce(statement, name),
  );
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = opening;
  private opened = false;
  private unlock: (() => void) | undefined;
  private closing: Promise<void> | undefined;
  /** Calls wait here while a migration has the one connection. */
  private turn: Promise<unknown> = Promise.resolve();
  private readiness: Readiness;

  /**
   * @param dataDirectory holds `pgdata` and the lock file; undefined or `memory:` keeps everything in memory
   */
  constructor(private readonly dataDirectory?: string) {
    super();
    this.readiness = new Readiness(() => this.open());
  }

  async call<N extends FunctionName>(
    name: N,
    args: Arguments<N>,
    options: CallOptions = {},
  ): Promise<Answer<N>> {
    refuseTransaction(options);
    options.signal?.throwIfAborted();
    await this.readiness.soon();
    return abortable(this.execute(statementFor(name, args)), options.signal) as Promise<Answer<N>>;
  }

  ready(): Promise<void> {
    return this.readiness.ready();
  }

  async ping(): Promise<void> {
    await this.readiness.soon();
    await this.send('query', 'select 1', []);
  }

  async plans<N extends FunctionName>(name: N, args: Arguments<N>): Promise<QueryPlan[]> {
    await this.readiness.soon();
    if (!functions[name].reads) return [];
    const { text, values } = statementFor(name, args);
    const notices = await this.alone(() =>
      this.send('explain', text, values, `${loadAutoExplain};${tellPlans}`),
    );
    return plansFrom(notices.map(({ message }) => String(message)));
  }

  async migrate(): Promise<{ applied: string[] }> {
    await this.readiness.ready();
    return this.alone(() => migrateSchema(this.session()));
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async open(): Promise<void> {
    const directory = this.dataDirectory?.startsWith('memory:') ? undefined : this.dataDirectory;
    try {
      if (directory) this.unlock ??= lockDataDirectory(directory);
      const made = directory ? makeDirectory(directory) : undefined;
      const template = !made || made.isNew ? await findTemplate() : undefined;
      await this.startWorker(made?.path ?? 'memory://', template).catch((error: unknown) => {
        throw template || !made || made.isNew || this.closing ? error : damaged(error);
      });
      await migrateSchema(this.session());
      const [row] = await this.send(
        'query',
        `select extversion from pg_extension where extname = 'vector'`,
        [],
      );
      refuseOldPgvector(String(row?.['extversion']));
      made?.finished();
      this.opened = true;
    } catch (error) {
      await this.worker?.terminate();
      this.unlock?.();
      this.unlock = undefined;
      throw directory ? blameFullDisk(directory, error) : error;
    }
  }

  private async startWorker(dataDir: string, template?: string): Promise<void> {
    // collecting code while another thread compiles has ended whole
    // processes: "Check failed: jit_page_->allocations_.erase(addr) == 1"
    setFlagsFromString('--no-wasm-code-gc');
    program ??= compileEngine();
    const worker = new Worker(workerFile, {
      workerData: { dataDir, template, program: await program },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxYoungGenerationSizeMb },
    });
    this.worker = worker;
    worker.on('message', (reply: Reply) => this.settle(reply));
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('the database engine stopped')));
    await new Promise<Answered>((resolve, reject) => this.pending.set(opening, { resolve, reject }));
  }

  private settle({ id, rows, error }: Reply): void {
    const request = this.pending.get(id);
    this.pending.delete(id);
    if (error)
      request?.reject(Object.assign(new Error(error.message), { code: error.code, detail: error.detail }));
    else request?.resolve(rows ?? null);
  }

  /** The engine died: running calls fail as unavailable, and a new engine recovers from the log. */
  private lose(worker: Worker, cause: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    const unanswered = [...this.pending.values()];
    const wasOpen = this.opened;
    this.opened = false;
    this.pending.clear();
    for (const { reject } of unanswered) reject(databaseUnavailable(cause));
    if (!this.closing && wasOpen) this.readiness = new Readiness(() => this.open());
  }

  private async execute(statement: Statement): Promise<unknown> {
    for (;;) {
      const before = this.turn;
      await before;
      if (before === this.turn) break;
    }
    try {
      const json = await this.request('call', statement.text, statement.values);
      return typeof json === 'string' ? (JSON.parse(json) as unknown) : null;
    } catch (error) {
      throw asProblem(error);
    }
  }

  private async createOnce(statement: string, name: string): Promise<void> {
    await this.readiness.ready();
    await this.alone(async () => {
      const [row] = await this.send('query', 'select to_regclass($1) is not null as there', [
        `docent.${name}`,
      ]);
      if (row?.['there'] !== true) await this.send('query', statement, []);
    });
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.turn.then(work);
    this.turn = run.catch(() => undefined);
    return run;
  }

  /** Raw SQL on the one connection, for migrations and for checks. */
  session(): SqlSession {
    return { run: (text, values) => this.send(values ? 'query' : 'script', text, values ?? []) };
  }

  private async send(
    kind: 'query' | 'script' | 'explain' | 'close',
    text: string,
    values: Statement['values'],
    before?: string,
  ): Promise<Rows> {
    return (await this.request(kind, text, values, before)) as Rows;
  }

  private request(
    kind: 'call' | 'query' | 'script' | 'explain' | 'close',
    text: string,
    values: Statement['values'],
    before?: string,
  ): Promise<Answered> {
    const { worker } = this;
    if (!worker) return Promise.reject(databaseUnavailable());
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.postMessage({ id, kind, text, values, before });
    });
  }

  /** A database that is still opening is stopped at once: it has promised nothing yet. */
  private async shut(): Promise<void> {
    const { worker } = this;
    if (worker && this.opened) await this.send('close', '', []).catch(() => undefined);
    this.worker = undefined;
    for (const { reject } of this.pending.values()) reject(databaseUnavailable());
    this.pending.clear();
    await worker?.terminate();
    await this.readiness.ready().catch(() => undefined);
    this.unlock?.();
  }
}
