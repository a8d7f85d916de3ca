import type { AnsweredQuestion } from '../../platform/usage/activity-meter.js';
import type { SearchResponse } from './answers.dto.js';
import type { ServerSentEvent } from './event-stream.js';

type Ended = Pick<SearchResponse, 'answered' | 'took_ms'>;

/** Starts a clock; the returned function tells how the question ended. An answer from the cache was not searched for. */
export function questionTimer(count: (question: AnsweredQuestion) => void): (end: Ended) => void {
  const start = performance.now();
  return ({ answered, took_ms }) =>
    count({
      answered,
      cached: took_ms.search === 0 && took_ms.embed === 0,
      milliseconds: performance.now() - start,
    });
}

/** The same events; tells of the end when it comes. */
export async function* timed(
  events: AsyncGenerator<ServerSentEvent>,
  ended: (end: Ended) => void,
): AsyncGenerator<ServerSentEvent> {
  for await (const event of events) {
    if (event.event === 'done') ended(event.data as Ended);
    yield event;
  }
}
