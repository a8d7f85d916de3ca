import { toProblem } from '../../common/error.filter.js';
import { Problem } from '../../common/errors.js';
import { SearchResponse } from '../answers/answers.dto.js';
import type { ServerSentEvent } from '../answers/event-stream.js';
import type { Completion } from './completions.js';
import { openAiError } from '../../common/openai-error.js';

const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const done = 'data: [DONE]\n\n';

/** An answer's events as the frames of a streamed chat completion. */
export async function* completionFrames(
  events: AsyncIterable<ServerSentEvent>,
  completion: Completion,
  includeUsage: boolean,
): AsyncGenerator<string> {
  yield frame(completion.piece({ role: 'assistant', content: '' }));
  let response: Record<string, unknown> = {};
  try {
    for await (const { event, data } of events) {
      if (event === 'token') yield frame(completion.piece({ content: (data as { token: string }).token }));
      else if (event === 'error') {
        yield frame(errorFrame(data));
        return;
      } else response = { ...response, ...(data as Record<string, unknown>) };
    }
    const answered = SearchResponse.parse(response);
    yield frame(completion.ending(answered));
    if (includeUsage) yield frame(completion.usage(answered));
    yield done;
  } catch (error) {
    yield frame(openAiError(toProblem(error)));
  }
}

function errorFrame(data: unknown): unknown {
  const { code, detail } = data as { code: ConstructorParameters<typeof Problem>[0]; detail: string };
  return openAiError(new Problem(code, detail));
}
