import { Injectable } from '@nestjs/common';
import { problemBody, toProblem } from '../../common/error.filter.js';
import { assemble } from '../../common/prepared-json.js';
import { estimateTokens } from '../../common/tokens.js';
import { currentContext } from '../../common/request-context.js';
import { Database } from '../../platform/database/database.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { ChatModel, type ChatTokens } from '../../platform/llm/llm.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { scopeName, type Principal } from '../../common/principal.js';
import { Reader } from '../../platform/reader/reader.js';
import { Env } from '../../config/env.js';
import { SearchService, type SearchOutcome, type SeenRevisions } from '../search/search.service.js';
import { groupSections } from './sections.js';
import { AnswerCache } from './answer-cache.js';
import {
  SearchResponse,
  type AnswerUsage,
  type SearchQaRequest,
  type SearchQaResponse,
  type SearchRequest,
} from './answers.dto.js';
import { CitationPlaces, type PlacedCitation } from './citation-places.js';
import { asksForSame, Condenser, lacksSubject } from './condense.js';
import type { ServerSentEvent } from './event-stream.js';
import { readAsked } from './finding/asked.js';
import { PassageFinder, type Found } from './finding/passage-finder.js';
import { FoundSections } from './found-sections.js';
import { GroundedAnswerer, noEvidence, noSubject, type GroundedAnswer } from './grounded-answerer.js';
import { givenSource, toResult, toSource } from './results.js';
import { replyToTalk } from './small-talk.js';
import { drain, mapSteps } from './streaming.js';

type Asker = Pick<Principal, 'tenant' | 'document_sets'>;
type PlacedAnswer = GroundedAnswer & { citations: PlacedCitation[] };
type Asking = AsyncGenerator<ServerSentEvent, SearchResponse, void>;

/** Hits among which the passage is looked for, however few results are asked for. */
export const minHits = 16;

const elapsedSince = (start: number): number => Math.round((performance.now() - start) * 10) / 10;

/** Answers questions: cache, search, and an answer from the results. */
@Injectable()
export class AnswersService {
  constructor(
    private readonly searcher: SearchService,
    private readonly condenser: Condenser,
    private readonly finder: PassageFinder,
    private readonly sections: FoundSections,
    private readonly answerer: GroundedAnswerer,
    private readonly cache: AnswerCache,
    private readonly database: Database,
    private readonly model: ChatModel,
    private readonly embedder: Embedder,
    private readonly reader: Reader,
    private readonly places: CitationPlaces,
    private readonly metrics: Metrics,
    private readonly env: Env,
  ) {}

  /**
   * @param found what the same search has found already, `minHits` at least
   * @throws embedding_unavailable, database_unavailable
   */
  async search(
    request: SearchRequest,
    asker: Asker,
    signal?: AbortSignal,
    found?: SearchOutcome,
  ): Promise<SearchResponse> {
    const start = performance.now();
    const { key, seen } = await this.makeCacheKey(request, asker, signal);
    const known = await this.known(key, asker, start);
    if (known) return known;
    return this.cache.share(key, signal, (shared) =>
      drain(this.ask(key, request, asker, { signal: shared, interrupted: 'extract', found, seen })),
    );
  }

