import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Database } from '../../platform/database/database.js';
import type { SourceCounts, SourceItemRow, SourceRow } from '../../platform/database/functions.js';
import { DocumentStore } from '../documents/document.store.js';
import { DocumentsService } from '../documents/documents.service.js';
import { Intake } from '../documents/intake.js';
import { type Source, type SourceItem, type ItemMemo, maxFailuresInARow } from './source.js';
import { SourcePass } from './source-pass.js';

const maxDetailLength = 500;

export interface SyncResult {
  counts: SourceCounts;
  checkpoint: string | null;
  /** The last item that failed; null if none did. */
  error: { code: string; detail: string } | null;
}

type Outcome = 'added' | 'changed' | 'unchanged' | 'removed';

/** One run of one source. */
interface Run {
  row: SourceRow;
  source: Source;
  pass: SourcePass;
  signal: AbortSignal;
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

  /**
   * Goes on where the last run ended early, else starts a new pass.
   * @param tell receives the share that is done, 0…1
   * @throws what stops the whole run: the source or this service
   * is unavailable, a quota is used up, the signal aborts
   */
  async run(
    row: SourceRow,
    source: Source,
    signal: AbortSignal,
    tell: (done: number) => void,
  ): Promise<SyncResult> {
    const rows = await this.database.call('list_source_items', { source: row.id });
    const pass = new SourcePass(row, rows);
    const run = { row, source, pass, signal };
    let error: SyncResult['error'] = null;
    let failures = 0;
    let before = 0;
    let checkpoint: string | null = null;
    for await (const part of source.list(pass, signal)) {
      for (const [index, item] of part.items.entries()) {
        signal.throwIfAborted();
        pass.note(item);
        try {
          pass.counts[await this.take(run, item)] += 1;
          failures = 0;
        } catch (cause) {
          const { code, detail } = toFailure(cause);
          if (stopsRun(cause) || ++failures >= maxFailuresInARow) throw cause;
          pass.counts.failed += 1;
          error = { code, detail: `${item.key}: ${detail}`.slice(0, maxDetailLength) };
        }
        tell(before + ((part.share - before) * (index + 1)) / part.items.length);
      }
      before = part.share;
      await this.removeVanished(run, part.vanished ?? []);
      checkpoint = part.checkpoint;
      if (checkpoint !== null)
        await this.database.call('save_source_progress', {
          source: row.id,
          checkpoint: pass.progress(checkpoint),
          keys: part.items.map(({ key }) => key),
        });
    }
    return { counts: pass.counts, checkpoint: pass.end(checkpoint), error };
  }

  private async removeVanished({ row, pass, signal }: Run, vanished: 'unlisted' | string[]): Promise<void> {
    for (const gone of pass.vanished(vanished)) {
      signal.throwIfAborted();
      await this.remove(row, gone);
      pass.counts.removed += 1;
    }
  }

  private async take({ row, source, pass, signal }: Run, item: SourceItem): Promise<Outcome> {
    const before = pass.row(item.key);
    const document_id = before?.document_id;
    const keep = (document: string, memo: ItemMemo | null) =>
      this.database.call('put_source_item', {
        source: row.id,
        key: item.key,
        version: item.version,
        document_id: document,
        memo,
      });
    if (before && item.version !== null && before.version === item.version) {
      if (item.memo && !isDeepStrictEqual(item.memo, before.memo)) await keep(before.document_id, item.memo);
      return 'unchanged';
    }
    const principal = makePrincipal(row);
    await this.refuseForeign(principal, row, item, document_id);
    const fetched = await source.fetch(item, pass.find(item.key), signal).catch((cause: unknown) => {
      // It was listed and is gone all the same: a sitemap is made seldom.
      if (!before || toFailure(cause).code !== 'not_found') throw cause;
      return null;
    });
    if (fetched === null && before) {
      await this.remove(row, before);
      return 'removed';
    }
    if (fetched === null || fetched === 'unchanged') {
      if (before && before.version !== item.version) await keep(before.document_id, before.memo);
      return 'unchanged';
    }
    const document = await this.ingest(row, item, fetched.body);
    if (!document) return 'unchanged';
    await keep(document.id, item.memo ?? fetched.memo ?? null);
    if (document.duplicate) return before ? 'unchanged' : 'added';
    return before ? 'changed' : 'added';
  }

  private async ingest(row: SourceRow, item: SourceItem, body: Readable) {
    await using files = this.intake.open(makePrincipal(row));
    await files.add({ filename: item.filename, body }).catch((cause: unknown) => {
      if (!body.errored) throw cause;
      throw new Problem('upstream_rejected', 'The item could not be read to its end.', { cause });
    });
    const { documents } = await this.intake.accept(files, {
      document_set: row.document_set,
      pipeline: 'standard',
      metadata: { source_id: row.id, source_key: item.key.slice(0, 2000) },
    });
    return documents[0];
  }

  /**
   * Refuses to overwrite a document that was uploaded otherwise or came from another item.
   * @throws conflict
   */
  private async refuseForeign(
    principal: Principal,
    row: SourceRow,
    item: SourceItem,
    before: string | undefined,
  ): Promise<void> {
    const found = await this.store
      .resolve(principal, item.filename, row.document_set)
      .catch((error: unknown) => {
        if (toFailure(error).code === 'not_found') return null;
        throw error;
      });
    if (!found || found.id === before) return;
    // the previous run ended between creating the document and recording it
    if (found.metadata['source_id'] === row.id && found.metadata['source_key'] === item.key) return;
    throw new Problem(
      'conflict',
      `The set already has a document ${item.filename} from elsewhere. Delete it, or use another set.`,
    );
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
