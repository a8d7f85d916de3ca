import type { IncomingMessage } from 'node:http';
import { Problem } from '../../common/errors.js';
import { currentContext } from '../../common/request-context.js';
import { failureName, inSpan, openSpan, within } from '../../common/spans.js';
import type { SpanOptions } from '../../common/trace-context.js';
import type { Env } from '../../config/env.js';
import { publicModelServer } from '../../config/model-settings.js';
import type { Metrics } from '../metrics/metrics.js';
import type { TokenMeter } from '../usage/token-meter.js';
import { abortProblem, type Deadline } from '../upstream/deadline.js';
import { connectionProblem } from '../upstream/failures.js';
import { parseJson } from '../upstream/http.js';
import { type Bounds, ModelServer } from '../upstream/model-server.js';
import { eventData } from '../upstream/sse.js';
import { Dialect } from './dialect.js';
import { ChatModel, type ChatReply, type ChatRequest } from './llm.js';
import { ReplyBuilder } from './reply.js';

/** No token is longer on average: what exceeds it is a server that ignores the limit. */
const charsPerToken = 16;
const silenceMs = 30_000;

export type ChatSettings = Pick<
  Env,
  | 'OPENAI_API_KEY'
  | 'OPENAI_API_BASE'
  | 'OPENAI_MODEL'
  | 'OPENAI_VISION_MODEL'
  | 'LLM_TIMEOUT_SECONDS'
  | 'LLM_MAX_OUTPUT_TOKENS'
>;

export interface ChatModelOptions {
  metrics: Metrics;
  meter?: TokenMeter;
  /**
   * Milliseconds to the first word of a stream, and between two
   * pieces; default 30 s or the whole time if that is less.
   */
  silenceMs?: number;
  backoffMs?: number;
  halfOpenMs?: number;
}

/** A stream whose first piece has come. */
interface OpenStream {
  reply: ReplyBuilder;
  first: string;
  events: AsyncGenerator<string, void, void>;
  deadline: Deadline;
  response: IncomingMessage;
}

/** Chat through any server that speaks the OpenAI protocol. */
export class OpenAiChatModel extends ChatModel {
  readonly model: string;
  readonly visionModel: string | null;
  private readonly base: string;
  private readonly server: ModelServer;
  private readonly dialects: { chat: Dialect; vision: Dialect | null };

  constructor(
    private readonly env: ChatSettings,
    private readonly options: ChatModelOptions,
  ) {
    super();
    const { metrics, backoffMs, halfOpenMs } = options;
    this.model = env.OPENAI_MODEL;
    this.visionModel = env.OPENAI_VISION_MODEL ?? null;
    this.dialects = {
      chat: new Dialect(this.model),
      vision: this.visionModel === null ? null : new Dialect(this.visionModel),
    };
    this.base = (env.OPENAI_API_BASE ?? publicModelServer).replace(/\/+$/, '');
    const onAttempt = (failure: Problem | null): void =>
      metrics.llmRequests.inc({ status: failure?.code ?? 'ok' });
    this.server = new ModelServer({
      name: 'llm',
      apiKey: env.OPENAI_API_KEY,
      metrics,
      onAttempt,
      backoffMs,
      halfOpenMs,
    });
  }

  complete(request: ChatRequest): Promise<ChatReply> {
    return inSpan('chat', this.makeSpan(request), () =>
      this.adapting(request, false, (body) =>
        this.server.request(this.url, body, this.bounds(request), (answer) => {
          const reply = new ReplyBuilder(request, this.maxChars(request)).whole(answer);
          this.count(reply);
          return reply.done();
        }),
      ),
    );
  }

  async *stream(request: ChatRequest): AsyncGenerator<string, ChatReply, void> {
    // the reader of the last piece may be outside of the request's context
    const tenant = currentContext()?.tenant;
    const span = openSpan('chat', this.makeSpan(request));
    const end = performance.now() + this.totalMs(request);
    const bounds = this.bounds(request);
    let stream: OpenStream | undefined;
    let failure: string | undefined;
    try {
      stream = await within(span, () =>
        this.adapting(request, true, (body) => this.server.run(bounds, (ms) => this.open(request, body, ms))),
      );
      if (stream.first) yield stream.first;
      yield* this.rest(stream, end);
      return stream.reply.done();
    } catch (error) {
      failure = failureName(error);
      throw error;
    } finally {
      if (stream) {
        this.count(stream.reply, tenant);
        this.shut(stream);
      }
      span?.end(failure);
    }
  }

