import { Injectable, Logger } from '@nestjs/common';
import { addressesIn, makeInert } from '../../common/text/inert.js';
import { InertStream } from '../../common/text/inert-stream.js';
import { Problem, toFailure } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { ChatModel, type ChatMessage } from '../../platform/llm/llm.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { citationsOf, isVerbatim, settleMarkers, type Citation, pageOf } from './citations.js';
import { extract } from './extractive.js';
import { answerPrompt, refusal, type HistoryTurn } from './prompt.js';
import type { Source } from './sources.js';

type AnswerMode = 'llm' | 'extractive' | 'none';

export interface GroundedAnswer {
  answer: string;
  answered: boolean;
  mode: AnswerMode;
  citations: Citation[];
  /** What the reader should know: `fallback`, `truncated`, `no_citations`, `dropped [99]`. */
  warnings: string[];
}

export interface GroundedOptions {
  history?: HistoryTurn[];
  signal?: AbortSignal;
  /** When the model fails in the middle: answer by extraction all the same, or throw because the reader has the first half already. */
  interrupted: 'extract' | 'throw';
}

export const noAnswer = 'The documents hold no answer to this question.';
export const noEvidence: GroundedAnswer = {
  answer: noAnswer,
  answered: false,
  mode: 'none',
  citations: [],
  warnings: [],
};

/** Text that grows while the model writes, made harmless piece by piece. */
class Draft {
  readonly dropped = new Set<string>();
  private readonly stream: InertStream;
  /** What may be a refusal: its first words tell. */
  private beginning = '';
  private waiting = '';
  private characters = 0;
  private text = '';

  constructor(sources: Source[]) {
    const known = new Set(sources.flatMap((source) => addressesIn(source.content)));
    const isKnown = (address: string) => known.has(address);
    this.stream = new InertStream((piece) =>
      makeInert(settleMarkers(piece, sources.length, this.dropped), { isKnown }),
    );
  }

  /** Answers what can be shown; nothing as long as the text may still become a refusal. */
  push(piece: string): string {
    this.characters += piece.length;
    this.waiting += piece;
    if (this.beginning.length < refusal.length) this.beginning = (this.beginning + piece).trimStart();
    if (refusal.startsWith(this.beginning) || this.isRefusal) return '';
    return this.show(this.stream.push(this.fresh()));
  }

  end(): string {
    return this.show(this.stream.push(this.fresh()) + this.stream.end());
  }

  get isRefusal(): boolean {
    return this.beginning.startsWith(refusal);
  }
  get written(): string {
    return this.text.trim();
  }
  /** Characters that the model wrote. */
  get length(): number {
    return this.characters;
  }

  private fresh(): string {
    const rest = this.waiting;
    this.waiting = '';
    return rest;
  }
  private show(text: string): string {
    this.text += text;
    return text;
  }
}

/** Answers a question from given sources and from nothing else: by the model where there is one, otherwise in the sources' own words. */
@Injectable()
export class GroundedAnswerer {
  private readonly logger = new Logger(GroundedAnswerer.name);

  constructor(
    private readonly model: ChatModel,
    private readonly env: Env,
    private readonly metrics: Metrics,
  ) {}

  /** As `stream`, all at once. */
  async answer(
    question: string,
    sources: Source[],
    options: Omit<GroundedOptions, 'interrupted'> = {},
  ): Promise<GroundedAnswer> {
    const stream = this.stream(question, sources, { ...options, interrupted: 'extract' });
    for (;;) {
      const step = await stream.next();
      if (step.done) return step.value;
    }
  }

  /** The sources' own words, no model asked. */
  quote(question: string, sources: Source[], warnings: string[] = []): GroundedAnswer {
    const found = extract(question, sources);
    if (!found) return { ...noEvidence, warnings };
    const citations = found.quotes.map(({ source, text }): Citation => {
      const cited = sources[source];
      const verified = isVerbatim(text, cited?.content ?? '');
      return {
        marker: `[${source + 1}]`,
        result: source,
        quote: text,
        page: cited ? pageOf(text, cited) : null,
        verified,
      };
    });
    return { answer: found.answer, answered: true, mode: 'extractive', citations, warnings };
  }

  /** A text that a model wrote over these sources elsewhere, made harmless, with its citations checked. */
  check(text: string, sources: Source[]): GroundedAnswer {
    const draft = new Draft(sources);
    draft.push(text);
    if (draft.isRefusal) return noEvidence;
    draft.end();
    return finished(draft, sources, false);
  }

