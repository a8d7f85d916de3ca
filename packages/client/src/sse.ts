import { DocentError } from './errors.js';

export interface ServerSentEvent {
  /** Empty for a comment: a sign of life. */
  event: string;
  id?: string;
  data: unknown;
}

/** The longest event that is kept: an answer's results are far below it. */
const maxEventCharacters = 16 * 1024 * 1024;

/**
 * The events of a `text/event-stream` with JSON as data. Ends the request
 * when the caller stops reading. @throws DocentError `unreachable`
 */
export async function* serverSentEvents(
  body: ReadableStream<Uint8Array> | null,
  signal?: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        signal?.throwIfAborted();
        throw new DocentError('unreachable', 'The connection broke.', { retryable: true, cause });
      });
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? '';
      if (rest.length > maxEventCharacters) throw new Error('An event of the stream is too long.');
      for (const block of blocks) yield parseEvent(block);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseEvent(block: string): ServerSentEvent {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') event = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
  }
  if (data.length === 0) return { event: '', data: null };
  return { event, ...(id !== undefined && { id }), data: JSON.parse(data.join('\n')) as unknown };
}