  /**
   * The same as events: `results`, `token`…, `citations`, `done`. A failure before the results is thrown; a
   * later one is an `error` event.
   * @throws embedding_unavailable, database_unavailable
   */
  async stream(
    request: SearchRequest,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ServerSentEvent>> {
    const start = performance.now();
    const requestId = currentContext()?.requestId ?? '';
    const { key, seen } = await this.makeCacheKey(request, asker, signal);
    const known = await this.known(key, asker, start);
    if (known) return replay(known);
    const asking = this.ask(key, request, asker, { signal, interrupted: 'throw', seen });
    const first = await asking.next();
    return events(first, asking, requestId);
  }

  /** Answers from results that the client brings along, without a search. */
  async answerFrom(
    { question, context_results }: SearchQaRequest,
    signal?: AbortSignal,
  ): Promise<SearchQaResponse> {
    const sources = context_results.filter(({ content }) => content.trim() !== '').map(givenSource);
    const found = await this.finder.find(question, sources, { keepOrder: true, signal });
    const { answer, answered, citations, warnings, tokens } = await this.answerer.answer(found, { signal });
    return { answer, answered, citations, usage: toUsage(tokens), ...(warnings.length > 0 && { warnings }) };
  }

  /**
   * The steps of one question in order: condense, search, choose the passages, answer. The first step is
   * `results`.
   */
  private async *ask(
    key: string,
    request: SearchRequest,
    asker: Asker,
    options: {
      signal: AbortSignal;
      interrupted: 'extract' | 'throw';
      seen: SeenRevisions;
      found?: SearchOutcome;
    },
  ): Asking {
    const { signal, seen } = options;
    const talk = request.answer ? replyToTalk(request.prompt) : null;
    if (talk !== null) return yield* this.converse(key, talk, request);
    const { query, tokens } = await this.condenser.condense(request.prompt, request.history, signal);
    const outcome = options.found ?? (await this.lookUp(query, request, asker, { seen, signal }));
    const found = request.answer ? await this.read(query, outcome, request, asker, signal) : null;
    const spent = toUsage(tokens, outcome.mode_used === 'keyword' ? '' : query);
    const response = buildResponse(query, request, outcome, found, spent);
    yield { event: 'results', data: { results: response.results, query } };
    const degraded = outcome.mode_used !== request.mode && this.embedder.identity !== null;
    if (!found) return this.keep(key, response, degraded);
    const begun = performance.now();
    const { history } = request;
    const words = this.answerer.stream(found, { ...options, history });
    let spoken = false;
    const given = yield* mapSteps(words, (token): ServerSentEvent => {
      spoken = true;
      return { event: 'token', data: { token } };
    });
    const vague = !given.answered && !found.overAll && lacksSubject(request.prompt, history);
    const answer = vague ? { ...given, answer: noSubject, mode: noEvidence.mode } : given;
    if (!spoken) yield { event: 'token', data: { token: answer.answer } };
    const citations = await this.places.place(answer.citations, response.results, asker, signal);
    return this.keep(key, completed(response, { ...answer, citations }, begun), degraded);
  }

  /** Replies to a greeting or to thanks; no document is searched. */
  private async *converse(key: string, answer: string, request: SearchRequest): Asking {
    const response = buildResponse(request.prompt, request, nothing, null, toUsage());
    yield { event: 'results', data: { results: [], query: request.prompt } };
    yield { event: 'token', data: { token: answer } };
    return this.keep(key, { ...response, answer }, false);
  }

  private async lookUp(
    query: string,
    request: SearchRequest,
    asker: Asker,
    { seen, signal }: { seen: SeenRevisions; signal: AbortSignal },
  ): Promise<SearchOutcome> {
    const { mode, limit, neighbours, document_set, answer } = request;
    const scope = {
      tenant: asker.tenant,
      sets: asker.document_sets,
      document_set,
      filter: request.filter ?? undefined,
    };
    const most = answer ? Math.max(limit, minHits) : limit;
    const options = { scope, mode, limit: most, neighbours, seen, signal };
    const outcome = await this.searcher.search(query, options);
    this.metrics.searches.inc({ mode });
    for (const [stage, milliseconds] of Object.entries(outcome.took_ms))
      this.metrics.searchStage.observe({ stage }, milliseconds / 1000);
    return outcome;
  }

  /** Chooses the hits that answer. The order of a rerank model is kept. */
  private async read(
    query: string,
    outcome: SearchOutcome,
    { prompt, limit, document_set, filter, history }: SearchRequest,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<Found> {
    const start = performance.now();
    const scope = { tenant: asker.tenant, sets: asker.document_sets, document_set };
    const sources = outcome.hits.map(toSource);
    const groups = groupSections(outcome.hits);
    // the former question once more needs no more support than before
    const inConversation = history.length > 0 && !asksForSame(prompt);
    const reply = history.findLast(({ role }) => role === 'assistant')?.content;
    const isFollowUp = inConversation && query !== prompt && reply !== undefined;
    const keepOrder = outcome.reranked;
    // a filter hides where the answer may stand
    const chunks = filter ? undefined : outcome.chunks;
    const options = {
      keepOrder,
      limit,
      groups,
      inConversation,
      ...(chunks !== undefined && { chunks }),
      ...(isFollowUp && { former: { prompt, reply } }),
      signal,
    };
    const found = this.decided(await this.finder.find(query, sources, options), outcome);
    await this.sections.join(found, outcome, scope, signal);
    const completed =
      this.model.model === null ? await this.sections.complete(found, outcome, scope, signal) : found;
    if (found.mayAnswer && this.model.model !== null)
      await this.sections.widen(found, outcome, scope, signal);
    outcome.took_ms.rerank = Math.round((outcome.took_ms.rerank + elapsedSince(start)) * 10) / 10;
    return completed;
  }

  /**
   * A code that no document holds is never answered by a similar
   * one. A configured threshold decides in place of the regressions.
   */
  private decided(found: Found, { missing, supported }: SearchOutcome): Found {
    if (missing.length > 0) return { ...found, answered: false, mayAnswer: false };
    if (this.env.ANSWER_THRESHOLD === undefined) return found;
    return {
      ...found,
      answered: supported && !found.overAll && found.extract !== null,
      mayAnswer: supported,
    };
  }

  /**
   * Everything that the answer depends on; the revisions move with every change of the documents in scope.
   */
  private async makeCacheKey(
    request: SearchRequest,
    asker: Asker,
    signal?: AbortSignal,
  ): Promise<{ key: string; seen: SeenRevisions }> {
    const sets = asker.document_sets === null ? null : [...asker.document_sets].sort();
    const scope = { tenant: asker.tenant, sets, document_set: request.document_set };
    const seen = await this.searcher.see(scope, signal);
    const key = this.cache.makeKey(asker.tenant, [
      request,
      sets,
      this.model.model,
      this.embedder.identity,
      this.reader.available,
      seen.bySet ? [...seen.bySet] : (await this.database.call('corpus_stats', scope, { signal })).revision,
    ]);
    return { key, seen };
  }

  private async known(key: string, asker: Asker, start: number): Promise<SearchResponse | undefined> {
    const known = await this.cache.get(key, SearchResponse, scopeName(asker));
    return (
      known &&
      assemble({
        ...known,
        usage: toUsage(),
        took_ms: { embed: 0, search: 0, rerank: 0, answer: elapsedSince(start) },
      })
    );
  }

  /** Answers that were made while a model failed are not cached: the next caller may get the model. */
  private async keep(key: string, response: SearchResponse, degraded: boolean): Promise<SearchResponse> {
    if (response.answer !== null)
      this.metrics.searchStage.observe({ stage: 'answer' }, response.took_ms.answer / 1000);
    if (!degraded && !response.warnings?.includes('fallback')) await this.cache.set(key, response);
    return response;
  }
}

/** @param embedded the text that was given to the embedder */
const toUsage = (tokens: ChatTokens = { prompt: 0, completion: 0 }, embedded = ''): AnswerUsage => ({
  prompt_tokens: Math.ceil(tokens.prompt),
  completion_tokens: Math.ceil(tokens.completion),
  embedding_tokens: estimateTokens(embedded),
});

const joinedUsage = (usage: AnswerUsage, { prompt, completion }: ChatTokens): AnswerUsage => ({
  ...usage,
  prompt_tokens: usage.prompt_tokens + Math.ceil(prompt),
  completion_tokens: usage.completion_tokens + Math.ceil(completion),
});

const nothing = { hits: [], took_ms: { embed: 0, search: 0, rerank: 0 } };

function buildResponse(
  query: string,
  { limit }: SearchRequest,
  { hits, took_ms }: Pick<SearchOutcome, 'hits' | 'took_ms'>,
  found: Found | null,
  usage: AnswerUsage,
): SearchResponse {
  const asked = readAsked(query);
  const ordered = found ? found.order.flatMap((place) => hits[place] ?? []) : hits;
  return {
    answer: null,
    answered: false,
    answer_mode: 'none',
    results: ordered.slice(0, limit).map((hit) => toResult(hit, asked)),
    citations: [],
    query,
    took_ms: { ...took_ms, answer: 0 },
    usage,
  };
}

const completed = (response: SearchResponse, given: PlacedAnswer, begun: number): SearchResponse => ({
  ...response,
  answer: given.answer,
  answered: given.answered,
  answer_mode: given.mode,
  citations: given.citations,
  took_ms: { ...response.took_ms, answer: elapsedSince(begun) },
  usage: joinedUsage(response.usage, given.tokens),
  ...(given.warnings.length > 0 && { warnings: given.warnings }),
});

/** The steps of one question as a client hears them, from the first one on. */
async function* events(
  first: IteratorResult<ServerSentEvent, SearchResponse>,
  asking: Asking,
  requestId: string,
): AsyncGenerator<ServerSentEvent> {
  try {
    if (!first.done) yield first.value;
    yield* ending(first.done ? first.value : yield* asking);
  } catch (error) {
    yield { event: 'error', data: problemBody(toProblem(error), requestId) };
  } finally {
    await asking.return(undefined as never);
  }
}

async function* replay(response: SearchResponse): AsyncGenerator<ServerSentEvent> {
  yield { event: 'results', data: { results: response.results, query: response.query } };
  if (response.answer !== null) yield { event: 'token', data: { token: response.answer } };
  yield* ending(response);
}

function* ending(response: SearchResponse): Generator<ServerSentEvent> {
  const { results: _, citations, ...rest } = response;
  yield { event: 'citations', data: { citations } };
  yield { event: 'done', data: rest };
}
