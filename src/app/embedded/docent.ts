import { Readable } from 'node:stream';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { bootstrapSubject, defaultTenant, scopes, type Principal } from '../../common/principal.js';
import { parseWith } from '../../common/validate.js';
import { SearchRequest, type SearchResponse } from '../../features/answers/answers.dto.js';
import { AnswersService } from '../../features/answers/answers.service.js';
import { DocumentsService } from '../../features/documents/documents.service.js';
import type { UploadResponse } from '../../features/documents/documents.dto.js';
import { Intake } from '../../features/documents/intake.js';
import { parseSetName } from '../../features/documents/writable-sets.js';
import { taskViewResponse, TasksService } from '../../features/tasks/tasks.service.js';
import type { DeletionReceipt } from '../../platform/database/functions.js';
import type { Transaction } from '../../platform/database/host-pool.js';
import { startEmbedded, type EmbeddedService } from '../boot.js';
import type { DocentModuleOptions } from './docent-options.js';
import { embeddedEnv } from './embedded-env.js';

/** Whose documents a call is about. */
export interface Scope {
  /** `default` unless given. */
  tenant?: string;
  /** The only sets that the call may see; all where it is missing. */
  documentSets?: string[];
}

export interface IngestFile {
  filename: string;
  content: string | Uint8Array | Readable;
}

export interface IngestOptions extends Scope {
  /** `default` unless given. */
  documentSet?: string;
  metadata?: Record<string, unknown>;
  pipeline?: 'standard' | 'vlm';
  /**
   * A connection in which the application has begun a transaction. The rows of documents and tasks are
   * committed or rolled back with it. Postgres alone. Call `start()` of the result
   * after the commit, or the work begins with the next sweep (SWEEP_INTERVAL_SECONDS).
   */
  transaction?: Transaction;
}

export interface Ingested extends UploadResponse {
  /** Begins the work at once. Needed after the commit of a transaction; without one it has been done. */
  start: () => Promise<void>;
}

export type SearchOptions = Scope &
  Partial<Pick<SearchRequest, 'limit' | 'filter' | 'mode' | 'neighbours'>> & { documentSet?: string };
export type AskOptions = SearchOptions & Partial<Pick<SearchRequest, 'history'>> & { signal?: AbortSignal };
export type TaskResponse = ReturnType<typeof taskViewResponse>;

const makePrincipal = ({ tenant = defaultTenant, documentSets }: Scope): Principal => ({
  tenant,
  subject: bootstrapSubject,
  scopes,
  document_sets: documentSets?.map(parseSetName) ?? null,
  key: null,
  via: 'none',
  expires_at: null,
});

const openStream = (content: IngestFile['content']): Readable =>
  content instanceof Readable
    ? content
    : Readable.from([typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)]);

/** docent inside an application. Every method throws `Problem`, whose `code` is a word of docs/errors.md. */
@Injectable()
export class Docent implements OnModuleDestroy {
  /**
   * Resolves when the schema is up to date and work can be taken. Rejects
   * for what waiting does not mend, e.g. a pgvector that is too old.
   */
  readonly ready: Promise<void>;

  /** Called by the module. */
  constructor(private readonly service: EmbeddedService) {
    this.ready = service.ready;
    this.ready.catch((error: unknown) => new Logger(Docent.name).error(error));
  }

  /** Resolves before the database is reached: see `ready`. @throws ConfigurationError */
  static async start(options: DocentModuleOptions): Promise<Docent> {
    return new Docent(await startEmbedded(embeddedEnv(options), options.pool));
  }

  /**
   * @throws validation_failed, conflict for a transaction without
   * DATABASE_DRIVER=pg; the problem of the first file when none is accepted
   */
  async ingest(files: IngestFile[], options: IngestOptions = {}): Promise<Ingested> {
    const intake = this.part(Intake);
    const principal = makePrincipal(options);
    const order = {
      document_set: parseSetName(options.documentSet ?? 'default'),
      pipeline: options.pipeline ?? ('standard' as const),
      metadata: options.metadata ?? null,
    };
    await using incoming = intake.open(principal);
    for (const { filename, content } of files) await incoming.add({ filename, body: openStream(content) });
    const { transaction } = options;
    const { response, announce } = await intake.acceptIn(incoming, order, { transaction });
    if (!transaction) await announce();
    return { ...response, start: transaction ? announce : () => Promise.resolve() };
  }

  /** Passages without an answer. */
  search(query: string, options: SearchOptions = {}): Promise<SearchResponse> {
    return this.find(query, options, false);
  }

  /** An answer with its sources; `answered` is false where the documents hold none. */
  ask(question: string, options: AskOptions = {}): Promise<SearchResponse> {
    return this.find(question, options, true);
  }

  /**
   * @param key id or file name; a name that stands in several sets
   * needs `documentSet` @throws not_found, ambiguous_document
   */
  async delete(key: string, options: Scope & { documentSet?: string } = {}): Promise<DeletionReceipt> {
    const { receipt } = await this.part(DocumentsService).delete(
      makePrincipal(options),
      key,
      options.documentSet,
    );
    return receipt;
  }

  /** The state of a task, or of the whole `ingest` by its `task_id`. @throws not_found */
  async task(id: string, options: Scope = {}): Promise<TaskResponse> {
    return taskViewResponse(await this.part(TasksService).get(makePrincipal(options), id), null);
  }

  /** The task as soon as it has ended, or after `seconds` as it is then. @throws not_found */
  async wait(
    id: string,
    options: Scope & { seconds?: number; signal?: AbortSignal } = {},
  ): Promise<TaskResponse> {
    const { seconds = 600, signal = new AbortController().signal } = options;
    return taskViewResponse(
      await this.part(TasksService).waitFor(makePrincipal(options), id, seconds, signal),
      null,
    );
  }

  /** Answers one HTTP request; its `url` is that of the API, without the path of the mount. */
  get handle(): EmbeddedService['handle'] {
    return this.service.handle;
  }

  /**
   * Finishes what is under way, within SHUTDOWN_GRACE_SECONDS.
   * The pool of the application is still needed meanwhile.
   */
  onModuleDestroy(): Promise<void> {
    return this.service.close();
  }

  private async find(prompt: string, options: AskOptions, answer: boolean): Promise<SearchResponse> {
    const { tenant, documentSets, documentSet, signal, ...given } = options;
    const request = parseWith(SearchRequest, { ...given, prompt, answer, document_set: documentSet });
    const asker = makePrincipal({ tenant, documentSets });
    // a cached answer is frozen; the application may do with its own what it likes
    return structuredClone(await this.part(AnswersService).search(request, asker, signal));
  }

  private part<T>(type: new (...parts: never[]) => T): T {
    return this.service.app.get<T>(type, { strict: false });
  }
}