  ping(): Promise<void> {
    return this.server.ping(`${this.base}/models`);
  }

  async close(): Promise<void> {
    this.server.close();
  }

  private makeSpan({ vision }: ChatRequest): SpanOptions {
    const model = vision ? this.visionModel : this.model;
    return {
      attributes: {
        'gen_ai.operation.name': 'chat',
        ...(model !== null && { 'gen_ai.request.model': model }),
      },
    };
  }

  private get url(): string {
    return `${this.base}/chat/completions`;
  }

  private maxTokens(request: ChatRequest): number {
    return request.maxTokens ?? this.env.LLM_MAX_OUTPUT_TOKENS;
  }
  private maxChars(request: ChatRequest): number {
    return this.maxTokens(request) * charsPerToken;
  }
  private totalMs(request: ChatRequest): number {
    return Math.min(request.timeoutSeconds ?? Infinity, this.env.LLM_TIMEOUT_SECONDS) * 1000;
  }
  private bounds(request: ChatRequest): Bounds {
    return { totalMs: this.totalMs(request), signal: request.signal };
  }
  private silence(msLeft: number): number {
    return Math.min(this.options.silenceMs ?? silenceMs, msLeft);
  }

  private async adapting<T>(
    request: ChatRequest,
    stream: boolean,
    call: (body: Record<string, unknown>) => Promise<T>,
  ): Promise<T> {
    const dialect = request.vision ? this.dialects.vision : this.dialects.chat;
    if (!dialect) throw new Problem('vision_unavailable');
    for (;;) {
      const body = dialect.body(request, this.maxTokens(request), stream);
      try {
        return await call(body);
      } catch (error) {
        if (!dialect.learn(error, body)) throw error;
      }
    }
  }

  /** Opens a stream and reads on to its first word: until then everything may be tried again. */
  private async open(request: ChatRequest, body: unknown, ms: number): Promise<OpenStream> {
    const end = performance.now() + ms;
    const deadline = this.server.deadline(this.silence(ms), request.signal);
    let response: IncomingMessage | undefined;
    try {
      response = await this.server.open(this.url, body, deadline.signal);
      const stream: OpenStream = {
        reply: new ReplyBuilder(request, this.maxChars(request)),
        first: '',
        events: eventData(response),
        deadline,
        response,
      };
      while (!stream.first && (await this.next(stream, (piece) => (stream.first = piece))))
        deadline.restart(this.silence(end - performance.now()));
      if (!stream.first) stream.reply.done();
      return stream;
    } catch (error) {
      const problem = deadline.signal.aborted ? abortProblem(deadline.signal) : connectionProblem(error);
      this.server.release(deadline);
      response?.destroy();
      throw problem;
    }
  }

  private async *rest(stream: OpenStream, end: number): AsyncGenerator<string, void, void> {
    let piece = '';
    try {
      for (;;) {
        if (stream.deadline.signal.aborted) throw abortProblem(stream.deadline.signal);
        stream.deadline.restart(this.silence(end - performance.now()));
        piece = '';
        if (!(await this.next(stream, (text) => (piece = text)))) return;
        if (piece) yield piece;
      }
    } catch (error) {
      throw stream.deadline.signal.aborted ? abortProblem(stream.deadline.signal) : connectionProblem(error);
    }
  }

  /**
   * Takes the next event; false at the end. @throws upstream_invalid
   * for a stream that ends before the model has finished
   */
  private async next({ reply, events }: OpenStream, take: (piece: string) => void): Promise<boolean> {
    if (reply.overfull) return false;
    const { value, done } = await events.next();
    if (value === '[DONE]') return false;
    if (!done) {
      take(reply.chunk(parseJson(value)));
      return true;
    }
    if (!reply.finished)
      throw new Problem('upstream_invalid', 'The chat model broke off in the middle of its answer.');
    return false;
  }

  private shut({ deadline, response }: OpenStream): void {
    this.server.release(deadline);
    response.destroy();
  }

  private count(reply: ReplyBuilder, tenant = currentContext()?.tenant): void {
    const { prompt, completion } = reply.tokens();
    this.options.metrics.llmTokens.inc({ kind: 'prompt' }, prompt);
    this.options.metrics.llmTokens.inc({ kind: 'completion' }, completion);
    this.options.meter?.count(prompt + completion, tenant);
  }
}
