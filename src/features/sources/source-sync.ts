import { Injectable } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../platform/database/database.js';
import type { SourceCounts, SourceItemRow, SourceRow } from '../../platform/database/functions.js';
import { DocumentStore } from '../documents/document.store.js';
import { DocumentsService } from '../documents/documents.service.js';
import { Intake } from '../documents/intake.js';
import type { Listing, Source, SourceItem } from './source.js';

/** After this many failures in a row, the source counts as down. */
const maxFailuresInARow = 20;
const maxDetailLength = 500;

export interface SyncResult {
  counts: SourceCounts;
  checkpoint: string | null;
  /** The last item that failed; null if none did. */
  error: { code: string; detail: string } | null;
}

/** Brings the documents of a source in line with its items: new, changed and vanished ones, each once. */
@Injectable()
export class SourceSync {
  constructor(
    private readonly database: Database,
    private readonly store: DocumentStore,
    private readonly documents: DocumentsService,
    private readonly intake: Intake,
  ) {}

  /** @throws what stops the whole run: the source or this service is unavailable, a quota is used up, the signal aborts */
  async run(
    row: SourceRow,
    source: Source,
    signal: AbortSignal,
    tell: (done: number) => void,
  ): Promise<SyncResult> {
    const listing = await source.list(row.checkpoint, signal);
    const rows = await this.database.call('list_source_items', { source: row.id });
    const known = new Map(rows.map((item) => [item.key, item]));
    const counts: SourceCounts = {
      listed: listing.items.length,
      added: 0,
      changed: 0,
      unchanged: 0,
      removed: 0,
      failed: 0,
    };
    let error: SyncResult['error'] = null;
    let failures = 0;
    for (const [index, item] of listing.items.entries()) {
      signal.throwIfAborted();
      try {
        counts[await this.take(row, source, item, known.get(item.key), signal)] += 1;
        failures = 0;
      } catch (cause) {
        const { code, detail } = toFailure(cause);
        if (stopsRun(cause) || ++failures >= maxFailuresInARow) throw cause;
        counts.failed += 1;
        error = { code, detail: `${item.key}: ${detail}`.slice(0, maxDetailLength) };
      }
      tell((index + 1) / listing.items.length);
    }
    for (const gone of vanished(listing, known)) {
      signal.throwIfAborted();
      await this.remove(row, gone);
      counts.removed += 1;
    }
    return { counts, checkpoint: listing.checkpoint, error };
  }

  private async take(
    row: SourceRow,
    source: Source,
    item: SourceItem,
    before: SourceItemRow | undefined,
    signal: AbortSignal,
  ): Promise<'added' | 'changed' | 'unchanged'> {
    if (before && item.version !== null && before.version === item.version) return 'unchanged';
    const principal = makePrincipal(row);
    await this.refuseForeign(principal, row, item, before);
    const body = await source.fetch(item, signal);
    await using files = this.intake.open(principal);
    await files.add({ filename: item.filename, body }).catch((cause: unknown) => {
      if (!body.errored) throw cause;
      throw new Problem('upstream_rejected', 'The item could not be read to its end.', { cause });
    });
    const { documents } = await this.intake.accept(files, {
      document_set: row.document_set,
      pipeline: 'standard',
      metadata: { source_id: row.id, source_key: item.key.slice(0, 2000) },
    });
    const [document] = documents;
    if (!document) return 'unchanged';
    await this.database.call('put_source_item', {
      source: row.id,
      key: item.key,
      version: item.version,
      document_id: document.id,
    });
    if (document.duplicate) return before ? 'unchanged' : 'added';
    return before ? 'changed' : 'added';
  }

  /**
   * Refuses to overwrite a document that was uploaded otherwise or came from another item.
   * @throws conflict
   */
  private async refuseForeign(
    principal: Principal,
    row: SourceRow,
    item: SourceItem,
    before: SourceItemRow | undefined,
  ): Promise<void> {
    const found = await this.store
      .resolve(principal, item.filename, row.document_set)
      .catch((error: unknown) => {
        if (toFailure(error).code === 'not_found') return null;
        throw error;
      });
    if (!found || found.id === before?.document_id) return;
    // the previous run ended between creating the document and recording it
    if (found.metadata['source_id'] === row.id && found.metadata['source_key'] === item.key) return;
    throw new Problem('conflict', `The set has a document ${item.filename} that came another way.`);
  }

  private async remove(row: SourceRow, { key, document_id }: SourceItemRow): Promise<void> {
    await this.documents.delete(makePrincipal(row), document_id, row.document_set).catch((error: unknown) => {
      if (toFailure(error).code !== 'not_found') throw error;
    });
    await this.database.call('drop_source_item', { source: row.id, key });
  }
}

/** A source acts for who made it, within its set. */
const makePrincipal = ({ tenant, subject, document_set }: SourceRow): Principal => ({
  tenant,
  subject,
  scopes: ['read', 'write'],
  document_sets: [document_set],
  key: null,
  via: 'none',
  expires_at: null,
});

/** Faults of this service, and quotas: the next item would meet them too. */
function stopsRun(error: unknown): boolean {
  if (!(error instanceof Problem)) return true;
  return error.status >= 500 && !error.code.startsWith('upstream_') ? true : error.code === 'quota_exceeded';
}

function vanished({ items, vanished: told }: Listing, known: Map<string, SourceItemRow>): SourceItemRow[] {
  if (told !== 'unlisted') return told.flatMap((key) => known.get(key) ?? []);
  const listed = new Set(items.map(({ key }) => key));
  return [...known.values()].filter(({ key }) => !listed.has(key));
}
