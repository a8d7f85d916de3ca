import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { IndexedDocumentRow, SetChanges } from '../../../platform/database/functions.js';
import type { SearchScope } from '../search.store.js';
import type { DocumentFacts, IndexedChunkRow, IndexedSpace } from './rows.js';

/** A scope of more sets is searched in the database. */
const maxSets = 256;

/** The state of a scope's sets when a question was asked: what it finds is that or newer. */
export interface SeenRevisions {
  /** Null when the scope has too many sets. */
  bySet: Map<string, number> | null;
  /** On the process's clock. */
  askedAt: number;
}

/** A document as the index takes it, whole. */
export interface WholeDocument {
  facts: DocumentFacts;
  rows: IndexedChunkRow[];
}

/** Reads rows for the index beside them; the SQL is `search-index.sql`. */
@Injectable()
export class IndexStore {
  constructor(private readonly database: Database) {}

  /** @throws database_unavailable */
  async revisions(
    { tenant, sets, document_set }: Omit<SearchScope, 'filter'>,
    signal?: AbortSignal,
  ): Promise<SeenRevisions> {
    const askedAt = performance.now();
    const revisions = await this.database.call(
      'set_revisions',
      { tenant, sets, document_set, limit: maxSets },
      { signal },
    );
    return { bySet: revisions && new Map(Object.entries(revisions)), askedAt };
  }

  /** @param since the horizon of the last changes; null for all documents */
  changes(tenant: string, set: string, since: string | null): Promise<SetChanges> {
    return this.database.call('set_changes', { tenant, document_set: set, since });
  }

  /**
   * At most `limit` chunks of each document, from one place on;
   * documents that the set does not have any more are left out.
   */
  async documents(
    tenant: string,
    set: string,
    documents: string[],
    space: IndexedSpace | null,
    from: number,
    limit: number,
  ): Promise<(WholeDocument & { count: number })[]> {
    const rows = await this.database.call('index_rows', {
      tenant,
      document_set: set,
      documents,
      space: space?.id ?? null,
      from,
      limit,
    });
    return rows.map(toWhole);
  }

  /** Documents of the scope that the filter leaves. */
  async filtered(
    { tenant, sets, document_set, filter }: SearchScope,
    signal?: AbortSignal,
  ): Promise<Set<string>> {
    const ids = await this.database.call('filtered_ids', { tenant, sets, document_set, filter }, { signal });
    return new Set(uuidsIn(Buffer.from(ids, 'base64').toString('hex')));
  }
}

function toWhole({ count, chunks, ...facts }: IndexedDocumentRow): WholeDocument & { count: number } {
  return {
    facts,
    count,
    rows: chunks.map(
      ([id, ordinal, heading, page, page_end, length, fingerprint, content, words, vector]) => ({
        id,
        ordinal,
        heading,
        page,
        page_end,
        length,
        fingerprint: BigInt(fingerprint),
        content,
        words: Buffer.from(words, 'base64'),
        vector: vector === null ? null : Buffer.from(vector, 'base64'),
      }),
    ),
  };
}

function* uuidsIn(hex: string): Generator<string> {
  for (let at = 0; at < hex.length; at += 32)
    yield `${hex.slice(at, at + 8)}-${hex.slice(at + 8, at + 12)}-${hex.slice(at + 12, at + 16)}-${hex.slice(at + 16, at + 20)}-${hex.slice(at + 20, at + 32)}`;
}
