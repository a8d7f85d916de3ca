import { stat } from 'node:fs/promises';
import type { UploadResponse } from '../../features/documents/documents.dto.js';
import { ApiError, type ApiClient, type LocalFile, type TaskView } from './client.js';
import { exitCodes } from './exit.js';
import { describeOutcome } from './outcome.js';
import { printable } from './output.js';
import type { ProgressView } from './progress.js';
import { TaskWatch } from './watch.js';

export interface IngestOptions {
  document_set?: string;
  pipeline?: string;
  include_hidden?: string;
  /** A flat JSON object, as text. */
  metadata?: string;
  /** Wait until every document is ready or has failed. */
  wait: boolean;
  /** Follows the documents, instead of a watch that the call makes. */
  watch?: TaskWatch;
}

export interface IngestOutcome {
  filename: string;
  status: 'ready' | 'failed' | 'duplicate' | 'rejected' | 'queued';
  detail: string;
  document_id: string | null;
  document_set: string | null;
  task_id: string | null;
  task: TaskView | null;
}

/** One upload; a service may take fewer files at once. */
const batch = { files: 10, bytes: 64 * 1024 * 1024 };

/** Uploads `files` in batches and follows them to their end. The outcomes come in the order of the files. */
export async function ingestFiles(
  client: ApiClient,
  files: LocalFile[],
  options: IngestOptions,
  view: ProgressView,
): Promise<IngestOutcome[]> {
  const watch = options.wait ? (options.watch ?? new TaskWatch(client, view)) : null;
  await watch?.connected();
  client.onPause = (ms, reason) => view.say(pauseText(ms, reason));
  try {
    const pending: Promise<IngestOutcome>[] = [];
    const limit = files.length > 1 ? await client.filesPerUpload() : null;
    let sent = 0;
    for (const part of await batches(files, Math.min(batch.files, limit ?? batch.files))) {
      view.say(sendingText((sent += part.length), files.length));
      pending.push(...(await upload(client, part, options, view, watch)));
    }
    const outcomes = await Promise.all(pending);
    const place = new Map(files.map(({ filename }, index) => [filename, index]));
    return outcomes.sort((a, b) => (place.get(a.filename) ?? 0) - (place.get(b.filename) ?? 0));
  } finally {
    client.onPause = undefined;
    watch?.close();
    view.stop();
  }
}

const pauseText = (ms: number, reason: string): string =>
  `the service asks to wait ${Math.ceil(ms / 1000)} s: ${printable(reason)}`;

const sendingText = (sent: number, all: number): string =>
  all === 1 ? 'sending the file' : `sending ${sent} of ${all} files`;

async function batches(files: LocalFile[], maxFiles: number): Promise<LocalFile[][]> {
  const parts: LocalFile[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const { size } = await stat(file.path);
    const last = parts.at(-1);
    if (!last || last.length >= maxFiles || bytes + size > batch.bytes) {
      parts.push([file]);
      bytes = size;
    } else {
      last.push(file);
      bytes += size;
    }
  }
  return parts;
}

async function upload(
  client: ApiClient,
  part: LocalFile[],
  options: IngestOptions,
  view: ProgressView,
  watch: TaskWatch | null,
): Promise<Promise<IngestOutcome>[]> {
  const { document_set, pipeline, metadata, include_hidden } = options;
  try {
    const answer = await client.upload(part, { document_set, pipeline, metadata, include_hidden });
    return [
      ...answer.documents.map((document) => follow(document, view, watch)),
      ...refuseEach(answer.rejected, view),
    ];
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401 || error.status === 403 || error.status >= 500)
      throw error;
    if (error.rejected) return refuseEach(error.rejected, view);
    // The answer names one reason: with one file per request every file has its own.
    // An option that is wrong would make every file fail.
    if (error.exitCode === exitCodes.usage) throw error;
    if (part.length > 1 && !error.asksToWait)
      return (await Promise.all(part.map((file) => upload(client, [file], options, view, watch)))).flat();
    return part.map(({ filename }) => Promise.resolve(refused(filename, error.code, error.detail, view)));
  }
}

const refuseEach = (rejected: UploadResponse['rejected'], view: ProgressView): Promise<IngestOutcome>[] =>
  rejected.map(({ filename, path, code, detail }) =>
    Promise.resolve(refused(path ?? filename, code, detail, view)),
  );

function refused(filename: string, code: string, detail: string, view: ProgressView): IngestOutcome {
  view.add(filename, filename);
  view.end(filename, `${code}: ${detail}`, false);
  return {
    filename,
    status: 'rejected',
    detail: `${code}: ${detail}`,
    document_id: null,
    document_set: null,
    task_id: null,
    task: null,
  };
}

interface Accepted {
  id: string;
  filename: string;
  document_set: string;
  duplicate: boolean;
  status: string;
  task_id: string;
}

async function follow(
  document: Accepted,
  view: ProgressView,
  watch: TaskWatch | null,
): Promise<IngestOutcome> {
  const outcome = {
    filename: document.filename,
    document_id: document.id,
    document_set: document.document_set,
    task_id: document.task_id,
    task: null,
  };
  if (document.duplicate && document.status === 'ready') {
    view.add(document.task_id, document.filename);
    view.end(document.task_id, 'unchanged', true);
    return { ...outcome, status: 'duplicate', detail: 'unchanged' };
  }
  if (!watch) return { ...outcome, status: 'queued', detail: 'queued' };
  const task = await watch.follow(document.task_id, document.filename);
  return {
    ...outcome,
    task,
    status: task.status === 'SUCCESS' ? 'ready' : 'failed',
    detail: describeOutcome(task),
  };
}
