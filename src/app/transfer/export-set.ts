import { createWriteStream } from 'node:fs';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../common/errors.js';
import { asBlobKey, type BlobStore } from '../../platform/blob/blob-store.js';
import type { Database } from '../../platform/database/database.js';
import type { DocumentRow } from '../../platform/database/functions.js';
import { manifestName, nameParts, type Manifest, type PackagedDocument } from './package.js';

const pageSize = 200;
const chunksAtOnce = 100;

async function* readDocuments(
  database: Database,
  tenant: string,
  documentSet: string,
): AsyncGenerator<DocumentRow> {
  let before: DocumentRow | undefined;
  for (;;) {
    const page: DocumentRow[] = await database.call('list_documents', {
      tenant,
      sets: null,
      document_set: documentSet,
      status: null,
      q: null,
      before_at: before?.created_at ?? null,
      before_id: before?.id ?? null,
      limit: pageSize,
    });
    yield* page;
    before = page.at(-1);
    if (page.length < pageSize) return;
  }
}

/**
 * Writes the published versions of a set into an empty or new folder: originals, parse results, chunks, and
 * the vectors of the active space.
 * @throws not_found for a set without any; errors of the database, the blob store and the disk
 */
export async function exportSet(
  database: Database,
  blobs: BlobStore,
  tenant: string,
  documentSet: string,
  folder: string,
): Promise<Manifest> {
  const active = (await database.call('list_spaces', {})).find(({ state }) => state === 'active');
  const space = active
    ? { provider: active.provider, model: active.model, dimensions: active.dimensions }
    : null;
  const documents: PackagedDocument[] = [];
  for await (const row of readDocuments(database, tenant, documentSet)) {
    await mkdir(folder, { recursive: true });
    const packaged = await exportDocument(database, blobs, tenant, row, folder, documents.length);
    if (packaged) documents.push(packaged);
  }
  if (documents.length === 0)
    throw new Problem(
      'not_found',
      `The set ${documentSet} of tenant ${tenant} has no document that is ready.`,
    );
  const manifest: Manifest = { docent: 1, contents: 'index', document_set: documentSet, space, documents };
  await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function exportDocument(
  database: Database,
  blobs: BlobStore,
  tenant: string,
  row: DocumentRow,
  folder: string,
  place: number,
): Promise<PackagedDocument | undefined> {
  const ready = row.ready_version;
  const version =
    ready === null
      ? null
      : await database.call('get_version', { tenant, sets: null, document_id: row.id, version: ready });
  if (!version) return undefined;
  const parts = nameParts(place);
  await pipeline(
    await blobs.get(asBlobKey(version.blob_key)),
    createWriteStream(join(folder, parts.original)),
  );
  if (version.parsed_key)
    await pipeline(
      await blobs.get(asBlobKey(version.parsed_key)),
      createWriteStream(join(folder, parts.parsed)),
    );
  const file = await open(join(folder, parts.chunks), 'w');
  let chunks = 0;
  try {
    for (let after = -1; ;) {
      const page = await database.call('export_chunks', {
        tenant,
        document_id: row.id,
        version: version.version,
        after_ordinal: after,
        limit: chunksAtOnce,
      });
      await file.write(page.map((chunk) => `${JSON.stringify(chunk)}\n`).join(''));
      chunks += page.length;
      after = page.at(-1)?.ordinal ?? after;
      if (page.length < chunksAtOnce) break;
    }
  } finally {
    await file.close();
  }
  const { filename, content_hash, bytes, format, media_type, pipeline: kind, title, language } = version;
  // pages and warnings are those of the newest version
  const isNewest = row.version === version.version;
  return {
    filename,
    content_hash,
    bytes,
    format,
    media_type,
    pipeline: kind,
    include_hidden: version.include_hidden,
    title,
    language,
    chunks,
    metadata: row.metadata,
    pages: isNewest ? row.pages : null,
    warnings: isNewest ? row.warnings : [],
    parsed: version.parsed_key !== null,
  };
}
