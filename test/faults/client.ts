import { connect } from 'node:net';
import type { Content } from './contents.js';
import { isStarved } from './starved.js';

/**
 * `certain`: the service said so. `uncertain`: it may or may not have happened. `refused`: it did not happen.
 */
export type Outcome<T> =
  { kind: 'certain'; value: T } | { kind: 'uncertain' } | { kind: 'refused'; status: number };

export interface Accepted {
  id: string;
  task_id: string;
  version: number;
}

const answerWithinMs = 5000;
const giveUpMs = 20_000;

/** Speaks to the API as a client does, and keeps what breaks I9. */
export class Client {
  readonly violations: string[] = [];
  /** Late, on a machine that others kept busy. */
  readonly unjudged: string[] = [];
  readonly statuses = new Map<number, number>();
  slowestMs = 0;
  /** While the API process itself is away: no answer is then no violation. */
  apiAway = false;
  /** While there is no room for blobs: 507 is the right answer then. */
  diskFull = false;
  /** The current fault. */
  during = 'no fault';

  constructor(readonly url: string) {}

  async upload(filename: string, content: Content): Promise<Outcome<Accepted>> {
    const form = new FormData();
    form.append('files', new Blob([new Uint8Array(content.bytes)]), filename);
    const answer = await this.request('POST', '/agent/upload', form);
    if (!answer) return { kind: 'uncertain' };
    const { status, body } = answer;
    if (status === 202) {
      const { documents, rejected } = body as { documents: Accepted[]; rejected: { code: string }[] };
      const [document] = documents;
      if (document) return { kind: 'certain', value: document };
      this.violations.push(`I9 ${filename} was rejected: ${rejected[0]?.code}`);
      return { kind: 'refused', status };
    }
    return status >= 500 || status === 408 ? { kind: 'uncertain' } : { kind: 'refused', status };
  }

  async delete(id: string): Promise<Outcome<true>> {
    const answer = await this.request('DELETE', `/agent/documents/${id}`);
    if (!answer || answer.status >= 500) return { kind: 'uncertain' };
    return answer.status === 200
      ? { kind: 'certain', value: true }
      : { kind: 'refused', status: answer.status };
  }

  /** Undefined when the connection broke or nothing came; a 5xx other than 503 and 504 breaks I9. */
  async request(
    method: string,
    path: string,
    body?: FormData | string,
  ): Promise<{ status: number; body: unknown } | undefined> {
    const begun = performance.now();
    const away = this.apiAway;
    try {
      const response = await fetch(this.url + path, {
        method,
        ...(body !== undefined && { body }),
        ...(typeof body === 'string' && { headers: { 'content-type': 'application/json' } }),
        signal: AbortSignal.timeout(giveUpMs),
      });
      const text = await response.text();
      this.note(method, path, response, performance.now() - begun, text);
      return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
    } catch (error) {
      if (!away && !this.apiAway)
        this.violations.push(
          `I9 ${method} ${path} broke off during ${this.during}: ${describeReason(error)}`,
        );
      return undefined;
    }
  }

  /** Sends half of an upload and hangs up. */
  abortedUpload(filename: string): Promise<void> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = `--cut\r\ncontent-disposition: form-data; name="files"; filename="${filename}"\r\ncontent-type: text/plain\r\n\r\n`;
        socket.write(
          `POST /agent/upload HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: multipart/form-data; boundary=cut\r\ncontent-length: 500000\r\n\r\n${head}${'half of it '.repeat(9000)}`,
        );
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
    });
  }

  private note(
    method: string,
    path: string,
    { status, headers }: Response,
    elapsed: number,
    text: string,
  ): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (!this.apiAway) this.slowestMs = Math.max(this.slowestMs, elapsed);
    const where = `${method} ${path} during ${this.during}`;
    const explained = status === 503 || status === 504 || (status === 507 && this.diskFull);
    if (status >= 500 && !explained) this.violations.push(`I9 ${status} for ${where}: ${text.slice(0, 200)}`);
    if (status === 503 && !headers.has('retry-after'))
      this.violations.push(`I9 503 without Retry-After for ${where}: ${text.slice(0, 200)}`);
    if (elapsed > answerWithinMs && !this.apiAway)
      (isStarved() ? this.unjudged : this.violations).push(
        `I9 ${status} after ${Math.round(elapsed)} ms for ${where}`,
      );
  }
}

const describeReason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
};
