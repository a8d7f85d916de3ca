import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Together } from '../../common/together.js';
import type { BlobKey } from '../../platform/blob/blob-store.js';
import { Database } from '../../platform/database/database.js';
import type { Answer, Arguments, StagedChunk } from '../../platform/database/functions.js';
import { vectorLiteral } from '../../platform/embedding/vector-literal.js';
import type { Claim } from '../../platform/queue/work.js';
import { parserVersion } from '../parsing/parser-version.js';
import type { ParsedDocument } from '../parsing/parsed-document.js';

/** One version of a document under one claim. */
export interface VersionClaim extends Claim {
  document_id: string;
  version: number;
}

/** Chunks of all documents that are finished by one call, unless one has more by itself. */
const maxChunksAtOnce = 128;

export const overtaken = (): Problem =>
  new Problem('superseded', 'The document was deleted, replaced, or taken over by another worker.');

/**
 * A worker's writes about its version. Every write is fenced: a late one changes nothing and throws
 * `superseded`.
 */
@Injectable()
export class VersionStore {
  private readonly finishing = new Together<Arguments<'finish_document'>, Answer<'finish_document'> | null>(
    (documents) => this.finishAll(documents),
    maxChunksAtOnce,
  );

  constructor(private readonly database: Database) {}

  /** Announces a blob, so that the sweep removes it if this worker does not come to keep it. */
  async announce(tenant: string, key: BlobKey, ttlSeconds: number): Promise<void> {
    await this.database.call('declare_blobs', { tenant, keys: [key], ttl_seconds: ttlSeconds });
  }

  /** @throws superseded */
  async keepParsed(claim: VersionClaim, key: BlobKey, document: ParsedDocument): Promise<void> {
    const { kept } = await this.database.call('keep_parsed', {
      ...claim,
      parsed_key: key,
      ...describeParsed(document),
    });
    if (!kept) throw overtaken();
  }

  async stagedOrdinals(tenant: string, { document_id, version }: VersionClaim): Promise<Set<number>> {
    return new Set(await this.database.call('staged_ordinals', { tenant, document_id, version }));
  }

  /** Adds a batch of chunks: a checkpoint. @returns chunks staged in all @throws superseded */
  async stage(claim: VersionClaim, chunks: StagedChunk[], progress: number): Promise<number> {
    const answer = await this.database.call('stage_chunks', { ...claim, chunks, progress });
    if (!answer) throw overtaken();
    return answer.staged;
  }

  /** Vectors of the tenant's own chunks with equal input, as literals, by hash. */
  async reusable(tenant: string, space: number, hashes: string[]): Promise<Map<string, string>> {
    const found = await this.database.call('reusable_embeddings', { tenant, space, hashes });
    return new Map(
      found.map(({ hash, embedding }) => [hash, vectorLiteral(JSON.parse(embedding) as number[])]),
    );
  }

  /**
   * Makes the version the one that answers, drops every
   * other and ends the task, all at once. @throws superseded
   */
  async publish(
    claim: VersionClaim,
    chunkCount: number,
    result: unknown,
    stages: Record<string, number>,
  ): Promise<Answer<'publish_document'>> {
    const answer = await this.database.call('publish_document', {
      ...claim,
      chunk_count: chunkCount,
      result,
      stages,
    });
    if (!answer.published) throw overtaken();
    return answer;
  }

  /** Keeps the parse result, stages all chunks and publishes them, all at once. @throws superseded */
  async finish(
    claim: VersionClaim,
    parsed: { key: BlobKey; document: ParsedDocument },
    chunks: StagedChunk[],
    result: unknown,
    stages: Record<string, number>,
  ): Promise<Answer<'finish_document'>> {
    const document = {
      ...claim,
      parsed: { key: parsed.key, ...describeParsed(parsed.document) },
      chunks,
      result,
      stages,
    };
    const together = claim.version === 1 ? await this.finishing.add(document, chunks.length) : null;
    const answer = together ?? (await this.database.call('finish_document', document));
    if (!answer.published) throw overtaken();
    return answer;
  }

  /** Null for a document that has to be finished by itself. */
  private async finishAll(
    documents: Arguments<'finish_document'>[],
  ): Promise<(Answer<'finish_document'> | null)[]> {
    const finished = await this.database.call('finish_documents', { documents }).catch((error: unknown) => {
      if (error instanceof Problem) throw error;
      // one of them is at fault, and must not fail the others
      return { published: [], rings: [] };
    });
    const published = new Set(finished.published);
    const [ringer] = finished.published;
    return documents.map(({ task }) => {
      if (!published.has(task)) return null;
      // all rings are rung by one of them
      const rings = task === ringer ? finished.rings : [];
      return { published: true, superseded: false, notice: null, rings };
    });
  }
}

const describeParsed = ({ pages, language, title, warnings }: ParsedDocument) => ({
  pages,
  language,
  title,
  warnings,
  parser_version: parserVersion,
});
