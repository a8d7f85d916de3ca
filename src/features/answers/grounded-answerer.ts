import { Injectable, Logger } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import { estimateTokens } from '../../common/tokens.js';
import { Env } from '../../config/env.js';
import { ChatModel, type ChatMessage, type ChatTokens } from '../../platform/llm/llm.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { detectLanguage } from '../../common/text/language.js';
import { isVerbatim, findPage, type Citation } from './citations.js';
import { Draft } from './draft.js';
import type { Found } from './finding/passage-finder.js';
import { answerPrompt, repairPrompt, type AnswerPrompt, type HistoryTurn } from './prompt.js';
import type { Source } from './sources.js';
import { drain } from './streaming.js';

type AnswerMode = 'llm' | 'extractive' | 'none';

export interface GroundedAnswer {
  answer: string;
  answered: boolean;
  mode: AnswerMode;
  citations: Citation[];
  /** Notes for the reader: `fallback`, `truncated`, `unsupported`, `dropped [99]`. */
  warnings: string[];
  /** The cost of the model's reply. */
  tokens: ChatTokens;
}

export interface GroundedOptions {
  history?: HistoryTurn[];
  signal?: AbortSignal;
  /**
   * When the model fails in the middle: `extract` answers by extraction all the same; `throw` fails, since
   * the reader has the first half already.
   */
  interrupted: 'extract' | 'throw';
}

export const noAnswer = 'The documents hold no answer to this question.';
/** Without a model, a refusal may keep back the right passage: the reply must not deny that there is one. */
export const notSure =
  'No passage surely answers this question. The closest ones are among the results and may hold the answer.';
const noTokens: ChatTokens = { prompt: 0, completion: 0 };
const partOnly =
  'This asks for all of several things, which needs all documents to be read; passages alone cannot list or count them. The closest passages are among the results.';
export const noEvidence: GroundedAnswer = {
  answer: noAnswer,
  answered: false,
  mode: 'none',
  citations: [],
  warnings: [],
  tokens: noTokens,
};

/** The answer to a question that refers to something that neither it nor the conversation names. */
export const noSubject =
  'The question does not say what it is about. Name the person or the thing that you mean, or send the earlier turns as `history`.';

type Writing = AsyncGenerator<string, GroundedAnswer, void>;

/**
 * Answers a question from the given sources only: by the model if there is one, otherwise in the sources' own
 * words.
 */
@Injectable()
export class GroundedAnswerer {
  private readonly logger = new Logger(GroundedAnswerer.name);

  constructor(
    private readonly model: ChatModel,
    private readonly env: Env,
    private readonly metrics: Metrics,
  ) {}

  /** Like `stream`, but returns the whole answer. */
  answer(found: Found, options: Omit<GroundedOptions, 'interrupted'> = {}): Promise<GroundedAnswer> {
    return drain(this.stream(found, { ...options, interrupted: 'extract' }));
  }

  /** Makes a text that another model wrote over these sources harmless, and checks its citations. */
  check(text: string, sources: Source[]): GroundedAnswer {
    const draft = new Draft(sources, detectLanguage(text.slice(0, 1000)));
    draft.push(text);
    if (draft.isRefusal) return noEvidence;
    draft.end();
    const given = finished(draft, false, noTokens);
    // Words such as "Done." claim nothing that could be checked.
    const isClaimless = given.mode === 'none' && draft.unsupported === 0 && draft.unclaimed !== '';
    return isClaimless ? { ...given, answer: draft.unclaimed } : given;
  }

  /**
   * Yields pieces of the answer and returns the whole. When the model cannot be reached or returns nothing
   * usable, the answer is in the sources' own words.
   * @throws the model's problem when it fails in the middle and `interrupted` is `throw`; the signal's reason
   * on abort
   */
  async *stream(found: Found, options: GroundedOptions): Writing {
    const done = yield* this.attempt(found, options);
    this.metrics.answers.inc({ mode: done.mode, fallback: String(done.warnings.includes('fallback')) });
    return done;
  }

  private async *attempt(found: Found, options: GroundedOptions): Writing {
    if (this.model.model === null) return yield* quoting(found);
    if (!found.mayAnswer) return noEvidence;
    const draft = new Draft(found.sources, detectLanguage(found.question));
    try {
      return yield* this.byModel(found, draft, options);
    } catch (error) {
      if (options.signal?.aborted || (draft.length > 0 && options.interrupted === 'throw')) throw error;
      const { code, detail } = toFailure(error);
      this.logger.warn({ msg: 'the model did not answer; quoting the sources instead', code, detail });
      return yield* quoting(found, ['fallback']);
    }
  }

