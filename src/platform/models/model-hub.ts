import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { weightFiles } from './model-folder.js';

/** A model of a hub at one commit. */
export interface PinnedModel {
  /** `owner/name`. */
  repository: string;
  /** 40 hex digits. */
  commit: string;
}

/** The checksum that the hub states for a file: of the file itself, or of its Git object. */
type Checksum = { sha256: string } | { gitSha1: string };

export interface HubFile {
  path: string;
  bytes: number;
  checksum: Checksum;
}

const listMs = 30_000;
/** A download that brings nothing for so long has failed. */
const stallMs = 60_000;
const maxFileBytes = 8 * 1024 ** 3;

/** Files that a model folder may need beside its weights. */
const described = new Set([
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
]);

const Listing = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative().optional(),
      blobId: z.string().optional(),
      lfs: z.object({ sha256: z.string(), size: z.number().int().nonnegative() }).optional(),
    }),
  ),
});
type Listing = z.infer<typeof Listing>;

/** Reads `owner/name@revision`; null for anything else. */
export function parseModelName(text: string): { repository: string; revision: string | null } | null {
  const [, repository, revision] =
    /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@([\w./-]+))?$/.exec(text) ?? [];
  return repository === undefined ? null : { repository, revision: revision ?? null };
}

export const isCommit = (revision: string | null): revision is string =>
  revision !== null && /^[0-9a-f]{40}$/.test(revision);

/** A server with the interface of the Hugging Face hub. */
export class ModelHub {
  constructor(private readonly address: string) {}

  /** The commit that a branch or a tag names now. @throws Error with a sentence about the failure */
  async findCommit(repository: string, revision: string): Promise<string> {
    return (await this.list(repository, revision)).sha;
  }

  /**
   * The files of a model that docent reads: its description, its tokenizer and the first weights in ONNX that
   * it knows.
   * @throws Error with a sentence about the failure
   */
  async filesOf({ repository, commit }: PinnedModel): Promise<HubFile[]> {
    const { siblings } = await this.list(repository, commit);
    const paths = new Set(siblings.map(({ rfilename }) => rfilename));
    const weights = weightFiles.find((path) => paths.has(path));
    if (weights === undefined)
      throw new Error(`${repository} has no weights in ONNX at this commit (${weightFiles.join(', ')}).`);
    const isNeeded = (path: string): boolean =>
      described.has(path) || path === weights || path === `${weights}_data`;
    return siblings.filter(({ rfilename }) => isNeeded(rfilename)).map(fileOf);
  }

  /**
   * Downloads a file into a folder and compares it with its checksum.
   * @returns the SHA-256 of the file, in hex
   * @throws Error with a sentence about the failure; the folder may hold a part of the file then
   */
  async download({ repository, commit }: PinnedModel, file: HubFile, folder: string): Promise<string> {
    const stalled = new AbortController();
    const stop = (): void => stalled.abort(new Error(`${this.address} stopped sending ${file.path}.`));
    let timer = setTimeout(stop, stallMs);
    try {
      const path = `${repository}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
      const body = await this.get(path, stalled.signal);
      const target = join(folder, file.path);
      await mkdir(dirname(target), { recursive: true });
      const sha256 = createHash('sha256');
      const own = startChecksum(file);
      let bytes = 0;
      const watched = async function* (parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
        for await (const part of parts) {
          clearTimeout(timer);
          timer = setTimeout(stop, stallMs);
          bytes += part.length;
          if (bytes > file.bytes) throw new Error(`${file.path} is larger than the hub says.`);
          sha256.update(part);
          own.hash.update(part);
          yield part;
        }
      };
      await pipeline(body, watched, createWriteStream(target), { signal: stalled.signal });
      if (bytes !== file.bytes || own.hash.digest('hex') !== own.expected)
        throw new Error(`${file.path} does not match the checksum that the hub states for it.`);
      return sha256.digest('hex');
    } catch (error) {
      throw stalled.signal.aborted ? stalled.signal.reason : error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async list(repository: string, revision: string): Promise<Listing> {
    const path = `api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
    const body = await this.get(path, AbortSignal.timeout(listMs));
    try {
      return Listing.parse(JSON.parse(Buffer.concat(await body.toArray()).toString('utf8')));
    } catch {
      throw new Error(`${this.address} answered with something that is not a list of files.`);
    }
  }

  private async get(path: string, signal: AbortSignal): Promise<Readable> {
    let response: Response;
    try {
      response = await fetch(`${this.address.replace(/\/$/, '')}/${path}`, { signal });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : 'unknown reason';
      throw new HubUnreachable(`${this.address} cannot be reached: ${reason}.`);
    }
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`${this.address} answered ${response.status} for ${path.split('?')[0]}.`);
    }
    return Readable.fromWeb(response.body);
  }
}

/** No answer from the hub: a folder can be copied in its place. */
export class HubUnreachable extends Error {}

function fileOf({ rfilename, size, blobId, lfs }: Listing['siblings'][number]): HubFile {
  const bytes = lfs?.size ?? size;
  const checksum = lfs ? { sha256: lfs.sha256 } : blobId === undefined ? null : { gitSha1: blobId };
  if (bytes === undefined || checksum === null)
    throw new Error(`The hub states no checksum for ${rfilename}.`);
  if (bytes > maxFileBytes) throw new Error(`${rfilename} is larger than 8 GiB.`);
  return { path: rfilename, bytes, checksum };
}

/** Git names an object by the SHA-1 of its kind, its size and its content. */
function startChecksum({ checksum, bytes }: HubFile): { hash: Hash; expected: string } {
  if ('sha256' in checksum) return { hash: createHash('sha256'), expected: checksum.sha256 };
  return { hash: createHash('sha1').update(`blob ${bytes}\0`), expected: checksum.gitSha1 };
}
