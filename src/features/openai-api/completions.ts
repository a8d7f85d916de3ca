import { uuidv7 } from '../../common/ids.js';
import { Problem } from '../../common/errors.js';
import { parseWith } from '../../common/validate.js';
import { Question, SearchRequest, type SearchResponse } from '../answers/answers.dto.js';
import type {
  Annotation,
  ChatCompletion,
  ChatCompletionRequest,
  DocentExtension,
  Usage,
} from './chat.dto.js';

const maxHistory = 50;
const maxTurnLength = 20_000;

/**
 * The last message of the user becomes the question, the turns
 * before it the history; system messages have no effect.
 */
export function toSearchRequest(request: ChatCompletionRequest, documentSet: string | null): SearchRequest {
  const { messages } = request;
  const place = messages.findLastIndex(({ role }) => role === 'user');
  const question = messages[place];
  if (!question) {
    throw new Problem('validation_failed', 'The messages hold no message of the role user.', {
      errors: [{ field: 'messages', message: 'needs a message of the role user' }],
    });
  }
  const history = messages
    .slice(0, place)
    .filter(({ role, content }) => (role === 'user' || role === 'assistant') && content.trim() !== '')
    .slice(-maxHistory)
    .map(({ role, content }) => ({ role, content: content.slice(0, maxTurnLength) }));
  return parseWith(
    SearchRequest,
    {
      prompt: parseWith(Question, question.content, `messages.${place}.content`),
      document_set: documentSet,
      history,
      answer: true,
    },
    'messages',
  );
}

/** One completion: all of its pieces share its id and time. */
export class Completion {
  private readonly id = `chatcmpl-${uuidv7()}`;
  private readonly created = Math.floor(Date.now() / 1000);

  /** @param origin scheme and host that the client sees, for the addresses of files */
  constructor(
    private readonly model: string,
    private readonly origin: string,
  ) {}

  whole(response: SearchResponse): ChatCompletion {
    const content = response.answer ?? '';
    return {
      id: this.id,
      object: 'chat.completion',
      created: this.created,
      model: this.model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content,
            refusal: null,
            annotations: this.annotations(content, response),
          },
          logprobs: null,
          finish_reason: response.warnings?.includes('truncated') ? 'length' : 'stop',
        },
      ],
      usage: toUsage(response),
      docent: buildExtension(response),
    };
  }

  /** A piece of a streamed completion. */
  piece(delta: Record<string, unknown>, more: Record<string, unknown> = {}): Record<string, unknown> {
    const { finish_reason = null, ...rest } = more;
    return {
      ...this.head(),
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      ...rest,
    };
  }

  /** The last piece with content: the reason for the end, and the sources. */
  ending(response: SearchResponse): Record<string, unknown> {
    const whole = this.whole(response);
    const [choice] = whole.choices;
    return this.piece(
      { annotations: choice?.message.annotations ?? [] },
      { finish_reason: choice?.finish_reason ?? 'stop', docent: whole.docent },
    );
  }

  usage(response: SearchResponse): Record<string, unknown> {
    return { ...this.head(), choices: [], usage: toUsage(response) };
  }

  private head(): Record<string, unknown> {
    return {
      id: this.id,
      object: 'chat.completion.chunk',
      created: this.created,
      model: this.model,
    };
  }

  private annotations(content: string, { citations, results }: SearchResponse): Annotation[] {
    let from = 0;
    return citations.flatMap(({ marker, result, quote, page, verified }) => {
      const source = results[result];
      if (!source) return [];
      const found = content.indexOf(marker, from);
      const start = found === -1 ? content.indexOf(marker) : found;
      if (found !== -1) from = found + marker.length;
      const { document_id, filename } = source.metadata;
      const anchor = page === null ? '' : `#page=${page}`;
      return {
        type: 'url_citation',
        url_citation: {
          start_index: Math.max(0, start),
          end_index: Math.max(0, start) + (start === -1 ? 0 : marker.length),
          title: filename,
          url: `${this.origin}/agent/documents/${document_id}/file${anchor}`,
          quote,
          page,
          verified,
        },
      };
    });
  }
}

function buildExtension(response: SearchResponse): DocentExtension {
  const { answered, answer_mode, query, results } = response;
  const citations = response.citations.flatMap((citation) => {
    const metadata = results[citation.result]?.metadata;
    if (!metadata) return [];
    const { filename, document_set, document_id } = metadata;
    return { ...citation, filename, document_set, document_id };
  });
  return { answered, answer_mode, query, citations, results };
}

function toUsage({ usage: { prompt_tokens, completion_tokens } }: SearchResponse): Usage {
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
