import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Problem } from '../../common/errors.js';
import { DocumentSetName } from '../../common/document-set.js';
import { uuidv7 } from '../../common/ids.js';
import { analyze, indexedText, buildLex } from '../../common/text/analyzer.js';
import { parseWith } from '../../common/validate.js';
import { blobKey, type BlobStore } from '../../platform/blob/blob-store.js';
import type { Database } from '../../platform/database/database.js';
import type { StagedChunk } from '../../platform/database/functions.js';
import { makeOrigin, templateFor } from '../../platform/queue/task-producer.js';
import { manifestName, PackagedChunk, type PackagedDocument, nameParts, readManifest } from './package.js';

const chunksAtOnce = 100;
/** This lease has no heartbeat: it must be longer than the largest document takes. */
const leaseSeconds = 1800;
const intentSeconds = 3600;
/** For a worker that finishes a document when the import was interrupted. */
const maxAttempts = 3;

export interface Imported {
  document_set: string;
  imported: number;
  /** Documents that exist already, with the same name and bytes. */
  already: number;
}
interface Claimed {
  task: string;
  token: number;
  document_id: string;
  version: number;
}

/**
 * Imports an exported folder into a database: each document is claimed, staged and published like a worker
 * would, with its vectors and without parsing or a model. An interrupted import can be run again: a worker,
 * or the new run, ingests the rest.
 * @throws validation_failed for an invalid folder; errors of the database and the blob store
 */
export async function importSet(
  database: Database,
  blobs: BlobStore,
  tenant: string,
  folder: string,
  documentSet?: string,
): Promise<Imported> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => '');
  const read = readManifest(text, folder);
  if (read.contents === 'originals')
    throw new Problem(
      'validation_failed',
      `${folder} was exported from a service, without an index. Import it into a running service: name its address with --url.`,
    );
  const manifest = {
    ...read,
    ...(documentSet !== undefined && { document_set: parseWith(DocumentSetName, documentSet, '--set') }),
  };
  const space = manifest.space ? await database.call('ensure_space', manifest.space) : null;
  const result: Imported = { document_set: manifest.document_set, imported: 0, already: 0 };
  for (const [place, document] of manifest.documents.entries()) {
    const claimed = await claim(database, blobs, tenant, manifest.document_set, document, folder, place);
    if (!claimed) {
      result.already += 1;
      continue;
    }
    await stage(database, claimed, document, join(folder, nameParts(place).chunks), space?.id);
    const published = await database.call('publish_document', {
      ...claimed,
      chunk_count: document.chunks,
      result: {
        document_id: claimed.document_id,
        version: claimed.version,
        chunks: document.chunks,
        pages: document.pages,
        language: document.language,
      },
      stages: {},
    });
    if (!published.published) throw new Problem('superseded');
    result.imported += 1;
  }
  return result;
}

/**
 * Stores the files and takes the task of the new version before
 * a worker does; undefined where the document is there already.
 */
async function claim(
  database: Database,
  blobs: BlobStore,
  tenant: string,
  documentSet: string,
  document: PackagedDocument,
  folder: string,
  place: number,
): Promise<Claimed | undefined> {
  const {
    filename,
    content_hash,
    bytes,
    format,
    media_type,
    metadata,
    pipeline,
    include_hidden,
    pages,
    language,
    title,
    warnings,
  } = document;
  const [original, parsed] = [blobKey('originals', uuidv7()), blobKey('parsed', uuidv7())];
  await database.call('declare_blobs', {
    tenant,
    keys: document.parsed ? [original, parsed] : [original],
    ttl_seconds: intentSeconds,
  });
  const stored = await blobs.put(original, createReadStream(join(folder, nameParts(place).original)));
  if (stored.sha256 !== content_hash)
    throw new Problem('validation_failed', `${filename} differs from the exported file.`);
  if (document.parsed) await blobs.put(parsed, createReadStream(join(folder, nameParts(place).parsed)));
  const row = { id: uuidv7(), task_id: uuidv7(), filename, document_set: documentSet, blob_key: original };
  const { documents } = await database.call('create_documents', {
    ...makeOrigin({ tenant, subject: 'import' }),
    batch_id: uuidv7(),
    task: templateFor('ingest', maxAttempts),
    documents: [{ ...row, content_hash, bytes, format, media_type, metadata, pipeline, include_hidden }],
  });
  const [created] = documents;
  if (!created || (created.duplicate && created.status === 'ready')) return undefined;
  const task = await database.call('claim_task', {
    task: created.task_id,
    owner: `import:${process.pid}`,
    lease_seconds: leaseSeconds,
  });
  // a worker was quicker, and ingests it
  if (!task) return undefined;
  const claimed = { task: task.id, token: task.token, document_id: created.id, version: created.version };
  if (!(await database.call('open_version', claimed))) throw new Problem('superseded');
  if (document.parsed)
    await database.call('keep_parsed', { ...claimed, parsed_key: parsed, pages, language, title, warnings });
  return claimed;
}

async function stage(
  database: Database,
  claimed: Claimed,
  { filename, title, language, chunks: total }: PackagedDocument,
  file: string,
  space: number | undefined,
): Promise<void> {
  let rows: StagedChunk[] = [];
  let done = 0;
  const flush = async (): Promise<void> => {
    if (rows.length === 0) return;
    done += rows.length;
    if (!(await database.call('stage_chunks', { ...claimed, chunks: rows, progress: done / total })))
      throw new Problem('superseded');
    rows = [];
  };
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const { embedding, ...chunk } = parseWith(PackagedChunk, JSON.parse(line), filename);
    const { heading, content } = chunk;
    const lex = buildLex(analyze(indexedText({ filename, title, heading, content }), language));
    rows.push({
      id: uuidv7(),
      ...chunk,
      ...lex,
      ...(space !== undefined && embedding && { embeddings: { [space]: embedding } }),
    });
    if (rows.length === chunksAtOnce) await flush();
  }
  await flush();
  if (done !== total)
    throw new Problem(
      'validation_failed',
      `${filename} has ${done} of its ${total} chunks. Export the set again.`,
    );
}
