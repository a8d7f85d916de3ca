import { Injectable } from '@nestjs/common';
import { problemBody, toProblem } from '../../common/error.filter.js';
import { currentContext } from '../../common/request-context.js';
import { Database } from '../../platform/database/database.js';
import { Embedder } from '../../platform/embedding/embedder.js';
import { ChatModel } from '../../platform/llm/llm.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { Principal } from '../../common/principal.js';
import { SearchService } from '../search/search.service.js';
import { AnswerCache } from './answer-cache.js';
import type { SearchQaRequest, SearchQaResponse, SearchRequest, SearchResponse } from './answers.dto.js';
import { CitationPlaces, type PlacedCitation } from './citation-places.js';
import { Condenser } from './condense.js';
import type { ServerSentEvent } from './event-stream.js';
import { GroundedAnswerer, noEvidence, type GroundedAnswer } from './grounded-answerer.js';
import { givenSource, resultOf, sourceOf } from './results.js';
import type { Source } from './sources.js';

type Asker = Pick<Principal, 'tenant' | 'document_sets'>;

type PlacedAnswer = GroundedAnswer & { citations: PlacedCitation[] };

/** What the search found, before an answer is made of it. */
interface Evidence {
  response: SearchResponse;
  /** Empty when the hits do not support an answer. */
  sources: Source[];
  /** Whether the search had to do without a part of itself, so that the next one may find more. */
  degraded: boolean;
}

const millisecondsSince = (start: number): number => Math.round((performance.now() - start) * 10) / 10;

/** Questions and their answers: look-up, search, and an answer from what was found. */
@Injectable()
export class AnswersService {
  constructor(
    private readonly searcher: SearchService,
    private readonly condenser: Condenser,
    private readonly answerer: GroundedAnswerer,
    private readonly cache: AnswerCache,
    private readonly database: Database,
    private readonly model: ChatModel,
    private readonly embedder: Embedder,
    private readonly metrics: Metrics,
    private readonly places: CitationPlaces,
  ) {}

  /** @throws embedding_unavailable, database_unavailable */
  async search(request: SearchRequest, asker: Asker, signal?: AbortSignal): Promise<SearchResponse> {
    const start = performance.now();
    const key = await this.keyOf(request, asker, signal);
    const known = await this.known(key, start);
    if (known) return known;
    return this.cache.share(key, signal, async (shared) => {
      const evidence = await this.gather(request, asker, shared);
      if (!request.answer) return this.keep(key, evidence.response, evidence);
      const begun = performance.now();
      const answer = await this.answerer.answer(request.prompt, evidence.sources, {
        history: request.history,
        signal: shared,
      });
      const cited = await this.placed(answer, evidence, asker, shared);
      return this.keep(key, completed(evidence.response, cited, begun), evidence);
    });
  }

