import { Injectable } from '@nestjs/common';
import {
  parseKeyset,
  parseNameKeyset,
  ordinalCursor,
  parseOrdinal,
  pageByName,
  cutPage,
} from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { isUuid, uuidv7 } from '../../common/ids.js';
import { Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import type { Transaction } from '../../platform/database/host-pool.js';
import type {
  Answer,
  ChunkRow,
  DocumentRow,
  DocumentSetRow,
  DocumentVersionRow,
  NewDocument,
  TenantQuota,
  VersionRow,
} from '../../platform/database/functions.js';
import { makeOrigin, templateFor } from '../../platform/queue/task-producer.js';
import { scopeArguments, type Principal } from '../../common/principal.js';
import type { ChangeDocumentRequest, ListDocumentsQuery, ReparseRequest } from './documents.dto.js';

/** Documents of one request: they are made versions of in one transaction. */
const maxReparsed = 1000;

/** Documents in the view of a principal. Documents outside of it count as missing. */
@Injectable()
export class DocumentStore {
  constructor(
    private readonly env: Env,
    private readonly database: Database,
  ) {}

  /**
   * All documents of an upload, their versions and their tasks
   * in one transaction. @throws quota_exceeded, request_timeout
   */
  create(
    principal: Principal,
    documents: NewDocument[],
    quota: TenantQuota | null,
    transaction?: Transaction,
  ): Promise<Answer<'create_documents'>> {
    const request = {
      ...makeOrigin(principal),
      batch_id: uuidv7(),
      documents,
      task: templateFor('ingest', this.env.TASK_MAX_ATTEMPTS),
      quota,
    };
    return this.database.call('create_documents', request, { transaction });
  }

  /** Makes versions of the documents that older parsers read, and one batch of their tasks. */
  async reparse(
    principal: Principal,
    { document_set, older_than_version }: ReparseRequest,
  ): Promise<Answer<'reparse_documents'> & { batch_id: string }> {
    const batch_id = uuidv7();
    const answer = await this.database.call('reparse_documents', {
      ...makeOrigin(principal),
      sets: principal.document_sets,
      batch_id,
      document_set: document_set ?? null,
      older_than: older_than_version,
      // uploads and requests of people go first
      task: { ...templateFor('ingest', this.env.TASK_MAX_ATTEMPTS), priority: -1 },
      limit: maxReparsed,
    });
    return { ...answer, batch_id };
  }

  async list(
    principal: Principal,
    query: ListDocumentsQuery,
  ): Promise<{ rows: DocumentRow[]; next_cursor: string | null }> {
    const byName = query.sort?.startsWith('name') ?? false;
    const list = `documents_${query.sort ?? 'newest'}` as const;
    const after = byName ? null : parseKeyset(list, query.cursor);
    const afterName = byName ? parseNameKeyset(list, query.cursor) : null;
    const rows = await this.database.call('list_documents', {
      ...scopeArguments(principal),
      document_set: query.document_set,
      status: query.status ?? null,
      q: query.q ?? null,
      media_types: query.media_type ?? null,
      created_from: query.created_from ?? null,
      created_to: query.created_to ?? null,
      sort: query.sort ?? null,
      before_at: after?.at ?? null,
      before_name: afterName?.name ?? null,
      before_id: after?.id ?? afterName?.id ?? null,
      limit: query.limit + 1,
    });
    if (byName) return pageByName(list, rows, query.limit);
    return cutPage(list, rows, query.limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** @throws not_found */
  async get(principal: Principal, id: string): Promise<DocumentRow> {
    const row = isUuid(id)
      ? await this.database.call('get_document', { ...scopeArguments(principal), id })
      : null;
    if (!row) throw new Problem('not_found');
    return row;
  }

  /** Newest first. @throws not_found */
  async versions(principal: Principal, id: string): Promise<DocumentVersionRow[]> {
    const rows = isUuid(id)
      ? await this.database.call('list_versions', { ...scopeArguments(principal), document_id: id })
      : [];
    if (rows.length === 0) throw new Problem('not_found');
    return rows;
  }

  /** @throws not_found, conflict */
  async change(
    principal: Principal,
    id: string,
    { metadata, document_set }: ChangeDocumentRequest,
  ): Promise<DocumentRow> {
    const row = isUuid(id)
      ? await this.database.call('update_document', {
          ...scopeArguments(principal),
          id,
          metadata: metadata ?? null,
          document_set: document_set ?? null,
        })
      : null;
    if (!row) throw new Problem('not_found');
    return row;
  }

  async chunks(
    principal: Principal,
    id: string,
    page: { limit: number; cursor?: string },
  ): Promise<{ rows: ChunkRow[]; next_cursor: string | null }> {
    await this.get(principal, id);
    const rows = await this.database.call('list_chunks', {
      ...scopeArguments(principal),
      document_id: id,
      after_ordinal: parseOrdinal(page.cursor),
      limit: page.limit + 1,
    });
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    return {
      rows: shown,
      next_cursor: rows.length > page.limit && last ? ordinalCursor(last.ordinal) : null,
    };
  }

  /**
   * Finds a document by its id or its file name.
   * @throws not_found; ambiguous_document when several sets have the name and none is given
   */
  async resolve(principal: Principal, key: string, documentSet: string | null): Promise<DocumentRow> {
    if (isUuid(key)) {
      const row = await this.database.call('get_document', { ...scopeArguments(principal), id: key });
      if (row && (documentSet === null || row.document_set === documentSet)) return row;
    }
    const rows = await this.database.call('find_documents', {
      ...scopeArguments(principal),
      filename: key.normalize('NFC'),
      document_set: documentSet,
    });
    const [first, ...others] = rows;
    if (!first) throw new Problem('not_found');
    if (others.length > 0)
      throw new Problem(
        'ambiguous_document',
        `The file name exists in ${rows.length} document sets. Name one with document_set.`,
      );
    return first;
  }

  /** The published version, or the newest if none is published. @throws not_found */
  async version(principal: Principal, documentId: string): Promise<VersionRow> {
    const row = await this.database.call('get_version', {
      ...scopeArguments(principal),
      document_id: documentId,
      version: null,
    });
    if (!row) throw new Problem('not_found');
    return row;
  }

  /** @throws not_found */
  async delete(principal: Principal, id: string): Promise<NonNullable<Answer<'delete_document'>>> {
    const deleted = await this.database.call('delete_document', { ...scopeArguments(principal), id });
    if (!deleted) throw new Problem('not_found');
    return deleted;
  }

  deleteMany(principal: Principal, ids: string[]): Promise<Answer<'delete_documents'>> {
    return this.database.call('delete_documents', { ...scopeArguments(principal), ids });
  }

  sets(principal: Principal): Promise<DocumentSetRow[]> {
    return this.database.call('list_document_sets', scopeArguments(principal));
  }
}
