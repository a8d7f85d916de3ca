import { DocentError } from '@docent/client';
import { pause } from '../../client/pause.js';
import type { DocumentsQuery } from '../../client/docent.js';
import type { DocumentItem, Receipt } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { announce } from '../../ui/toasts.js';

/** The data kept of a chosen document: there may be thousands. */
export type Chosen = Pick<DocumentItem, 'id' | 'filename' | 'status' | 'task_id'>;
/** @param done documents that are dealt with so far */
export type OnProgress = (done: number) => void;

const maxParallel = 3;
const maxBatch = 200;
const maxWaitSeconds = 60;

/** Every document that a query finds, read page by page until the signal aborts. */
export async function findAll(
  query: DocumentsQuery,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Chosen[]> {
  const found: Chosen[] = [];
  let cursor: string | null = null;
  do {
    const page: { documents: DocumentItem[]; next_cursor: string | null } = await docent.documents(
      { ...query, limit: maxBatch, cursor },
      signal,
    );
    found.push(
      ...page.documents.map(({ id, filename, status, task_id }) => ({ id, filename, status, task_id })),
    );
    onProgress(found.length);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

/** Sends a change again after the time that a busy service asks for. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const wait =
        error instanceof DocentError && error.code === 'rate_limited' ? error.retryAfter : undefined;
      if (wait === undefined || wait > maxWaitSeconds) throw error;
      await pause((wait + Math.random()) * 1000);
    }
  }
}

/** Does something to each item, a few at a time; one that fails does not stop the others. */
async function forEach<I, T>(
  items: I[],
  work: (item: I) => Promise<T>,
  { onDone, signal }: { onDone?: () => void; signal?: AbortSignal } = {},
): Promise<T[]> {
  const pending = [...items];
  const done: T[] = [];
  const failed: unknown[] = [];
  const worker = async () => {
    for (let next = pending.shift(); next; next = pending.shift()) {
      if (signal?.aborted) return;
      const item = next;
      try {
        done.push(await patiently(() => work(item)));
        onDone?.();
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: maxParallel }, worker));
  if (failed.length > 0) announce(t().documents.someFailed(failed.length, describeError(failed[0])), 'bad');
  return done;
}

/** Deletes in batches, one after the other, until the signal aborts. */
export async function deleteDocuments(
  documents: Chosen[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const total = { documents: 0, chunks: 0 };
  const add = ({ documents: count, chunks }: Receipt) => {
    total.documents += count;
    total.chunks += chunks;
  };
  try {
    for (let start = 0; start < documents.length && !signal.aborted; start += maxBatch) {
      const ids = documents.slice(start, start + maxBatch).map(({ id }) => id);
      add((await patiently(() => docent.deleteDocuments(ids))).deleted);
      onProgress(start + ids.length);
    }
  } finally {
    if (total.documents > 0) announce(t().documents.deleted(total.documents, total.chunks));
  }
}

export async function moveDocuments(
  documents: Chosen[],
  document_set: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  const move = ({ id }: Chosen) => docent.changeDocument(id, { document_set });
  const done = await forEach(documents, move, { onDone: () => onProgress((count += 1)), signal });
  if (done.length > 0) announce(t().documents.moved(done.length));
}

export async function readAgain(documents: Chosen[]): Promise<void> {
  const done = await forEach(
    documents.filter(({ task_id }) => task_id !== null),
    ({ task_id }) => docent.retryTask(task_id ?? ''),
  );
  if (done.length > 0) announce(t().documents.retried(done.length));
}
