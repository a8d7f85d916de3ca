import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  chatCompletion,
  type ChatScript,
  embeddingItems,
  embeddingList,
  rerankResults,
} from './scripted-llm/answers.js';
import { Delivery } from './scripted-llm/delivery.js';
import { type Fault, hits, plainFault } from './scripted-llm/faults.js';
import { bentChat, bentEmbeddings } from './scripted-llm/bent.js';
import { lastPrompt, type RequestBody, type RequestKind, type SeenRequest } from './scripted-llm/protocol.js';

export type Reply = string | ChatScript;
export type ReplyFunction = (body: RequestBody, prompt: string) => Reply | Promise<Reply>;

export interface ScriptedModelOptions {
  /** Dimensions of the embeddings where a request names none. */
  dimensions?: number;
  /** Sets the chat model's answer; the same as `reply` with a function. */
  reply?: ReplyFunction | string;
}

const kinds: Record<string, RequestKind> = {
  '/v1/chat/completions': 'chat',
  '/v1/embeddings': 'embeddings',
  '/v1/rerank': 'rerank',
  '/v1/models': 'models',
};

/**
 * A model server on a loopback port that speaks the OpenAI protocol (chat with and without streaming, tools,
 * vision, embeddings) and the Cohere/Jina one of reranking, says what it is told to, and misbehaves on order.
 * Without a script the chat model says `Scripted answer.`; embeddings
 * hash words and word parts, so that similar texts are near.
 */
export class ScriptedModel {
  /** Milliseconds before each answer. */
  latencyMs = 0;
  /** How many requests each misbehaviour has hit. */
  readonly struck = new Map<Fault['kind'], number>();
  private readonly seen: SeenRequest[] = [];
  private readonly queued: Reply[] = [];
  private readonly faults = new Map<RequestKind, Fault[]>();
  private readonly holds = new Map<RequestKind, Promise<void>>();
  private readonly watchers = new Set<() => void>();
  private fallback: ReplyFunction = () => 'Scripted answer.';

  constructor(
    private readonly server: Server,
    private readonly dimensions: number,
  ) {
    server.on(
      'request',
      (request, response) => void this.serve(request, response).catch(() => response.destroy()),
    );
  }

  /** Base address, `/v1` included: what `OPENAI_API_BASE` takes. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }
  /** What `RERANK_URL` takes. */
  get rerankUrl(): string {
    return `${this.url}/rerank`;
  }

  /**
   * A text or a script is the answer to the next chat request that
   * has none yet; a function answers all that find the queue empty.
   */
  reply(reply: Reply | ReplyFunction): this {
    if (typeof reply === 'function') this.fallback = reply;
    else this.queued.push(reply);
    return this;
  }

  /**
   * Lets the next `times` requests of a kind go wrong; faults of one kind take their turn in the order given.
   */
  fault(kind: RequestKind, fault: Fault): this {
    this.faults.set(kind, [...(this.faults.get(kind) ?? []), { ...fault }]);
    return this;
  }
  clearFaults(): void {
    this.faults.clear();
  }

  /** Holds back every answer of a kind until released. */
  hold(kind: RequestKind): { release: () => void } {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((done) => (resolve = done));
    this.holds.set(kind, promise);
    return {
      release: () => {
        if (this.holds.get(kind) === promise) this.holds.delete(kind);
        resolve();
      },
    };
  }

  /**
   * The requests so far, in order of arrival; the records go on changing as they are answered or given up.
   */
  requests(kind?: RequestKind): SeenRequest[] {
    return this.seen.filter((request) => kind === undefined || request.kind === kind);
  }
  forget(): void {
    this.seen.length = 0;
  }

  /** Waits until `condition` holds; it is looked at whenever a request arrives, ends or is given up. */
  async until(condition: () => boolean, withinMs = 10_000): Promise<void> {
    if (condition()) return;
    let look = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error('the scripted model did not see what was waited for')),
        withinMs,
      );
      look = () => condition() && resolve();
      this.watchers.add(look);
    }).finally(() => {
      clearTimeout(timer);
      this.watchers.delete(look);
    });
  }
  /** Waits for the `count`th request of a kind. */
  received(kind: RequestKind, count = 1): Promise<void> {
    return this.until(() => this.requests(kind).length >= count);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private changed(): void {
    for (const look of this.watchers) look();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const kind = kinds[new URL(request.url ?? '/', 'http://scripted').pathname];
    const body = await readBody(request);
    if (!kind) return void response.writeHead(404).end();
    const seen: SeenRequest = {
      kind,
      body,
      headers: request.headers,
      at: performance.now(),
      aborted: false,
      answered: false,
    };
    this.seen.push(seen);
    response.on('close', () => {
      seen.answered = response.writableFinished;
      seen.aborted = !response.writableFinished;
      this.changed();
    });
    this.changed();
    await this.holds.get(kind);
    if (this.latencyMs > 0) await pause(this.latencyMs);
    await this.answer(seen, new Delivery(response));
  }

  private nextFault(kind: RequestKind, body: RequestBody): Fault | undefined {
    const faults = this.faults.get(kind) ?? [];
    const fault = faults.find((candidate) => hits(candidate, body));
    if (!fault) return undefined;
    this.struck.set(fault.kind, (this.struck.get(fault.kind) ?? 0) + 1);
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
    return fault;
  }

  private async answer({ kind, body }: SeenRequest, delivery: Delivery): Promise<void> {
    const fault = this.nextFault(kind, body);
    const plain = fault && plainFault(fault);
    if (plain) return delivery.plain(plain);
    if (kind === 'models')
      return delivery.json({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }, fault);
    if (kind === 'rerank') return delivery.json(rerankResults(body), fault);
    if (kind === 'embeddings') return this.embed(body, delivery, fault);
    const reply = this.queued.shift() ?? (await this.fallback(body, lastPrompt(body)));
    const script = bentChat(typeof reply === 'string' ? { content: reply } : reply, fault);
    if (body.stream) return delivery.stream(body, script, fault);
    const answer = chatCompletion(body, script);
    return delivery.json(fault?.kind === 'no_choices' ? { ...answer, choices: [] } : answer, fault);
  }

  private embed(body: RequestBody, delivery: Delivery, fault: Fault | undefined): Promise<void> {
    const dimensions =
      fault?.kind === 'wrong_dimension' ? (fault.dimensions ?? 7) : (body.dimensions ?? this.dimensions);
    return delivery.text(bentEmbeddings(embeddingList(body, embeddingItems(body, dimensions)), fault), fault);
  }
}

async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  try {
    return JSON.parse(Buffer.concat(parts).toString()) as RequestBody;
  } catch {
    return {};
  }
}

/** Starts a scripted model server on a free loopback port. */
export async function scriptedModel(options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const server = createServer({ keepAliveTimeout: 2000 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const model = new ScriptedModel(server, options.dimensions ?? 64);
  const { reply } = options;
  if (reply !== undefined) model.reply(typeof reply === 'string' ? () => reply : reply);
  return model;
}
