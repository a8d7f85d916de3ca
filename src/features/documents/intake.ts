import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { uuidv7 } from '../../common/ids.js';
import type { Principal } from '../../common/principal.js';
import { currentContext } from '../../common/request-context.js';
import { withoutWatchedKeys } from '../../common/watched-metadata.js';
import { Env } from '../../config/env.js';
import type { Transaction } from '../../platform/database/host-pool.js';
import type { Answer, NewDocument, TenantQuota } from '../../platform/database/functions.js';
import { EventBus } from '../../platform/events/event-bus.js';
import { ingestQueued } from '../../platform/events/events.js';
import { Announcer } from '../../platform/queue/announcer.js';
import { Quotas } from '../auth/quotas.js';
import { Archives } from './archives.js';
import { DocumentStore } from './document.store.js';
import type { UploadResponse } from './documents.dto.js';
import { IncomingFiles, type FileOrder } from './incoming-files.js';
import { makeRejection, refuseAll, toRejectedFile, type Rejection } from './rejections.js';
import { Uploads, type StoredFile } from './uploads.js';
import { assertMayWrite } from './writable-sets.js';

interface OrderedFile {
  file: StoredFile;
  order: FileOrder;
}

/**
 * Takes files in, for every route, source and watched folder: `open`, add the files, `accept`.
 * Files are in the blob store before the database knows of them. `accept` then makes all documents and tasks
 * in one transaction.
 */
@Injectable()
export class Intake {
  constructor(
    private readonly env: Env,
    private readonly uploads: Uploads,
    private readonly archives: Archives,
    private readonly store: DocumentStore,
    private readonly quotas: Quotas,
    private readonly announcer: Announcer,
    private readonly events: EventBus,
  ) {}

  /** @param request given when it may be a repetition; the files of a repeated request are only hashed */
  open(principal: Principal, request?: FastifyRequest): IncomingFiles {
    return new IncomingFiles(this.uploads, principal, request?.idempotency?.first != null);
  }

  /**
   * Makes documents of all files or of none.
   * @param order for files that were added without one; the answer names its set
   * @param keepsWatchedKeys true only for the watched folder: a client must not write the keys by which the
   * folder deletes
   * @throws forbidden, quota_exceeded; the first rejection's problem when no file is left
   */
  async accept(
    files: IncomingFiles,
    order: FileOrder,
    options: { keepsWatchedKeys?: boolean } = {},
  ): Promise<UploadResponse> {
    const { response, announce } = await this.acceptIn(files, order, options);
    await announce();
    return response;
  }

  /**
   * As `accept`, in a transaction of the caller where one is given. Until that is committed nobody can see
   * the rows, so the caller says when to announce them. Without an announcement the sweeper finds the tasks.
   */
  async acceptIn(
    files: IncomingFiles,
    order: FileOrder,
    { keepsWatchedKeys = false, transaction }: { keepsWatchedKeys?: boolean; transaction?: Transaction },
  ): Promise<{ response: UploadResponse; announce: () => Promise<void> }> {
    const { principal } = files;
    const unpacked = await this.archives.unpackAll(files);
    const ordered = unpacked.flatMap((entry) => ('file' in entry ? [{ order, ...entry }] : []));
    const { distinct, namesakes } = separateNamesakes(
      keepsWatchedKeys ? ordered : ordered.map(withClientMetadata),
    );
    await files.discard(namesakes);
    const rejected = [
      ...unpacked.flatMap((entry) => ('rejection' in entry ? [entry.rejection] : [])),
      ...namesakes.map(rejectionOfNamesake),
    ];
    const [first, ...others] = rejected;
    if (distinct.length === 0) throw first ? refuseAll([first, ...others]) : noFile();
    for (const { order } of distinct) assertMayWrite(principal, order.document_set);
    if (this.costsTokens(distinct)) await this.quotas.assertTokens(principal.tenant);
    const created = await this.quotas.within(['documents', 'bytes', 'tasks'], (quota) =>
      this.create(files, distinct, quota, transaction),
    );
    const response: UploadResponse = {
      status: 'success',
      task_id: created.batch_id,
      document_set: order.document_set,
      uploaded: created.documents.map(({ filename }) => filename),
      documents: created.documents,
      rejected: rejected.map(toRejectedFile),
    };
    return { response, announce: () => this.announceAll(principal.tenant, created) };
  }

