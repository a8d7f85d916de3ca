import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { Problem } from '../../common/errors.js';

export interface UpstreamRequest {
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  signal: AbortSignal;
}

/**
 * Sends one request and resolves with the answer's head; the body is still to be read. Plain `node:http`: no
 * redirects, no retries and no time limit but the signal's.
 * Rejects with the socket's own error, or an AbortError.
 */
export function send(
  url: string,
  { method, headers, body, signal }: UpstreamRequest,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const start = url.startsWith('https:') ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const head = {
      accept: 'application/json, text/event-stream',
      'accept-encoding': 'identity',
      ...(payload && { 'content-type': 'application/json', 'content-length': String(payload.length) }),
      ...headers,
    };
    const request = start(url, { method, headers: head, signal }, (response) => {
      // the reader of the body sees its error; without a reader it must not end the process
      response.on('error', () => undefined);
      resolve(response);
    });
    request.on('error', reject);
    request.end(payload);
  });
}

/** The whole body as text. @throws upstream_invalid above `maxBytes` */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes)
      throw new Problem('upstream_invalid', 'The model server sent an answer of excessive length.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @throws upstream_invalid for text that is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Problem('upstream_invalid', 'The model server answered with something that is not JSON.', {
      cause: error,
    });
  }
}
