import type { AnsweredQuestion } from '../../platform/usage/activity-meter.js';
import type { SearchResponse } from './answers.dto.js';
import type { ServerSentEvent } from './event-stream.js';

type Ended = Pick<SearchResponse, 'answered' | 'took_ms'>;

/**
 * Starts a clock; call the returned function at the end of the question. An answer from the cache needed no
 * search.
 */
export function questionTimer(count: (question: AnsweredQuestion) => void): (end: Ended) => void {
  const start = performance.now();
  return ({ answered, took_ms }) =>
    count({
      answered,
      cached: took_ms.search === 0 && took_ms.embed === 0,
      milliseconds: performance.now() - start,
    });
}

/** The same events; reports the end. */
export async function* timed(
  events: AsyncGenerator<ServerSentEvent>,
  ended: (end: Ended) => void,
): AsyncGenerator<ServerSentEvent> {
  for await (const event of events) {
    if (event.event === 'done') ended(event.data as Ended);
    yield event;
  }
}
