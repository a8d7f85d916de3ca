import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import type { DocumentRow } from '../../platform/database/functions.js';
import { defaultTenant, type Principal } from '../../common/principal.js';
import { DocumentStore } from '../documents/document.store.js';
import { watchedPathKey, watchedTimeKey } from '../../common/watched-metadata.js';
import { Audit } from '../auth/audit.js';
import { DocumentsService } from '../documents/documents.service.js';
import { Intake } from '../documents/intake.js';
import { WatchTurn } from './watch-turn.js';
import { isSame, lookAt, scanFolder, type Scan, type SeenFile } from './folder-scan.js';

/** The principal of the folder: its files belong to the tenant `default`. */
const principal: Principal = {
  tenant: defaultTenant,
  subject: 'watched-folder',
  scopes: ['read', 'write'],
  document_sets: null,
  key: null,
  via: 'none',
  expires_at: null,
};
/** Few enough to be done within the time of a turn. */
const maxFilesPerTurn = 50;
const pauseAfterFailureMs = 10_000;

/**
 * Keeps documents in step with `WATCH_DIR` by scanning it again and again, which also works on file systems
 * without change events. A document's metadata names its file, so that after a restart only changed files are
 * read and vanished ones are known.
 */
@Injectable()
export class FolderWatch {
  private readonly logger = new Logger('WatchedFolder');
  private readonly root: string;
  /** The files that the documents match; null until the documents of earlier runs have been read. */
  private done: Map<string, SeenFile> | null = null;
  private before: Scan | undefined;
  private readonly told = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private stopped = true;

  constructor(
    private readonly env: Env,
    private readonly documents: DocumentsService,
    private readonly intake: Intake,
    private readonly store: DocumentStore,
    private readonly turn: WatchTurn,
    private readonly audit: Audit,
  ) {
    this.root = env.WATCH_DIR ?? '';
  }

  start(): void {
    this.stopped = false;
    this.logger.log(`watching ${this.root}`);
    this.schedule(0);
  }

  /** Resolves when a look under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private schedule(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().then((pause) => this.schedule(pause));
    }, ms).unref();
  }

  /** @returns milliseconds until the next look */
  private async look(): Promise<number> {
    const interval = this.env.WATCH_INTERVAL_SECONDS * 1000;
    try {
      const scan = await scanFolder(this.root);
      const { before } = this;
      this.before = scan;
      for (const [path, reason] of scan.skipped) this.tellOnce(path, reason);
      if (before?.folder !== scan.folder) {
        this.done = null;
        return interval;
      }
      return (await this.follow(before, scan)) ? 0 : interval;
    } catch (error) {
      this.tellOnce(
        '',
        error instanceof Problem
          ? error.detail
          : `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      );
      return Math.max(interval, pauseAfterFailureMs);
    }
  }

  /**
   * Does what two looks agree on: a file that is still being written
   * looks different each time. @returns whether more is left to do
   */
  private async follow(before: Scan, scan: Scan): Promise<boolean> {
    const isSettled = (key: string): boolean => isSame(before.files.get(key), scan.files.get(key));
    const changed = [...scan.files.keys()].filter(
      (key) => isSettled(key) && !isSame(this.done?.get(key), scan.files.get(key)),
    );
    const gone = [...(this.done?.keys() ?? [])].filter((key) => !scan.files.has(key) && isSettled(key));
    // an empty folder at the start is more likely a volume
    // that is not there yet than a wish to delete everything
    if (this.done ? changed.length + gone.length === 0 : scan.files.size === 0) return false;
    if (!(await this.turn.take())) return false;
    try {
      const done = (this.done ??= await this.ofEarlierRuns());
      for (const key of changed.slice(0, maxFilesPerTurn)) {
        const file = scan.files.get(key);
        if (this.stopped || !file) break;
        if (isSame(done.get(key), file) || (await this.bring(file))) done.set(key, file);
      }
      for (const key of gone) {
        const file = done.get(key);
        if (this.stopped || !file) break;
        await this.remove(file);
        done.delete(key);
      }
    } finally {
      await this.turn.end();
    }
    this.told.delete('');
    return gone.length === 0 && changed.length > maxFilesPerTurn;
  }

  /** The files of the documents that came from this folder. */
  private async ofEarlierRuns(): Promise<Map<string, SeenFile>> {
    const known = new Map<string, SeenFile>();
    let cursor: string | undefined;
    do {
      const { rows, next_cursor } = await this.store.list(principal, {
        limit: 200,
        cursor,
        document_set: null,
      });
      for (const row of rows) {
        const file = findFile(row);
        if (file) known.set(`${file.document_set}/${file.filename}`, file);
      }
      cursor = next_cursor ?? undefined;
    } while (cursor);
    return known;
  }

  /** @returns false when the file cannot be read, or changed while it was */
  private async bring(file: SeenFile): Promise<boolean> {
    const handle = await open(join(this.root, file.path)).catch(() => null);
    if (!handle) {
      this.tellOnce(file.path, 'cannot be read');
      return false;
    }
    await using files = this.intake.open(principal);
    const received = await files.add({ filename: file.filename, body: handle.createReadStream() });
    if (received && 'rejection' in received) {
      this.tellOnce(file.path, received.rejection.detail);
      return true;
    }
    const after = await lookAt(this.root, file).catch(() => undefined);
    if (!isSame(after, file)) return false;
    const accepted = await this.intake.accept(
      files,
      {
        document_set: file.document_set,
        pipeline: 'standard',
        metadata: { [watchedPathKey]: file.path, [watchedTimeKey]: file.modified_at },
      },
      { keepsWatchedKeys: true },
    );
    const { path, filename, document_set } = file;
    const document_id = accepted.documents[0]?.id ?? null;
    await this.audit.record(principal, 'document.upload', accepted.task_id, {
      path,
      filename,
      document_set,
      document_id,
    });
    this.told.delete(file.path);
    return true;
  }

  /** Deletes the document, if it is one that came from here. */
  private async remove({ path, filename, document_set }: SeenFile): Promise<void> {
    this.told.delete(path);
    try {
      const document = await this.store.resolve(principal, filename, document_set);
      if (findFile(document)?.path !== path) return;
      await this.documents.delete(principal, document.id, document_set);
      const document_id = document.id;
      await this.audit.record(principal, 'document.delete', document_id, {
        path,
        filename,
        document_set,
        document_id,
      });
    } catch (error) {
      if (toFailure(error).code !== 'not_found') throw error;
    }
  }

  private tellOnce(path: string, reason: string): void {
    if (this.told.get(path) === reason) return;
    this.told.set(path, reason);
    this.logger.warn(`${path || 'the folder'}: ${reason}`);
  }
}

/** The file that a document came from; undefined for a document that did not come from the folder. */
function findFile({ filename, document_set, bytes, metadata }: DocumentRow): SeenFile | undefined {
  const { [watchedPathKey]: path, [watchedTimeKey]: time } = metadata;
  return typeof path === 'string' && typeof time === 'string'
    ? { path, filename, document_set, bytes, modified_at: time }
    : undefined;
}
