import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { analyze, indexedText, buildLex } from '../../common/text/analyzer.js';
import { Database } from '../../platform/database/database.js';
import type { ChunkRow, OutdatedDocument } from '../../platform/database/functions.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Work } from '../../platform/queue/work.js';

const documentsAtOnce = 50;
const chunksAtOnce = 50;

/**
 * Remakes keyword rows of an older analysis. Searches go on meanwhile, and each remade document is found by
 * the new analysis at once. After an interruption, the next attempt continues with the rest.
 */
@Handles('reindex')
@Injectable()
export class ReindexHandler implements Handler<'reindex'> {
  readonly resumes = true;

  constructor(private readonly database: Database) {}

  async run({ analyzer }: Payload<'reindex'>, work: Work): Promise<JobResult<'reindex'>> {
    const result = { documents: 0, chunks: 0 };
    for (;;) {
      const outdated = await this.database.call('outdated_documents', { analyzer, limit: documentsAtOnce });
      let done = 0;
      for (const document of outdated) {
        work.signal.throwIfAborted();
        done += await work.stage('index', () => this.reindex(document, analyzer, work.signal));
        result.documents += 1;
      }
      result.chunks += done;
      // documents that are deleted or replaced meanwhile need nothing, and are not answered again
      if (outdated.length === 0 || done === 0) return result;
    }
  }

  /** @returns chunks whose rows were made again */
  private async reindex(
    { tenant, document_id, version, filename, title, language }: OutdatedDocument,
    analyzer: number,
    signal: AbortSignal,
  ): Promise<number> {
    let done = 0;
    for (let after = -1; ;) {
      const page = { tenant, sets: null, document_id, after_ordinal: after, limit: chunksAtOnce };
      const rows = await this.database.call('list_chunks', page, { signal });
      const last = rows.at(-1);
      if (!last) return done;
      after = last.ordinal;
      const chunks = rows.map(({ id, heading, content }: ChunkRow) => ({
        id,
        ...buildLex(analyze(indexedText({ filename, title, heading, content }), language)),
      }));
      const { reindexed } = await this.database.call('reindex_chunks', {
        document_id,
        version,
        analyzer,
        chunks,
      });
      done += reindexed;
      // other requests are answered in between
      await setImmediate();
    }
  }
}
