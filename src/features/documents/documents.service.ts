import { Injectable } from '@nestjs/common';
import { currentContext } from '../../common/request-context.js';
import { Problem, type ErrorCode } from '../../common/errors.js';
import { uuidv7 } from '../../common/ids.js';
import { withoutWatchedKeys } from '../../common/watched-metadata.js';
import { normalizeDocumentSet } from '../../common/document-set.js';
import { Env } from '../../config/env.js';
import type {
  CreatedDocument,
  DeletionReceipt,
  DocumentRow,
  NewDocument,
  Pipeline,
  TaskNotice,
  TenantQuota,
} from '../../platform/database/functions.js';
import { EventBus } from '../../platform/events/event-bus.js';
import { documentDeleted, ingestQueued } from '../../platform/events/events.js';
import { Announcer } from '../../platform/queue/announcer.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import type { Principal } from '../../common/principal.js';
import { DocumentStore } from './document.store.js';
import type { ChangeDocumentRequest, UploadResponse } from './documents.dto.js';
import { Quotas } from '../auth/quotas.js';
import { rejectionOf, type Rejection } from './rejections.js';
import { Uploads, type IncomingFile, type StoredFile } from './uploads.js';

/** What the client wants done with one file. */
export interface FileOrder {
  document_set: string;
  pipeline: Pipeline;
  /** Keep text that the document hides from its reader. */
  include_hidden?: boolean;
  metadata: Record<string, unknown> | null;
}

/** Documents from the moment they arrive until their task is rung. */
@Injectable()
export class DocumentsService {
  constructor(
    private readonly env: Env,
    private readonly store: DocumentStore,
    private readonly uploads: Uploads,
    private readonly quotas: Quotas,
    private readonly tasks: TaskProducer,
    private readonly announcer: Announcer,
    private readonly events: EventBus,
  ) {}

  /**
   * Takes one file in; a file's own fault is a rejection, the server's is thrown.
   * @throws storage_full, storage_unavailable, database_unavailable
   */
  async receive(principal: Principal, file: IncomingFile): Promise<StoredFile | Rejection> {
    try {
      return await this.uploads.receive(principal.tenant, file);
    } catch (error) {
      return rejectionOf(file.filename, error);
    }
  }

  /**
   * Makes documents of stored files, all of them or none, and rings for their tasks.
   * @throws the first rejection's problem when nothing is left; forbidden, quota_exceeded
   */
  async accept(
    principal: Principal,
    stored: { file: StoredFile; order: FileOrder }[],
    refused: Rejection[],
    documentSet: string,
    { isFolder = false } = {},
  ): Promise<UploadResponse> {
    const { files, namesakes } = withoutNamesakes(isFolder ? stored : stored.map(asOfClient));
    await this.discard(principal, namesakes);
    const rejected = [...refused, ...namesakes.map(rejectionOfNamesake)];
    if (files.length === 0)
      throw (
        rejected[0]?.problem ??
        new Problem('validation_failed', 'The request contains no file.', {
          errors: [{ field: 'files', message: 'needs at least one file' }],
        })
      );
    try {
      for (const { order } of files) this.mayWrite(principal, order.document_set);
      const embeds = this.env.EMBEDDING_DRIVER === 'openai';
      const looks = this.env.OPENAI_VISION_MODEL !== undefined;
      if (embeds || (looks && files.some(({ order }) => order.pipeline === 'vlm')))
        await this.quotas.assertTokens(principal.tenant);
      const documents = await this.quotas.within(['documents', 'bytes', 'tasks'], (quota) =>
        this.create(principal, files, quota),
      );
      return {
        status: 'success',
        task_id: documents.batch_id,
        document_set: documentSet,
        uploaded: documents.documents.map(({ filename }) => filename),
        documents: documents.documents,
        rejected: rejected.map(({ problem: _problem, ...rejection }) => rejection),
      };
    } catch (error) {
      await this.discard(
        principal,
        files.map(({ file }) => file),
      );
      throw error;
    }
  }

  discard({ tenant }: Principal, files: StoredFile[]): Promise<void> {
    return this.uploads.discard(
      tenant,
      files.map(({ key }) => key),
    );
  }

