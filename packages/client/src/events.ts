import { DocentError } from './errors.js';
import { mendsWithTime, pause } from './retry.js';
import { serverSentEvents, type ServerSentEvent } from './sse.js';
import type { CallOptions, Query, Transport } from './transport.js';
import type { Notification } from './types.js';

export interface EventsOptions extends Pick<CallOptions, 'signal'> {
  /** Only events of this task, or of the tasks of this batch. */
  taskId?: string;
  documentSet?: string;
  /** Id of the last event that was seen: those after it come first. The service keeps two minutes of them. */
  since?: string;
  /** Called with true when the stream is open, and with false when it is lost or could not be opened. */
  onConnection?: (open: boolean) => void;
}

/** Two heartbeats of the service: a stream that is silent for longer is dead. */
const maxSilenceMs = 35_000;
const firstPauseMs = 500;
const maxPauseMs = 15_000;

interface Stream {
  query: Query;
  since?: string | undefined;
  signal: AbortSignal;
}

/**
 * One connection to the stream of events. The first value, an empty event, says that the stream is open. Ends
 * with the connection. @throws DocentError; the signal's reason when it aborts
 */
export async function* openEvents(transport: Transport, stream: Stream): AsyncGenerator<ServerSentEvent> {
  const { query, since, signal } = stream;
  const silence = new AbortController();
  const listen = () => setTimeout(() => silence.abort(), maxSilenceMs);
  let timer = listen();
  try {
    const response = await transport.request('GET', '/agent/events', {
      query,
      headers: { accept: 'text/event-stream', ...(since !== undefined && { 'last-event-id': since }) },
      retry: 0,
      signal: AbortSignal.any([signal, silence.signal]),
    });
    yield { event: '', data: null };
    for await (const event of serverSentEvents(response.body, signal)) {
      clearTimeout(timer);
      timer = listen();
      yield event;
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** Events without an end: a lost connection is made again and goes on where it ended. */
export async function* events(transport: Transport, options: EventsOptions): AsyncGenerator<Notification> {
  const { taskId, documentSet, onConnection, signal = new AbortController().signal } = options;
  const query = { task_id: taskId, document_set: documentSet };
  let { since } = options;
  let tries = 0;
  for (;;) {
    let open = false;
    try {
      for await (const { event, id, data } of openEvents(transport, { query, since, signal })) {
        if (!open) onConnection?.((open = true));
        tries = 0;
        since = id ?? since;
        if (event === 'notification') yield data as Notification;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DocentError && !mendsWithTime(error)) throw error;
    }
    onConnection?.(false);
    await pause(pauseAfter(tries++), signal);
  }
}

function pauseAfter(tries: number): number {
  const longest = Math.min(maxPauseMs, firstPauseMs * 2 ** tries);
  return longest / 2 + (Math.random() * longest) / 2;
}
