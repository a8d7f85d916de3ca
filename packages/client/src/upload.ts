import { DocentError, errorOfAnswer } from './errors.js';
import { withRetries } from './retry.js';
import { idempotent, unreachable, type CallOptions, type Transport } from './transport.js';
import type { Metadata, Uploaded } from './types.js';

/**
 * A `File`, or bytes or text with a name. In Node, `content:
 * await openAsBlob(path)` reads from the disk as it is sent.
 */
export type UploadFile = File | { name: string; content: Blob | Uint8Array<ArrayBuffer> | string };

export interface UploadProgress {
  /** Bytes that were handed to the network, at most `total`. */
  loaded: number;
  /** Bytes of all files. */
  total: number;
}

export interface UploadOptions extends CallOptions {
  documentSet?: string;
  metadata?: Metadata;
  pipeline?: 'standard' | 'vlm';
  /** Reads hidden text, sheets and slides too. */
  includeHidden?: boolean;
  /** A retry starts again from 0. */
  onProgress?: (progress: UploadProgress) => void;
}

const isFile = (file: UploadFile): file is File => !('content' in file);
const toBlob = (file: UploadFile): Blob =>
  isFile(file) ? file : file.content instanceof Blob ? file.content : new Blob([file.content]);

function buildForm(files: UploadFile[], options: UploadOptions): { form: FormData; total: number } {
  const form = new FormData();
  if (options.documentSet !== undefined) form.append('document_set', options.documentSet);
  if (options.pipeline !== undefined) form.append('pipeline', options.pipeline);
  if (options.includeHidden !== undefined) form.append('include_hidden', String(options.includeHidden));
  if (options.metadata !== undefined) form.append('metadata', JSON.stringify(options.metadata));
  let total = 0;
  for (const file of files) {
    const blob = toBlob(file);
    total += blob.size;
    form.append('files', blob, file.name);
  }
  return { form, total };
}

/** Files that one upload may hold; undefined where the service does not tell. */
async function readMaxFiles(transport: Transport, signal?: AbortSignal): Promise<number | undefined> {
  const me = await transport
    .json<{ limits?: { files_per_upload?: number } }>('GET', '/agent/me', { signal, retry: 0 })
    .catch(() => undefined);
  signal?.throwIfAborted();
  return me?.limits?.files_per_upload;
}

/** Says so before any byte of them is sent. @throws DocentError */
async function assertFew(transport: Transport, files: UploadFile[], signal?: AbortSignal): Promise<void> {
  if (files.length < 2) return;
  const most = (transport.maxFiles ??= await readMaxFiles(transport, signal));
  if (most === undefined || files.length <= most) return;
  const message = `at most ${most} files in one upload: send the others in another one`;
  throw new DocentError('validation_failed', `files: ${message}.`, { errors: [{ field: 'files', message }] });
}

/** Sends files as one multipart request. @throws DocentError */
export async function upload(
  transport: Transport,
  files: UploadFile[],
  options: UploadOptions,
): Promise<Uploaded> {
  const { onProgress, signal } = options;
  await assertFew(transport, files, signal);
  const { form, total } = buildForm(files, options);
  const key = idempotent();
  const report = onProgress && ((loaded: number) => onProgress({ loaded: Math.min(loaded, total), total }));
  return withRetries(
    async () => send(transport, { form, headers: await transport.headers(key), report, signal }),
    options.retry ?? transport.retries,
    signal,
  );
}

interface Parcel {
  form: FormData;
  headers: Record<string, string>;
  report: ((loaded: number) => void) | undefined;
  signal: AbortSignal | undefined;
}

async function send(transport: Transport, parcel: Parcel): Promise<Uploaded> {
  const url = transport.address('/agent/upload');
  const { form, headers, report, signal } = parcel;
  if (report && 'XMLHttpRequest' in globalThis) return sendByXhr(transport, url, parcel);
  const body = report ? counted(form, headers, report) : { body: form, headers };
  const response = await transport.once(url, { method: 'POST', ...body, ...(signal && { signal }) });
  const uploaded = (await response.json()) as Uploaded;
  report?.(Infinity);
  return uploaded;
}

/** The form as a stream that tells how much of it has left. */
function counted(form: FormData, headers: Record<string, string>, report: (loaded: number) => void) {
  const encoded = new Response(form);
  let loaded = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      report(loaded);
      controller.enqueue(chunk);
    },
  });
  return {
    body: encoded.body?.pipeThrough(counter) ?? null,
    headers: { ...headers, 'content-type': encoded.headers.get('content-type') ?? '' },
    duplex: 'half' as const,
  };
}

/** The part of XMLHttpRequest that is used: browsers tell the progress of an upload nowhere else. */
interface Xhr {
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getResponseHeader(name: string): string | null;
  send(body: FormData): void;
  abort(): void;
  readonly status: number;
  readonly responseText: string;
  readonly upload: { addEventListener(name: 'progress', hear: (event: { loaded: number }) => void): void };
  addEventListener(name: 'load' | 'error' | 'abort', hear: () => void): void;
}

function sendByXhr(transport: Transport, url: string, { form, headers, report, signal }: Parcel) {
  return new Promise<Uploaded>((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new (globalThis as unknown as { XMLHttpRequest: new () => Xhr }).XMLHttpRequest();
    const stop = (): void => request.abort();
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', stop);
      settle();
    };
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) => report?.(loaded));
    request.addEventListener('error', () => end(() => reject(unreachable(transport.url, null))));
    request.addEventListener('abort', () => end(() => reject(signal?.reason)));
    request.addEventListener('load', () =>
      end(() => {
        const { status, responseText } = request;
        const answered = { get: (name: string) => request.getResponseHeader(name) };
        if (status < 200 || status > 299) reject(errorOfAnswer(status, answered, responseText));
        else resolve(JSON.parse(responseText) as Uploaded);
      }),
    );
    signal?.addEventListener('abort', stop, { once: true });
    request.send(form);
  });
}