  /** @throws not_found, ambiguous_document */
  async delete(
    principal: Principal,
    key: string,
    documentSet: string | undefined,
  ): Promise<{ filename: string; document_set: string; receipt: DeletionReceipt }> {
    const document = await this.store.resolve(
      principal,
      key,
      documentSet === undefined ? null : namedSet(documentSet),
    );
    const { receipt, cancelled } = await this.store.delete(principal, document.id);
    await this.announcer.announce(cancelled);
    await this.events.publish(
      principal.tenant,
      documentDeleted(document, receipt, { task: null, requestId: currentContext()?.requestId ?? null }),
    );
    return { filename: document.filename, document_set: document.document_set, receipt };
  }

  /** Starts the deletion of a whole set. @throws not_found when the principal sees no such set */
  async deleteSet(principal: Principal, name: string): Promise<string> {
    const documentSet = namedSet(name);
    this.mayWrite(principal, documentSet);
    const sets = await this.store.sets(principal);
    if (!sets.some((set) => set.name === documentSet)) throw new Problem('not_found');
    return this.tasks.create('delete_set', { document_set: documentSet }, principal, {
      document_set: documentSet,
    });
  }

  private async create(
    principal: Principal,
    files: { file: StoredFile; order: FileOrder }[],
    quota: TenantQuota | null,
  ) {
    const rows: NewDocument[] = files.map(({ file, order }) => ({
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
    const created = await this.store.create(principal, rows, quota);
    // A queue that is down costs nothing: the rows are there, and the sweeper rings.
    await Promise.all([this.announcer.ring(created.rings), this.announceCreated(principal.tenant, created)]);
    return created;
  }

  /** @throws not_found, forbidden for a set that the principal may not see, conflict */
  async change(principal: Principal, id: string, request: ChangeDocumentRequest): Promise<DocumentRow> {
    if (request.document_set !== undefined) this.mayWrite(principal, request.document_set);
    return this.store.change(principal, id, request);
  }

  private mayWrite(principal: Principal, documentSet: string): void {
    if (principal.document_sets && !principal.document_sets.includes(documentSet))
      throw new Problem('forbidden', 'This principal has no write access to the document set.');
  }

  private async announceCreated(
    tenant: string,
    { superseded, documents }: { superseded: TaskNotice[]; documents: CreatedDocument[] },
  ): Promise<void> {
    await this.announcer.announce(superseded);
    for (const document of documents) {
      if (!document.duplicate)
        await this.events.publish(tenant, ingestQueued(document, currentContext()?.requestId ?? null));
    }
  }
}

/** A set that a client names in order to delete: never the wildcard. @throws validation_failed */
export function namedSet(text: string): string {
  const name = normalizeDocumentSet(text);
  const wildcard: ErrorCode = 'validation_failed';
  if (name === 'all')
    throw new Problem(wildcard, '`all` is no document set', {
      errors: [{ field: 'document_set', message: 'name one set' }],
    });
  return name;
}

/**
 * Tells apart files that would be one document: in one request the later one would replace the first before anybody could read it. The same
 * bytes twice are no loss: they are a duplicate.
 */
function withoutNamesakes<T extends { file: StoredFile; order: FileOrder }>(
  stored: T[],
): { files: T[]; namesakes: StoredFile[] } {
  const first = new Map<string, string>();
  const files: T[] = [];
  const namesakes: StoredFile[] = [];
  for (const entry of stored) {
    const { file, order } = entry;
    const name = JSON.stringify([order.document_set, file.filename]);
    const known = first.get(name);
    first.set(name, known ?? file.sha256);
    if (known === undefined || known === file.sha256) files.push(entry);
    else namesakes.push(file);
  }
  return { files, namesakes };
}

function rejectionOfNamesake({ filename, folder }: StoredFile): Rejection {
  const problem = new Problem(
    'duplicate_filename',
    'An earlier file of the request has the same name and other content. Rename one of them, or upload it to another document set.',
  );
  return rejectionOf(filename, problem, folder ? `${folder}/${filename}` : undefined);
}

/** The folder of the file stands in `path`, unless the client says itself what stands there. */
function metadataOfClient({ folder }: StoredFile, { metadata }: FileOrder): FileOrder['metadata'] {
  const given = metadata && withoutWatchedKeys(metadata);
  return folder === null ? given : { path: folder, ...given };
}

const asOfClient = ({ file, order }: { file: StoredFile; order: FileOrder }) => ({
  file,
  order: { ...order, metadata: metadataOfClient(file, order) },
});
