import { Problem } from '../../common/errors.js';
import { upstreamWords } from '../upstream/failures.js';
import type { ChatMessage, ChatRequest } from './llm.js';

/**
 * Models that think before they speak: they take `max_completion_tokens`,
 * no temperature, and may think all their tokens away.
 */
const reasoningModels = /^(.*\/)?(gpt-5|o\d)/i;

function toContent({ content, images }: ChatMessage): unknown {
  if (!images?.length) return content;
  const urls = images.map(
    ({ mediaType, data }) =>
      `data:${mediaType};base64,${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
  );
  return [
    ...(content ? [{ type: 'text', text: content }] : []),
    ...urls.map((url) => ({ type: 'image_url', image_url: { url } })),
  ];
}

function toMessage(message: ChatMessage): Record<string, unknown> {
  const calls = message.toolCalls?.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
  return {
    role: message.role,
    content: toContent(message),
    ...(calls?.length && { tool_calls: calls }),
    ...(message.toolCallId !== undefined && { tool_call_id: message.toolCallId }),
  };
}

/**
 * How one server wants its chat requests. Servers that speak the protocol differ in which parameters they
 * know and refuse the rest with a 400 that names the parameter: it is left out from then on.
 */
export class Dialect {
  private readonly dropped = new Set<string>();
  private tokenField: 'max_tokens' | 'max_completion_tokens';
  private swapped = false;
  private readonly reasoning: boolean;

  constructor(readonly model: string) {
    this.reasoning = reasoningModels.test(model);
    this.tokenField = this.reasoning ? 'max_completion_tokens' : 'max_tokens';
    if (this.reasoning) this.dropped.add('temperature');
  }

  body(request: ChatRequest, maxTokens: number, stream: boolean): Record<string, unknown> {
    const body: Record<string, unknown> = {
      model: this.model,
      messages: request.messages.map(toMessage),
      [this.tokenField]: maxTokens,
      temperature: request.temperature ?? 0,
      ...(this.reasoning && { reasoning_effort: 'low' }),
      ...(request.json && { response_format: { type: 'json_object' } }),
      ...(request.tools?.length && {
        tools: request.tools.map((tool) => ({ type: 'function', function: tool })),
      }),
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
    };
    for (const field of this.dropped) delete body[field];
    return body;
  }

  /** Learns from a refusal; true when the same request, put otherwise, may pass. */
  learn(error: unknown, body: Record<string, unknown>): boolean {
    if (!(error instanceof Problem) || error.code !== 'upstream_rejected') return false;
    const words = upstreamWords(error);
    if (this.tokenField in body && new RegExp(`\\b${this.tokenField}\\b`).test(words) && !this.swapped) {
      this.swapped = true;
      this.tokenField = this.tokenField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      return true;
    }
    const optional = ['temperature', 'reasoning_effort', 'response_format', 'stream_options'];
    const refused = optional.find((field) => field in body && words.includes(field));
    if (refused) this.dropped.add(refused);
    return refused !== undefined;
  }
}
