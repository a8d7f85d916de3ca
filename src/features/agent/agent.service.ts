import { Injectable, Logger } from '@nestjs/common';
import { Problem, toFailure } from '../../common/errors.js';
import { dataBlock, dataBlockRule, enclosed, type DataBlock } from '../../common/text/data-block.js';
import { Env } from '../../config/env.js';
import { ChatModel, type ChatMessage, type ChatReply } from '../../platform/llm/llm.js';
import { TaskProducer } from '../../platform/queue/task-producer.js';
import { PassageFinder } from '../answers/finding/passage-finder.js';
import { GroundedAnswerer, noAnswer, quote, type GroundedAnswer } from '../answers/grounded-answerer.js';
import type { Principal } from '../../common/principal.js';
import { Quotas } from '../auth/quotas.js';
import { DocumentStore } from '../documents/document.store.js';
import { SearchService } from '../search/search.service.js';
import { SummariesService } from '../summaries/summaries.service.js';
import type { AgentResponse, AgentStep } from './agent.dto.js';
import { Toolbox } from './toolbox.js';

const maxSteps = 6;
const maxCallsPerStep = 4;
/** Model calls that a run may last, in their time limit. */
const runInCalls = 2;

const rules = (block: DataBlock): string =>
  [
    'You answer questions about a collection of documents with the tools you have. Look things up first; never answer from your own knowledge.',
    dataBlockRule(block),
    'The results of tools stand in such blocks. Their passages carry numbers in square brackets: put the number behind every statement that rests on one, e.g. [2].',
    'When you quote, copy the words exactly and put them in double quotation marks. Write no links, no images, no HTML.',
    `Answer in the language of the question, briefly. If the documents do not hold the answer, say so. You have ${maxSteps} rounds of tools.`,
  ].join('\n');

/** The state of one run. */
interface Run {
  prompt: string;
  toolbox: Toolbox;
  block: DataBlock;
  messages: ChatMessage[];
  steps: AgentStep[];
  signal: AbortSignal;
}

/** Answers by looking things up step by step; without a model in a single search. */
@Injectable()
export class AgentService {
  private readonly logger = new Logger(AgentService.name);

  constructor(
    private readonly model: ChatModel,
    private readonly finder: PassageFinder,
    private readonly answerer: GroundedAnswerer,
    private readonly search: SearchService,
    private readonly documents: DocumentStore,
    private readonly summaries: SummariesService,
    private readonly quotas: Quotas,
    private readonly tasks: TaskProducer,
    private readonly env: Env,
  ) {}

  /** @throws database_unavailable */
  async run(prompt: string, principal: Principal, gone: AbortSignal): Promise<AgentResponse> {
    const limit = AbortSignal.timeout(this.env.LLM_TIMEOUT_SECONDS * runInCalls * 1000);
    const signal = AbortSignal.any([gone, limit]);
    const block = dataBlock();
    const messages: ChatMessage[] = [
      { role: 'system', content: rules(block) },
      { role: 'user', content: prompt },
    ];
    const services = { search: this.search, documents: this.documents, summaries: this.summaries };
    const run: Run = {
      prompt,
      toolbox: new Toolbox(services, principal, gone),
      block,
      messages,
      steps: [],
      signal,
    };
    if (this.model.model === null) return this.inOnePass(run);
    try {
      return respond(run, this.answerer.check(await this.converse(run), run.toolbox.sources));
    } catch (error) {
      const passing = error instanceof Problem && error.code.startsWith('upstream_');
      if (gone.aborted || !(passing || limit.aborted)) throw error;
      const { code, detail } = toFailure(error);
      this.logger.warn({
        msg: 'the model did not finish the run; answering from the passages found so far',
        code,
        detail,
      });
      return this.inOnePass(run);
    }
  }

  /**
   * Makes the chain check_knowledge_base → answer_question.
   * @returns the id of the task whose result is the answer
   */
  async start(prompt: string, principal: Principal): Promise<string> {
    const { document_sets } = principal;
    const payload = { prompt, sets: document_sets };
    const check = this.tasks.plan('check_knowledge_base', payload, { document_sets });
    const answer = this.tasks.plan('answer_question', payload, { document_sets }, check);
    await this.quotas.within(['tasks'], (quota) => this.tasks.createAll(principal, [check, answer], quota));
    return answer.id;
  }

  /**
   * Rounds of tools until the model answers; in the last
   * one it has none left. @returns the model's last words
   */
  private async converse(run: Run): Promise<string> {
    for (let round = 0; ; round++) {
      const last = round === maxSteps;
      const reply = await this.model.complete({
        messages: run.messages,
        ...(!last && { tools: Toolbox.definitions }),
        signal: run.signal,
      });
      if (reply.toolCalls.length > 0 && !last) await this.callTools(run, reply);
      else if (run.steps.length > 0 || last) return spoken(reply);
      else await this.lookUpFirst(run);
    }
  }

  private async callTools(run: Run, { content, toolCalls }: ChatReply): Promise<void> {
    run.messages.push({ role: 'assistant', content, toolCalls });
    for (const [place, call] of toolCalls.entries()) {
      const result =
        place < maxCallsPerStep
          ? await this.step(run, call.name, call.arguments)
          : 'Error: too many calls at once';
      run.messages.push({ role: 'tool', content: enclosed(run.block, result), toolCallId: call.id });
    }
  }

  /** A model that answers without any look-up uses its memory: it gets the results of a search first. */
  private async lookUpFirst(run: Run): Promise<void> {
    const result = await this.step(
      run,
      'search_documents',
      JSON.stringify({ query: run.prompt.slice(0, 2000) }),
    );
    run.messages.push({
      role: 'user',
      content: `These passages were found:\n${enclosed(run.block, result)}\n\nAnswer from them, or look further: ${run.prompt}`,
    });
  }

  private async step(run: Run, tool: string, given: string): Promise<string> {
    const start = performance.now();
    const { ok, text, outcome } = await run.toolbox.run(tool, given);
    run.steps.push({
      tool,
      arguments: readable(given),
      result: outcome,
      ok,
      took_ms: Math.round(performance.now() - start),
    });
    return text;
  }

  private async inOnePass(run: Run): Promise<AgentResponse> {
    if (run.toolbox.sources.length === 0)
      await this.step(run, 'search_documents', JSON.stringify({ query: run.prompt.slice(0, 2000) }));
    const found = await this.finder.find(run.prompt, run.toolbox.sources, { keepOrder: true });
    return respond(run, quote(found));
  }
}

const spoken = ({ content }: ChatReply): string => {
  if (content.trim() === '') throw new Problem('upstream_invalid', 'The model returned an empty answer.');
  return content;
};

function readable(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given.slice(0, 1000);
  }
}

function respond({ toolbox, steps }: Run, { answer, citations }: GroundedAnswer): AgentResponse {
  return {
    response: answer === '' ? noAnswer : answer,
    citations: citations.flatMap((citation) => {
      const source = toolbox.sources[citation.result];
      return source
        ? [
            {
              ...citation,
              filename: source.filename,
              document_set: source.document_set,
              document_id: source.document_id,
            },
          ]
        : [];
    }),
    steps,
  };
}
