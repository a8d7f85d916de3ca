import { DocentError } from '@docent/client';
import { pause } from '../client/pause.js';
import type { MetadataValue, Notification, UploadAnswer } from '../client/types.js';
import { describeError, describeFailure, formatBytes } from '../text/format.js';
import { faultsOfFiles } from '../text/problems.js';
import { t } from '../text/texts.js';
import { cell } from './cell.js';
import { onEvent, onReconnect } from './live.js';
import { currentMe, docent } from './session.js';

export interface UploadOrder {
  document_set: string;
  pipeline: 'standard' | 'vlm';
  /** Hidden sheets, slides and text are read, too. */
  include_hidden?: boolean;
  metadata: Record<string, MetadataValue>;
}
type UploadState = 'waiting' | 'sending' | 'reading' | 'ready' | 'unchanged' | 'failed';
export interface UploadItem {
  id: number;
  path: string;
  bytes: number;
  state: UploadState;
  stage: string | null;
  progress: number;
  taskId: string | null;
  documentId: string | null;
  reason: string | null;
  /** The reason lies in the file: sent again, it fails again. */
  hopeless: boolean;
}

/** The reason why the queue is paused. */
type Hold = { kind: 'busy'; seconds: number } | { kind: 'offline' } | null;

export const uploads = cell<UploadItem[]>([]);
export const uploadHold = cell<Hold>(null);
/** Bytes that have left, and the time since sending began. */
export const uploadPace = cell({ sent: 0, total: 0, since: 0 });

const maxBatchBytes = 64 * 1024 * 1024;
const maxParallel = 2;
const maxReconcileMs = 15_000;
const minReconcileMs = 1000;
const settled: readonly UploadState[] = ['ready', 'unchanged', 'failed'];

interface Sendable {
  file: File;
  order: UploadOrder;
}
const files = new Map<number, Sendable>();
/** Events that were heard before the answer to their upload: the answer may be the slower of the two. */
const early = new Map<string, Notification>();
const maxEarly = 2000;
const batches = new Map<string, number[]>();
let nextId = 1;
let sending = 0;
let controller = new AbortController();
/** Batches whose events may have been lost. */
let unheard = 0;
let reconcileTimer: ReturnType<typeof setTimeout> | undefined;

export const isSettled = ({ state }: UploadItem): boolean => settled.includes(state);
/** True for a failed file that may be taken when it is sent again. */
export const mayPass = ({ state, hopeless }: UploadItem): boolean => state === 'failed' && !hopeless;
export const anyUnsent = (): boolean =>
  uploads.get().some(({ state }) => state === 'waiting' || state === 'sending');

function change(ids: number[], part: Partial<UploadItem>): void {
  const changed = new Set(ids);
  uploads.set((before) => before.map((item) => (changed.has(item.id) ? { ...item, ...part } : item)));
}

/** Puts files into the queue and reports refused ones at once. */
export function enqueue(chosen: { file: File; path: string }[], order: UploadOrder): void {
  const limit = currentMe().limits.file_bytes;
  const items = chosen.map(({ file, path }): UploadItem => {
    const reason =
      file.size === 0 ? t().upload.empty : file.size > limit ? t().upload.tooLarge(formatBytes(limit)) : null;
    const item: UploadItem = {
      id: nextId++,
      path,
      bytes: file.size,
      state: reason ? 'failed' : 'waiting',
      stage: null,
      progress: 0,
      taskId: null,
      documentId: null,
      reason,
      hopeless: reason !== null,
    };
    files.set(item.id, { file, order });
    return item;
  });
  // a new upload is counted by itself; what failed before stays until somebody has seen it
  if (uploads.get().every(isSettled))
    uploads.set((before) => before.filter(({ state }) => state === 'failed'));
  if (!anyUnsent()) {
    controller = new AbortController();
    uploadPace.set({ sent: 0, total: 0, since: Date.now() });
  }
  const bytes = items.reduce((sum, { state, bytes }) => sum + (state === 'waiting' ? bytes : 0), 0);
  uploadPace.set((before) => ({ ...before, total: before.total + bytes }));
  uploads.set((before) => [...before, ...items]);
  pump();
}

export function retryFailedUploads(): void {
  const again = uploads.get().filter((item) => mayPass(item) && files.has(item.id));
  const chosen = again.flatMap(({ id, path }) => {
    const known = files.get(id);
    return known ? [{ file: known.file, path, order: known.order }] : [];
  });
  uploads.set((before) => before.filter((item) => !again.includes(item)));
  for (const { order, ...one } of chosen) enqueue([one], order);
}