  /** Neither can fail the upload: the rows exist, and the sweeper rings again. */
  private async announceAll(tenant: string, created: Answer<'create_documents'>): Promise<void> {
    await Promise.all([this.announcer.ring(created.rings), this.announce(tenant, created)]);
  }

  private costsTokens(files: OrderedFile[]): boolean {
    const looks = this.env.OPENAI_VISION_MODEL !== undefined;
    return (
      this.env.EMBEDDING_DRIVER === 'openai' || (looks && files.some(({ order }) => order.pipeline === 'vlm'))
    );
  }

  private async create(
    incoming: IncomingFiles,
    files: OrderedFile[],
    quota: TenantQuota | null,
    transaction?: Transaction,
  ): Promise<Answer<'create_documents'>> {
    const documents: NewDocument[] = files.map(({ file, order }) => ({
      id: uuidv7(),
      task_id: uuidv7(),
      filename: file.filename,
      blob_key: file.key,
      content_hash: file.sha256,
      bytes: file.bytes,
      format: file.format,
      media_type: file.media_type,
      ...order,
    }));
    const stored = files.map(({ file }) => file);
    try {
      const created = await this.store.create(incoming.principal, documents, quota, transaction);
      incoming.claim(stored);
      return created;
    } catch (error) {
      // After an outage it is unknown whether the documents exist. The sweeper removes the files if they do
      // not.
      if (!(error instanceof Problem) || error.status >= 500) incoming.claim(stored);
      throw error;
    }
  }

  private async announce(
    tenant: string,
    { superseded, documents }: Answer<'create_documents'>,
  ): Promise<void> {
    await this.announcer.announce(superseded);
    for (const document of documents) {
      if (!document.duplicate)
        await this.events.publish(tenant, ingestQueued(document, currentContext()?.requestId ?? null));
    }
  }
}

/** The folder of the file becomes `path`, unless the client gave a `path` itself. */
function withClientMetadata({ file, order }: OrderedFile): OrderedFile {
  const given = order.metadata && withoutWatchedKeys(order.metadata);
  const metadata = file.folder === null ? given : { path: file.folder, ...given };
  return { file, order: { ...order, metadata } };
}

/**
 * Finds files that would become the same document: the later one would replace the first before anybody could
 * read it. The same bytes twice are a duplicate and not a namesake.
 */
function separateNamesakes(files: OrderedFile[]): { distinct: OrderedFile[]; namesakes: StoredFile[] } {
  const hashes = new Map<string, string>();
  const distinct: OrderedFile[] = [];
  const namesakes: StoredFile[] = [];
  for (const entry of files) {
    const { file, order } = entry;
    const name = JSON.stringify([order.document_set, file.filename]);
    const known = hashes.get(name);
    hashes.set(name, known ?? file.sha256);
    if (known === undefined || known === file.sha256) distinct.push(entry);
    else namesakes.push(file);
  }
  return { distinct, namesakes };
}

function rejectionOfNamesake({ filename, folder }: StoredFile): Rejection {
  const problem = new Problem(
    'duplicate_filename',
    'An earlier file of the request has the same name and other content. Rename one of them, or upload it to another document set.',
  );
  return makeRejection(filename, problem, folder ? `${folder}/${filename}` : undefined);
}

const noFile = (): Problem =>
  new Problem('validation_failed', 'The request contains no file.', {
    errors: [{ field: 'files', message: 'needs at least one file' }],
  });
