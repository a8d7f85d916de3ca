import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { currentContext } from '../../common/request-context.js';
import type { DeletedDocument, DeletionReceipt, DocumentRow } from '../../platform/database/functions.js';
import { EventBus } from '../../platform/events/event-bus.js';
import { documentDeleted } from '../../platform/events/events.js';
import { Announcer } from '../../platform/queue/announcer.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import { parserVersion } from '../parsing/parser-version.js';
import { DocumentStore } from './document.store.js';
import type { ChangeDocumentRequest, ReparseRequest, ReparseResponse } from './documents.dto.js';
import { sumReceipts } from './receipts.js';
import { assertMayWrite, parseSetName } from './writable-sets.js';

/** Changes and deletes documents. `Intake` makes them. */
@Injectable()
export class DocumentsService {
  constructor(
    private readonly store: DocumentStore,
    private readonly tasks: TaskProducer,
    private readonly announcer: Announcer,
    private readonly events: EventBus,
  ) {}

  /** @throws not_found, ambiguous_document */
  async delete(
    principal: Principal,
    key: string,
    documentSet: string | undefined,
  ): Promise<{ id: string; filename: string; document_set: string; receipt: DeletionReceipt }> {
    const document = await this.store.resolve(
      principal,
      key,
      documentSet === undefined ? null : parseSetName(documentSet),
    );
    const { receipt, cancelled } = await this.store.delete(principal, document.id);
    await this.announcer.announce(cancelled);
    await this.events.publish(
      principal.tenant,
      documentDeleted(document, receipt, { task: null, requestId: currentContext()?.requestId ?? null }),
    );
    const { id, filename, document_set } = document;
    return { id, filename, document_set, receipt };
  }

  /** Deletes the documents that the principal sees; ids of others are `missing`. */
  async deleteMany(
    principal: Principal,
    ids: string[],
  ): Promise<{ deleted: DeletedDocument[]; receipt: DeletionReceipt; missing: string[] }> {
    const { deleted, cancelled } = await this.store.deleteMany(principal, ids);
    await this.announcer.announce(cancelled);
    const cause = { task: null, requestId: currentContext()?.requestId ?? null };
    for (const document of deleted)
      await this.events.publish(principal.tenant, documentDeleted(document, document.receipt, cause));
    const gone = new Set(deleted.map(({ id }) => id));
    return {
      deleted,
      receipt: sumReceipts(deleted.map(({ receipt }) => receipt)),
      missing: ids.filter((id) => !gone.has(id)),
    };
  }

  /** Starts the deletion of a whole set. @throws not_found when the principal sees no such set */
  async deleteSet(principal: Principal, name: string): Promise<string> {
    const documentSet = parseSetName(name);
    assertMayWrite(principal, documentSet);
    const sets = await this.store.sets(principal);
    if (!sets.some((set) => set.name === documentSet)) throw new Problem('not_found');
    return this.tasks.create('delete_set', { document_set: documentSet }, principal, {
      document_set: documentSet,
    });
  }

  /**
   * Reads documents again whose text was made by older parsers. They answer with the former text meanwhile.
   */
  async reparse(principal: Principal, request: ReparseRequest): Promise<z.infer<typeof ReparseResponse>> {
    const { batch_id, documents, remaining, rings } = await this.store.reparse(principal, request);
    await this.announcer.ring(rings);
    return { task_id: documents > 0 ? batch_id : null, documents, remaining, parser_version: parserVersion };
  }

  /** @throws not_found, forbidden for a set that the principal may not see, conflict */
  async change(principal: Principal, id: string, request: ChangeDocumentRequest): Promise<DocumentRow> {
    if (request.document_set !== undefined) assertMayWrite(principal, request.document_set);
    return this.store.change(principal, id, request);
  }
}