export function cancelUploads(): void {
  controller.abort();
  const listIds = (wanted: UploadState) =>
    uploads.get().flatMap(({ id, state }) => (state === wanted ? [id] : []));
  // the service may have a file whose request is cut off before the answer
  change(listIds('sending'), { state: 'failed', reason: t().upload.cutOff });
  change(listIds('waiting'), { state: 'failed', reason: t().upload.cancelled });
  uploadHold.set(null);
}

export function clearUploads(): void {
  for (const item of uploads.get()) if (isSettled(item)) files.delete(item.id);
  uploads.set((before) => before.filter((item) => !isSettled(item)));
}

/** The next files with the same order, up to the maximum of one request. */
function nextBatch(): UploadItem[] {
  const { files_per_upload } = currentMe().limits;
  const batch: UploadItem[] = [];
  let bytes = 0;
  let order: UploadOrder | undefined;
  for (const item of uploads.get()) {
    if (item.state !== 'waiting') continue;
    const own = files.get(item.id)?.order;
    order ??= own;
    if (own !== order) continue;
    if (batch.length === files_per_upload || (batch.length > 0 && bytes + item.bytes > maxBatchBytes)) break;
    batch.push(item);
    bytes += item.bytes;
  }
  return batch;
}

function pump(): void {
  while (sending < maxParallel && !uploadHold.get()) {
    const batch = nextBatch();
    if (batch.length === 0) return;
    const ids = batch.map(({ id }) => id);
    change(ids, { state: 'sending' });
    sending++;
    void send(batch).finally(() => {
      sending--;
      pump();
    });
  }
}

/** Sends one batch, waiting through a busy service and lost connections. */
async function send(batch: UploadItem[]): Promise<void> {
  const { signal } = controller;
  const ids = batch.map(({ id }) => id);
  for (let wait = 1; !signal.aborted; wait = Math.min(wait * 2, 30)) {
    try {
      accept(batch, await sendOnce(batch, signal));
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DocentError) || !isPassing(error)) {
        if (error instanceof DocentError && error.rejected.length > 0) refuse([...batch], error.rejected);
        else change(ids, { state: 'failed', reason: describeError(error), ...judge(error) });
        return;
      }
      const seconds = error.retryAfter ?? wait;
      uploadHold.set(error.status === 0 ? { kind: 'offline' } : { kind: 'busy', seconds });
      await pause(seconds * 1000, signal).catch(() => undefined);
      uploadHold.set(null);
    }
  }
}

/**
 * A temporary refusal that is not about the files. A used-up quota does not count: it may last until
 * tomorrow.
 */
const isPassing = ({ status, code }: DocentError): boolean =>
  status === 0 || ((status === 429 || status >= 500) && code !== 'quota_exceeded' && code !== 'internal');

async function sendOnce(batch: UploadItem[], signal: AbortSignal): Promise<UploadAnswer> {
  const order = files.get(batch[0]?.id ?? 0)?.order;
  if (!order) throw new Error(t().common.unknownError);
  let counted = 0;
  const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
  const count = (share: number) => {
    uploadPace.set((pace) => ({ ...pace, sent: pace.sent + share * bytes - counted }));
    counted = share * bytes;
  };
  try {
    return await docent.upload({
      ...order,
      files: batch.flatMap(({ id, path }) => {
        const known = files.get(id);
        return known ? [{ file: known.file, path }] : [];
      }),
      onProgress: count,
      signal,
    });
  } catch (error) {
    count(0);
    throw error;
  }
}

const judge = (failure: unknown): Pick<UploadItem, 'hopeless'> => ({
  hopeless:
    typeof failure === 'object' &&
    failure !== null &&
    'code' in failure &&
    typeof failure.code === 'string' &&
    faultsOfFiles.has(failure.code),
});

const baseName = (path: string): string => (path.split('/').at(-1) ?? path).normalize('NFC');

function take(open: UploadItem[], filename: string): UploadItem | undefined {
  const place = open.findIndex(({ path }) => path === filename || baseName(path) === baseName(filename));
  return place === -1 ? undefined : open.splice(place, 1)[0];
}

