import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../common/errors.js';
import { type Manifest, type ManifestOfOriginals, manifestName, nameParts, readManifest } from './package.js';

/** A document as the API lists it. */
export interface ListedDocument {
  id: string;
  filename: string;
  status: string;
  media_type: string;
  bytes: number;
  metadata: Record<string, unknown>;
}

/** The calls of a running service that a set is moved by. */
export interface TransferService {
  documents(documentSet: string): AsyncIterable<ListedDocument>;
  /** The newest version's pipeline. */
  readPipeline(id: string): Promise<'standard' | 'vlm'>;
  /** The original, with its sha-256 in hex. */
  original(id: string): Promise<{ sha256: string; body: ReadableStream<Uint8Array> }>;
  /**
   * Resolves with the task that ingests it, null when the
   * same bytes are there and ready, or why it is refused.
   */
  upload(file: UploadedFile): Promise<{ task: string | null } | { refused: string }>;
  /** Resolves when the task has ended: with its failure, or null. */
  ended(task: string): Promise<string | null>;
}

interface UploadedFile {
  path: string;
  filename: string;
  document_set: string;
  pipeline: 'standard' | 'vlm';
  include_hidden: boolean;
  metadata: Record<string, unknown>;
}

export interface Exported {
  manifest: ManifestOfOriginals;
  /** Documents without a ready newest version. */
  left: string[];
}

const hashOf = async (path: string): Promise<string | null> => {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
    return hash.digest('hex');
  } catch {
    return null;
  }
};

/**
 * Writes the originals of a set with their metadata into a folder, by the API of a service. Run again it
 * fetches only what is missing.
 * @param see is given each document that is there now
 * @throws not_found for a set without ready documents; errors of the service and the disk
 */
export async function exportOriginals(
  service: TransferService,
  documentSet: string,
  folder: string,
  see: (filename: string) => void,
): Promise<Exported> {
  const manifest: ManifestOfOriginals = {
    docent: 1,
    contents: 'originals',
    document_set: documentSet,
    documents: [],
  };
  const left: string[] = [];
  for await (const document of service.documents(documentSet)) {
    const { id, filename, media_type, bytes, metadata } = document;
    if (document.status !== 'ready') {
      left.push(filename);
      continue;
    }
    await mkdir(folder, { recursive: true });
    const file = `${id}.original`;
    const content_hash = await fetchOriginal(service, id, join(folder, file));
    const kind = await service.readPipeline(id);
    manifest.documents.push({ file, filename, content_hash, bytes, media_type, pipeline: kind, metadata });
    see(filename);
  }
  if (manifest.documents.length === 0)
    throw new Problem('not_found', `The set ${documentSet} has no document that is ready.`);
  await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  return { manifest, left };
}

/** @returns the sha-256 of what the file holds now */
async function fetchOriginal(service: TransferService, id: string, path: string): Promise<string> {
  const { sha256, body } = await service.original(id);
  if ((await hashOf(path)) === sha256) {
    await body.cancel();
    return sha256;
  }
  const part = `${path}.part`;
  const hash = createHash('sha256');
  try {
    await pipeline(
      Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]),
      async function* (pieces) {
        for await (const piece of pieces) {
          hash.update(piece as Buffer);
          yield piece;
        }
      },
      createWriteStream(part),
    );
    if (hash.digest('hex') !== sha256)
      throw new Problem(
        'upstream_unavailable',
        `The original of ${id} did not arrive whole. Run the export again.`,
      );
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
  return sha256;
}

export interface ImportedOriginals {
  document_set: string;
  imported: number;
  already: number;
  failed: { filename: string; detail: string }[];
}

/**
 * Uploads the originals of an exported folder, from a service or from the stores, to a service. Run again it
 * sends only what the service does not have.
 * @param wait until the service has read everything
 * @throws validation_failed for an invalid folder; errors of the service
 */
export async function importOriginals(
  service: TransferService,
  folder: string,
  { documentSet, wait }: { documentSet?: string; wait: boolean },
  see: (filename: string) => void,
): Promise<ImportedOriginals> {
  const manifest = readManifest(await readFile(join(folder, manifestName), 'utf8').catch(() => ''), folder);
  const document_set = documentSet ?? manifest.document_set;
  const result: ImportedOriginals = { document_set, imported: 0, already: 0, failed: [] };
  const tasks: { filename: string; task: string }[] = [];
  for (const { file, content_hash, ...document } of listFiles(manifest)) {
    const path = join(folder, file);
    if ((await hashOf(path)) !== content_hash)
      throw new Problem('validation_failed', `${document.filename} differs from the exported file.`);
    const { filename } = document;
    const answer = await service.upload({ ...document, path, document_set });
    if ('refused' in answer) result.failed.push({ filename, detail: answer.refused });
    else if (answer.task === null) result.already += 1;
    else tasks.push({ filename, task: answer.task });
    see(filename);
  }
  for (const { filename, task } of tasks) {
    const failure = wait ? await service.ended(task) : null;
    if (failure === null) result.imported += 1;
    else result.failed.push({ filename, detail: failure });
  }
  return result;
}

/** The originals of either kind of folder. */
const listFiles = (manifest: Manifest | ManifestOfOriginals) =>
  manifest.contents === 'originals'
    ? manifest.documents.map((document) => pickFields(document, document.file, false))
    : manifest.documents.map((document, place) =>
        pickFields(document, nameParts(place).original, document.include_hidden),
      );

const pickFields = (
  document: Manifest['documents'][number] | ManifestOfOriginals['documents'][number],
  file: string,
  include_hidden: boolean,
) => {
  const { filename, content_hash, pipeline: kind, metadata } = document;
  return { file, filename, content_hash, pipeline: kind, include_hidden, metadata };
};