  /**
   * Pieces of the answer as they come; returns the whole. A model that cannot be reached or gives nothing usable is stood in for by
   * extraction. @throws the model's problem when it fails in the middle and `interrupted` is `throw`, the signal's reason on abort
   */
  async *stream(
    question: string,
    sources: Source[],
    options: GroundedOptions,
  ): AsyncGenerator<string, GroundedAnswer, void> {
    const done = yield* this.attempt(question, sources, options);
    this.metrics.answers.inc({ mode: done.mode, fallback: String(done.warnings.includes('fallback')) });
    return done;
  }

  private async *attempt(
    question: string,
    sources: Source[],
    options: GroundedOptions,
  ): AsyncGenerator<string, GroundedAnswer, void> {
    if (sources.length === 0) return noEvidence;
    if (this.model.model === null) return yield* this.byExtraction(question, sources, []);
    let begun = false;
    const pieces = this.byModel(question, sources, options);
    try {
      for (;;) {
        const step = await pieces.next();
        if (step.done) return step.value;
        begun = true;
        yield step.value;
      }
    } catch (error) {
      if (options.signal?.aborted || (begun && options.interrupted === 'throw')) throw error;
      const { code, detail } = toFailure(error);
      this.logger.warn({ msg: 'the model did not answer, the sources speak for themselves', code, detail });
      return yield* this.byExtraction(question, sources, ['fallback']);
    } finally {
      await pieces.return(noEvidence);
    }
  }

  private async *byExtraction(
    question: string,
    sources: Source[],
    warnings: string[],
  ): AsyncGenerator<string, GroundedAnswer, void> {
    const given = this.quote(question, sources, warnings);
    if (given.answered) yield given.answer;
    return given;
  }

  private async *byModel(
    question: string,
    sources: Source[],
    options: GroundedOptions,
  ): AsyncGenerator<string, GroundedAnswer, void> {
    const prompt = answerPrompt(question, sources, this.env.LLM_CONTEXT_TOKENS, options.history);
    const draft = new Draft(sources.slice(0, prompt.used));
    try {
      return yield* this.write(draft, prompt.messages, sources, options.signal);
    } catch (error) {
      // a refusal of a well-formed request before its first word mostly means that it was too long for the model
      const tooLong = error instanceof Problem && error.code === 'upstream_rejected' && draft.length === 0;
      if (!tooLong || options.signal?.aborted) throw error;
      const fewer = answerPrompt(
        question,
        sources.slice(0, Math.ceil(prompt.used / 2)),
        Math.ceil(this.env.LLM_CONTEXT_TOKENS / 3),
      );
      return yield* this.write(
        new Draft(sources.slice(0, fewer.used)),
        fewer.messages,
        sources,
        options.signal,
      );
    }
  }

  private async *write(
    draft: Draft,
    messages: ChatMessage[],
    sources: Source[],
    signal?: AbortSignal,
  ): AsyncGenerator<string, GroundedAnswer, void> {
    const maxTokens = this.env.LLM_MAX_OUTPUT_TOKENS;
    const reply = this.model.stream({ messages, maxTokens, signal });
    let truncated = false;
    try {
      for (;;) {
        const step = await reply.next();
        if (step.done) {
          truncated = step.value.truncated;
          break;
        }
        const piece = draft.push(step.value);
        if (piece !== '') yield piece;
        // a server that heeds no limit is cut off here: no token is longer than a dozen characters for long
        if ((truncated = draft.length > maxTokens * 12)) break;
      }
    } finally {
      await reply.return({
        content: '',
        toolCalls: [],
        truncated: true,
        tokens: { prompt: 0, completion: 0 },
      });
    }
    if (draft.isRefusal) return noEvidence;
    const rest = draft.end();
    if (rest !== '') yield rest;
    if (draft.written === '') throw new Problem('upstream_invalid', 'The model answered nothing');
    return finished(draft, sources, truncated);
  }
}

function finished(draft: Draft, sources: Source[], truncated: boolean): GroundedAnswer {
  const citations = citationsOf(draft.written, sources);
  const warnings = [...draft.dropped].map((marker) => `dropped ${marker}`);
  if (truncated) warnings.push('truncated');
  if (citations.length === 0) warnings.push('no_citations');
  return { answer: draft.written, answered: true, mode: 'llm', citations, warnings };
}