/** Tells the reason of each rejected file, and takes these from the open ones. */
function refuse(open: UploadItem[], rejected: UploadAnswer['rejected']): void {
  for (const failure of rejected) {
    const item = take(open, failure.filename);
    if (item) change([item.id], { state: 'failed', reason: describeFailure(failure), ...judge(failure) });
  }
}

/** Matches the service's answer to the sent files; each name is taken in the order of the files. */
function accept(batch: UploadItem[], answer: UploadAnswer): void {
  const open = [...batch];
  refuse(open, answer.rejected);
  const read: number[] = [];
  for (const { filename, task_id, id, duplicate, status } of answer.documents) {
    const item = take(open, filename);
    if (!item) continue;
    const there = duplicate && status === 'ready';
    change([item.id], { state: there ? 'unchanged' : 'reading', taskId: task_id, documentId: id });
    if (there) continue;
    read.push(item.id);
    const heard = early.get(task_id);
    if (heard) hear(heard);
  }
  // a file that the answer does not name went into an archive's or another file's entry
  change(
    open.map(({ id }) => id),
    { state: 'ready', reason: null },
  );
  if (read.length > 0) batches.set(answer.task_id, read);
  reconcileLater();
}

function hear(event: Notification): void {
  const { task_id, status, stage, progress, error } = event;
  if (!task_id || !event.type.startsWith('ingest')) return;
  const item = uploads.get().find(({ taskId }) => taskId === task_id);
  if (!item) {
    early.set(task_id, event);
    if (early.size > maxEarly) early.delete(early.keys().next().value ?? '');
    return;
  }
  early.delete(task_id);
  if (item.state !== 'reading') return;
  if (status === 'completed') change([item.id], { state: 'ready', progress: 1 });
  else if (status === 'failed' || status === 'cancelled')
    change([item.id], {
      state: 'failed',
      reason: describeFailure(error) || t().errors.cancelled,
      ...judge(error),
    });
  else change([item.id], { stage, progress });
}
onEvent(hear);

/** Events are hints: the state of a batch without an event is requested, one batch at a time. */
function reconcileLater(): void {
  reconcileTimer ??= setTimeout(
    () => {
      reconcileTimer = undefined;
      void reconcile();
    },
    unheard > 0 ? minReconcileMs : maxReconcileMs,
  );
}

// a service that was started again has forgotten its events: each batch is asked about soon
onReconnect(() => {
  unheard = batches.size;
  clearTimeout(reconcileTimer);
  reconcileTimer = undefined;
  if (unheard > 0) reconcileLater();
});

async function reconcile(): Promise<void> {
  const unread = new Set(uploads.get().flatMap((item) => (item.state === 'reading' ? [item.id] : [])));
  for (const [batch, ids] of batches) if (!ids.some((id) => unread.has(id))) batches.delete(batch);
  const [oldest] = batches;
  if (!oldest) return;
  const [taskId, ids] = oldest;
  batches.delete(taskId);
  batches.set(taskId, ids);
  try {
    unheard = Math.max(0, unheard - 1);
    const { children = [] } = await docent.task(taskId);
    for (const { task_id, status, error } of children) {
      const item = uploads.get().find((known) => known.taskId === task_id && known.state === 'reading');
      if (!item) continue;
      if (status === 'SUCCESS') change([item.id], { state: 'ready', progress: 1 });
      else if (status === 'FAILURE' || status === 'REVOKED')
        change([item.id], { state: 'failed', reason: describeFailure(error), ...judge(error) });
    }
  } catch (error) {
    if (error instanceof DocentError && error.status === 404) {
      batches.delete(taskId);
      await reconcileDocuments(ids);
    }
  }
  if (batches.size > 0) reconcileLater();
}

/** Asks about the documents themselves where their batch is forgotten. */
async function reconcileDocuments(ids: number[]): Promise<void> {
  for (const { id, state, documentId } of uploads.get()) {
    if (!ids.includes(id) || state !== 'reading' || documentId === null) continue;
    try {
      const { status, error } = await docent.document(documentId);
      if (status === 'ready') change([id], { state: 'ready', progress: 1 });
      else if (status === 'failed')
        change([id], { state: 'failed', reason: describeFailure(error), ...judge(error) });
    } catch (error) {
      change([id], { state: 'failed', reason: describeError(error) });
    }
  }
}

addEventListener('beforeunload', (event) => {
  if (anyUnsent()) event.preventDefault();
});