  private async *byModel(found: Found, draft: Draft, options: GroundedOptions): Writing {
    const { question, sources } = found;
    const budget = this.env.LLM_CONTEXT_TOKENS;
    const prompt = answerPrompt(question, sources, budget, options.history);
    draft.limitTo(prompt.used);
    try {
      return yield* this.writeAndRepair(found, draft, prompt, options);
    } catch (error) {
      // a refusal before the first word usually means that the request was too long
      const tooLong = error instanceof Problem && error.code === 'upstream_rejected' && draft.length === 0;
      if (!tooLong || options.signal?.aborted) throw error;
      const fewer = answerPrompt(
        question,
        sources.slice(0, Math.ceil(prompt.used / 2)),
        Math.ceil(budget / 3),
      );
      draft.limitTo(fewer.used);
      return yield* this.write(draft, fewer.messages, options.signal);
    }
  }

  /**
   * Where a model gives quotes and none of them stands in its
   * source, it is asked once more. Nothing was shown until then.
   */
  private async *writeAndRepair(
    { sources, question }: Found,
    draft: Draft,
    { messages, used }: AnswerPrompt,
    { signal }: GroundedOptions,
  ): Writing {
    const given = yield* this.write(draft, messages, signal);
    const isBroken = draft.isQuoting && !draft.isSupported && !given.warnings.includes('truncated');
    if (!isBroken || signal?.aborted) return given;
    const second = new Draft(sources, detectLanguage(question));
    second.limitTo(used);
    try {
      const repaired = yield* this.write(second, repairPrompt(messages, draft.reply), signal);
      return { ...repaired, tokens: addTokens(given.tokens, repaired.tokens) };
    } catch (error) {
      if (signal?.aborted || second.written !== '') throw error;
      return given;
    }
  }

  private async *write(draft: Draft, messages: ChatMessage[], signal?: AbortSignal): Writing {
    const maxTokens = this.env.LLM_MAX_OUTPUT_TOKENS;
    const reply = this.model.stream({ messages, maxTokens, signal });
    let truncated = false;
    let tokens: ChatTokens | null = null;
    try {
      for (;;) {
        const step = await reply.next();
        if (step.done) {
          ({ truncated, tokens } = step.value);
          break;
        }
        yield* splitWords(draft.push(step.value));
        // A server that heeds no limit is cut off here: no token is longer than a dozen characters for long.
        if ((truncated = draft.length > maxTokens * 12)) break;
      }
    } finally {
      await reply.return({
        content: '',
        toolCalls: [],
        truncated: true,
        tokens: noTokens,
      });
    }
    tokens ??= estimated(messages, draft.length);
    if (draft.isRefusal) return { ...noEvidence, tokens };
    yield* splitWords(draft.end());
    if (draft.reply.trim() === '')
      throw new Problem('upstream_invalid', 'The model returned an empty answer.');
    return finished(draft, truncated, tokens);
  }
}

/** The sources' own words, no model asked. */
export function quote(
  { extract, answered, mayAnswer, overAll, sources }: Found,
  warnings: string[] = [],
): GroundedAnswer {
  if (overAll) return { ...noEvidence, answer: partOnly, warnings };
  if (!extract || !answered) return { ...noEvidence, ...(mayAnswer && { answer: notSure }), warnings };
  const citations = extract.quotes.map(({ source, text }): Citation => {
    const cited = sources[source];
    return {
      marker: `[${source + 1}]`,
      result: source,
      quote: text,
      page: cited ? findPage(text, cited) : null,
      verified: isVerbatim(text, cited?.content ?? ''),
    };
  });
  return {
    answer: extract.answer,
    answered: true,
    mode: 'extractive',
    citations,
    warnings,
    tokens: noTokens,
  };
}

async function* quoting(found: Found, warnings: string[] = []): Writing {
  const given = quote(found, warnings);
  if (given.answered) yield given.answer;
  return given;
}

const estimated = (messages: ChatMessage[], written: number): ChatTokens => ({
  prompt: messages.reduce((sum, { content }) => sum + estimateTokens(content), 0),
  completion: Math.ceil(written / 4),
});

const addTokens = (left: ChatTokens, right: ChatTokens): ChatTokens => ({
  prompt: left.prompt + right.prompt,
  completion: left.completion + right.completion,
});

/** A claim is checked as a whole and shown word by word. */
const splitWords = (text: string): string[] => text.match(/\s*\S+(?:\s+$)?|^\s+$/gu) ?? [];

/** The rest of a model's reply after its claims were checked. */
function finished(draft: Draft, truncated: boolean, tokens: ChatTokens): GroundedAnswer {
  const warnings = [...draft.dropped].map((marker) => `dropped ${marker}`);
  if (truncated) warnings.push('truncated');
  const { citations, isSupported, unsupported } = draft;
  const answer = isSupported ? draft.written : unsupported > 0 ? draft.unverified : '';
  if (unsupported > 0 || answer === '') warnings.push('unsupported');
  if (answer === '') return { ...noEvidence, warnings, tokens };
  return { answer, answered: isSupported, mode: 'llm', citations, warnings, tokens };
}