  /**
   * The same as events: `results`, `token`…, `citations`, `done`. What fails before the results is thrown, later it is an `error` event.
   * @throws embedding_unavailable, database_unavailable
   */
  async stream(
    request: SearchRequest,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ServerSentEvent>> {
    const start = performance.now();
    const key = await this.keyOf(request, asker, signal);
    const known = await this.known(key, start);
    if (known) return this.replay(known);
    const evidence = await this.gather(request, asker, signal);
    return this.events(key, request, asker, evidence, signal, currentContext()?.requestId ?? '');
  }

  /** Answers from results that the client brings along, without a search. */
  async answerFrom(request: SearchQaRequest, signal?: AbortSignal): Promise<SearchQaResponse> {
    const sources = request.context_results.filter(({ content }) => content.trim() !== '').map(givenSource);
    const { answer, answered, citations, warnings } = await this.answerer.answer(request.question, sources, {
      signal,
    });
    return { answer, answered, citations, ...(warnings.length > 0 && { warnings }) };
  }

  private async gather(request: SearchRequest, asker: Asker, signal: AbortSignal): Promise<Evidence> {
    const query = await this.condenser.condense(request.prompt, request.history, signal);
    const scope = {
      tenant: asker.tenant,
      sets: asker.document_sets,
      document_set: request.document_set,
      filter: request.filter ?? undefined,
    };
    const { mode, limit, neighbours } = request;
    const { hits, took_ms, mode_used, supported } = await this.searcher.search(query, {
      scope,
      mode,
      limit,
      neighbours,
      signal,
    });
    this.measure(request.mode, took_ms);
    const degraded = mode_used !== request.mode && this.embedder.identity !== null;
    const response: SearchResponse = {
      answer: null,
      answered: false,
      answer_mode: 'none',
      results: hits.map(resultOf),
      citations: [],
      query,
      took_ms: { ...took_ms, answer: 0 },
    };
    return { response, sources: supported ? hits.map(sourceOf) : [], degraded };
  }

  private async *events(
    key: string,
    request: SearchRequest,
    asker: Asker,
    evidence: Evidence,
    signal: AbortSignal,
    requestId: string,
  ): AsyncGenerator<ServerSentEvent> {
    try {
      yield found(evidence.response);
      if (!request.answer) {
        await this.keep(key, evidence.response, evidence);
        yield* ending(evidence.response);
        return;
      }
      const begun = performance.now();
      const answer = yield* this.tokens(request, evidence.sources, signal);
      const cited = await this.placed(answer, evidence, asker, signal);
      const response = completed(evidence.response, cited, begun);
      await this.keep(key, response, evidence);
      yield* ending(response);
    } catch (error) {
      yield { event: 'error', data: problemBody(toProblem(error), requestId) };
    }
  }

  private async *tokens(
    request: SearchRequest,
    sources: Source[],
    signal: AbortSignal,
  ): AsyncGenerator<ServerSentEvent, GroundedAnswer> {
    const pieces = this.answerer.stream(request.prompt, sources, {
      history: request.history,
      signal,
      interrupted: 'throw',
    });
    let spoken = false;
    try {
      for (;;) {
        const step = await pieces.next();
        if (step.done && !spoken) yield { event: 'token', data: { token: step.value.answer } };
        if (step.done) return step.value;
        spoken = true;
        yield { event: 'token', data: { token: step.value } };
      }
    } finally {
      await pieces.return(noEvidence);
    }
  }

  private async *replay(response: SearchResponse): AsyncGenerator<ServerSentEvent> {
    yield found(response);
    if (response.answer !== null) yield { event: 'token', data: { token: response.answer } };
    yield* ending(response);
  }

  /** Everything that the answer depends on; the revision moves with every change of the documents in scope. */
  private async keyOf(request: SearchRequest, asker: Asker, signal?: AbortSignal): Promise<string> {
    const sets = asker.document_sets === null ? null : [...asker.document_sets].sort();
    const scope = { tenant: asker.tenant, sets, document_set: request.document_set };
    const { revision } = await this.database.call('corpus_stats', scope, { signal });
    return this.cache.keyOf(asker.tenant, [
      request,
      sets,
      this.model.model,
      this.embedder.identity,
      revision,
    ]);
  }

  private async placed(
    answer: GroundedAnswer,
    { response }: Evidence,
    asker: Asker,
    signal: AbortSignal,
  ): Promise<PlacedAnswer> {
    return {
      ...answer,
      citations: await this.places.place(answer.citations, response.results, asker, signal),
    };
  }

  private measure(mode: string, took: Record<string, number>): void {
    this.metrics.searches.inc({ mode });
    for (const [stage, milliseconds] of Object.entries(took))
      this.metrics.searchStage.observe({ stage }, milliseconds / 1000);
  }

  private async known(key: string, start: number): Promise<SearchResponse | undefined> {
    const known = await this.cache.get<SearchResponse>(key);
    return (
      known && { ...known, took_ms: { embed: 0, search: 0, rerank: 0, answer: millisecondsSince(start) } }
    );
  }

  /** What was made without a model that failed is not kept: the next one who asks may get the model. */
  private async keep(key: string, response: SearchResponse, { degraded }: Evidence): Promise<SearchResponse> {
    if (response.answer !== null)
      this.metrics.searchStage.observe({ stage: 'answer' }, response.took_ms.answer / 1000);
    if (!degraded && !response.warnings?.includes('fallback')) await this.cache.set(key, response);
    return response;
  }
}

const completed = (response: SearchResponse, given: PlacedAnswer, begun: number): SearchResponse => ({
  ...response,
  answer: given.answer,
  answered: given.answered,
  answer_mode: given.answered ? given.mode : noEvidence.mode,
  citations: given.citations,
  took_ms: { ...response.took_ms, answer: millisecondsSince(begun) },
  ...(given.warnings.length > 0 && { warnings: given.warnings }),
});

const found = ({ results, query }: SearchResponse): ServerSentEvent => ({
  event: 'results',
  data: { results, query },
});

function* ending(response: SearchResponse): Generator<ServerSentEvent> {
  const { results: _, citations, ...rest } = response;
  yield { event: 'citations', data: { citations } };
  yield { event: 'done', data: rest };
}
