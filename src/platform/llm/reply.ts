import { z } from 'zod';
import { Problem } from '../../common/errors.js';
import { estimateTokens } from '../../common/tokens.js';
import type { ChatReply, ChatRequest, ToolCall } from './llm.js';

const Usage = z.object({
  prompt_tokens: z.number().nonnegative().catch(0),
  completion_tokens: z.number().nonnegative().catch(0),
});
const Call = z.object({
  id: z.string().nullish(),
  function: z.object({ name: z.string(), arguments: z.string().nullish() }),
});

const Completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), tool_calls: z.array(Call).nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: Usage.nullish(),
});

const CallDelta = z.object({
  index: z.number().int().min(0).max(127).nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const Chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({ content: z.string().nullish(), tool_calls: z.array(CallDelta).nullish() })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: Usage.nullish(),
});

const invalid = (detail: string, cause?: unknown): Problem =>
  new Problem('upstream_invalid', `The chat model ${detail}.`, { cause });

/**
 * Puts a reply together from a model's output and refuses an empty one. Tool calls count only if tools were
 * offered.
 */
export class ReplyBuilder {
  content = '';
  private readonly calls: ToolCall[] = [];
  private usage: { prompt: number; completion: number } | undefined;
  private finish: string | undefined;
  private cut = false;

  constructor(
    private readonly request: ChatRequest,
    private readonly maxChars: number,
  ) {}

  /** True when the model has ended its reply. */
  get finished(): boolean {
    return this.finish !== undefined;
  }
  /** True when the reply exceeds every token limit and is not read further. */
  get overfull(): boolean {
    return this.cut;
  }

  /** Takes a whole answer. @throws upstream_invalid */
  whole(answer: unknown): this {
    const parsed = Completion.safeParse(answer);
    const [choice] = parsed.data?.choices ?? [];
    if (!choice) throw invalid('gave an answer of another shape', parsed.error);
    this.add(choice.message.content ?? '');
    for (const call of choice.message.tool_calls ?? [])
      this.addCall(this.calls.length, call.id, call.function);
    this.note(choice.finish_reason, parsed.data?.usage);
    return this;
  }

  /**
   * Takes one event of a stream and gives the text it adds. @throws
   * upstream_invalid, upstream_unavailable for an error sent as an event
   */
  chunk(data: unknown): string {
    if (typeof data === 'object' && data !== null && 'error' in data && data.error)
      throw streamError(data.error);
    const parsed = Chunk.safeParse(data);
    if (!parsed.success) throw invalid('sent an event of another shape', parsed.error);
    const [choice] = parsed.data.choices ?? [];
    for (const call of choice?.delta?.tool_calls ?? [])
      this.addCall(call.index ?? Math.max(0, this.calls.length - 1), call.id, call.function ?? {});
    this.note(choice?.finish_reason, parsed.data.usage);
    return this.add(choice?.delta?.content ?? '');
  }

  /** @throws upstream_invalid for a reply without text and without a call of an offered tool */
  done(): ChatReply {
    const toolCalls = this.request.tools?.length ? this.calls.filter((call) => call.name !== '') : [];
    if (this.content.trim() === '' && toolCalls.length === 0) {
      throw invalid(
        this.calls.length > 0
          ? 'called a tool that it was not offered'
          : this.finish === 'length'
            ? 'used up its tokens before the first word'
            : 'gave an empty answer',
      );
    }
    return {
      content: this.content,
      toolCalls,
      truncated: this.cut || this.finish === 'length',
      tokens: this.tokens(),
    };
  }

  /** The cost of the call: the server's figures, otherwise an estimate. */
  tokens(): { prompt: number; completion: number } {
    if (this.usage) return this.usage;
    const prompt = this.request.messages.reduce((sum, message) => sum + estimateTokens(message.content), 0);
    return { prompt, completion: estimateTokens(this.content) };
  }

  private add(text: string): string {
    const room = this.maxChars - this.content.length;
    if (text.length > room) this.cut = true;
    const taken = text.length > room ? text.slice(0, room).toWellFormed() : text;
    this.content += taken;
    return taken;
  }

  private addCall(
    at: number,
    id: string | null | undefined,
    given: { name?: string | null; arguments?: string | null },
  ): void {
    const call = (this.calls[at] ??= { id: id ?? `call_${at}`, name: '', arguments: '' });
    call.name ||= given.name ?? '';
    call.arguments += given.arguments ?? '';
    if (call.arguments.length > this.maxChars) this.cut = true;
  }

  private note(finish: string | null | undefined, usage: z.infer<typeof Usage> | null | undefined): void {
    if (finish) this.finish = finish;
    if (usage) this.usage = { prompt: usage.prompt_tokens, completion: usage.completion_tokens };
  }
}

function streamError(error: unknown): Problem {
  const { code, message } = (typeof error === 'object' && error !== null ? error : { message: error }) as {
    code?: unknown;
    message?: unknown;
  };
  const cause = new Error(typeof message === 'string' ? message.slice(0, 500) : 'error event');
  const slowDown = code === 429 || code === 'rate_limit_exceeded';
  return new Problem(
    slowDown ? 'upstream_rate_limited' : 'upstream_unavailable',
    'The model server failed while it answered.',
    { cause },
  );
}
