import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

/** One row of `test/files/bad-inputs/bad-inputs.jsonl`. */
export interface BadInput {
  id: string;
  area: string;
  how: string;
  request: {
    kind: string;
    method?: string;
    path?: string;
    headers?: Record<string, unknown>;
    body?: Record<string, unknown>;
    fields?: Record<string, string>;
    files?: { field: string; filename: string; mime: string; content: Record<string, unknown> }[];
    nFiles?: number;
    order?: string;
    partHeaders?: string;
    content?: Record<string, unknown>;
    bytes?: string;
    auth?: string;
    fault?: string;
    phase?: string;
    intervalMs?: number;
  };
  expect: { status?: number[]; code?: string | null; exit?: number; also?: string[] };
}

/** The response: the status, the head and the body as text. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const badInputs: BadInput[] = readFileSync('test/files/bad-inputs/bad-inputs.jsonl', 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as BadInput);

/** Values that stand for `{name}` in a row. */
export type Places = Record<string, string>;

const uuids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Values that a row describes instead of writing them out. */
function generated(value: Record<string, unknown>, limits: { maxFileSize: number }): unknown {
  const count = (name: string) => Number(value[name]);
  const bytes = (): number =>
    typeof value['bytes'] === 'string'
      ? limits.maxFileSize + (value['bytes'].endsWith('+1') ? 1 : 0)
      : count('bytes');
  switch (value['gen']) {
    case 'uuids':
      return uuids(count('n'));
    case 'messages':
      return Array.from({ length: count('n') }, () => ({ role: 'user', content: 'x' }));
    case 'nest-object':
      return Array.from({ length: count('depth') }).reduce<unknown>((inner) => ({ not: inner }), {
        filename: 'a',
      });
    case 'nest':
      return String(value['open']).repeat(count('depth')) + String(value['close']).repeat(count('depth'));
    case 'json-string':
      return JSON.stringify({ [String(value['key'])]: 'x'.repeat(count('bytes')) });
    case 'zeros':
      return Buffer.alloc(bytes(), 0x30);
    case 'text':
      return Buffer.alloc(bytes(), 'plain text ');
    default:
      throw new Error(`no generator ${String(value['gen'])}`);
  }
}

export function expand(value: unknown, places: Places, limits: { maxFileSize: number }): unknown {
  if (typeof value === 'string') {
    return value
      .replace(/\{repeat:(.):(\d+)\}/g, (_, text: string, times: string) => text.repeat(Number(times)))
      .replace(/\{keys:(\d+)\}/g, (_, times: string) =>
        Array.from({ length: Number(times) }, (__, index) => `k${index}=1`).join('&'),
      )
      .replace(
        /\{(\w+)\}/g,
        (whole, name: string) =>
          places[name] ?? (name === 'MYDOC' ? (places['myDoc'] ?? '').toUpperCase() : whole),
      );
  }
  if (Array.isArray(value)) return value.map((item) => expand(item, places, limits));
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Record<string, unknown>;
  if ('gen' in node) return generated(node, limits);
  if (Array.isArray(node['repeat'])) return String(node['repeat'][0]).repeat(Number(node['repeat'][1]));
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, expand(item, places, limits)]));
}

const boundary = 'docent-bad-inputs';

/** A multipart body with its parts in the order that the row asks for. */
export function multipartBody(
  row: BadInput['request'],
  places: Places,
  limits: { maxFileSize: number },
): Buffer {
  const fields = Object.entries(row.fields ?? {}).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  const described =
    row.files ??
    Array.from({ length: row.nFiles ?? 0 }, (_, index) => ({
      field: 'files',
      filename: `f${index}.txt`,
      mime: 'text/plain',
      content: { text: 'hello world' },
    }));
  const files = described.map((file) => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.filename.replaceAll('"', '%22')}"\r\nContent-Type: ${file.mime}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), readContent(file.content, places, limits), Buffer.from('\r\n')]);
  });
  const raw = row.partHeaders
    ? [
        Buffer.concat([
          Buffer.from(`--${boundary}\r\n${row.partHeaders}\r\n\r\n`),
          readContent(row.content ?? {}, places, limits),
          Buffer.from('\r\n'),
        ]),
      ]
    : [];
  const parts = row.order === 'file-first' ? [...files, ...fields] : [...fields, ...files];
  return Buffer.concat([...parts, ...raw, Buffer.from(`--${boundary}--\r\n`)]);
}
export const multipartType = `multipart/form-data; boundary=${boundary}`;

function readContent(
  content: Record<string, unknown>,
  places: Places,
  limits: { maxFileSize: number },
): Buffer {
  if (typeof content['text'] === 'string') return Buffer.from(content['text']);
  if (typeof content['b64'] === 'string') return Buffer.from(content['b64'], 'base64');
  const value = expand(content, places, limits);
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

export function buildBody(
  row: BadInput,
  places: Places,
  limits: { maxFileSize: number },
): Buffer | undefined {
  const { body } = row.request;
  if (!body) return undefined;
  if ('json' in body) return Buffer.from(JSON.stringify(expand(body['json'], places, limits)));
  if (typeof body['text'] === 'string') return Buffer.from(body['text']);
  if (typeof body['b64'] === 'string') return Buffer.from(body['b64'], 'base64');
  if (typeof body['multipartWith'] === 'string')
    return Buffer.from(
      `--${body['multipartWith']}\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nx\r\n--${body['multipartWith']}--\r\n`,
    );
  return Buffer.from(String(expand(body, places, limits)));
}

/** Sends a request as it stands, without the corrections that `fetch` would make. */
export function send(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<Reply> {
  const url = new URL(base);
  const chunked = headers['transfer-encoding'] === 'chunked';
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: { ...headers, ...(body && !chunked && { 'content-length': String(body.length) }) },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: text,
          }),
        );
        response.on('error', reject);
      },
    );
    request.setTimeout(20_000, () =>
      request.destroy(new Error(`${method} ${path} was not answered within 20 s`)),
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes on a bare socket and reads until the server closes or a whole answer is there. */
export function sendRaw(base: string, bytes: string | Buffer, timeoutMs: number): Promise<Reply> {
  const url = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes));
    let text = '';
    const finish = () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      const headers = Object.fromEntries(
        head
          .split('\r\n')
          .slice(1)
          .map((line) => [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 1).trim(),
          ]),
      );
      socket.destroy();
      resolve({ status, headers, body: rest.join('\r\n\r\n') });
    };
    socket.setTimeout(timeoutMs, finish);
    socket.on('data', (piece) => {
      text += piece.toString();
    });
    socket.on('close', finish);
    socket.on('error', (error) => (text ? finish() : reject(error)));
  });
}
