import { Injectable } from '@nestjs/common';
import { parseKeyset, cutPage } from '../../common/cursor.js';
import { Problem } from '../../common/errors.js';
import { Database } from '../../platform/database/database.js';
import type { ChunkRow, DocumentRow, SummaryRow } from '../../platform/database/functions.js';
import type { Claim } from '../../platform/queue/work.js';
import type { ListSummariesQuery } from './summaries.dto.js';
import { scopeArguments } from '../../common/principal.js';

const chunksAtOnce = 200;

/** The scope of a reader. */
export interface Viewer {
  tenant: string;
  /** Null for all. */
  document_sets: string[] | null;
}

/** Summaries and the chunks they are made of. */
@Injectable()
export class SummaryStore {
  constructor(private readonly database: Database) {}

  async list(
    viewer: Viewer,
    query: ListSummariesQuery,
  ): Promise<{ rows: SummaryRow[]; next_cursor: string | null }> {
    const after = parseKeyset('summaries', query.cursor);
    const rows = await this.database.call('list_summaries', {
      ...scopeArguments(viewer),
      document_set: query.document_set,
      before_at: after?.at ?? null,
      before_id: after?.id ?? null,
      limit: query.limit + 1,
    });
    return cutPage('summaries', rows, query.limit, (row) => ({ at: row.created_at, id: row.id }));
  }

  /** The newest summary of a document with that name; null without one. */
  find(viewer: Viewer, filename: string, documentSet: string | null): Promise<SummaryRow | null> {
    return this.database.call('find_summary', {
      ...scopeArguments(viewer),
      filename,
      document_set: documentSet,
    });
  }

  document(tenant: string, id: string): Promise<DocumentRow | null> {
    return this.database.call('get_document', { tenant, sets: null, id });
  }

  /** The chunks of the version that answers searches, in order, read as they are taken. */
  async *chunks(viewer: Viewer, documentId: string, signal?: AbortSignal): AsyncGenerator<ChunkRow> {
    for (let after = -1; ;) {
      const page = {
        ...scopeArguments(viewer),
        document_id: documentId,
        after_ordinal: after,
        limit: chunksAtOnce,
      };
      const rows = await this.database.call('list_chunks', page, { signal });
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < chunksAtOnce) return;
      after = last.ordinal;
    }
  }

  /** @throws superseded when another claim or version has overtaken the work */
  async save(
    claim: Claim,
    summary: { document_id: string; version: number; text: string; model: string },
  ): Promise<SummaryRow> {
    const row = await this.database.call('save_summary', { ...claim, ...summary });
    if (!row) throw new Problem('superseded');
    return row;
  }
}
