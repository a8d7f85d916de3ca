import { dataBlock, dataBlockRule, enclosed, type DataBlock } from '../../common/text/data-block.js';
import { clipToTokens } from '../../common/text/clip.js';
import { estimateTokens } from '../../common/tokens.js';
import type { ChatMessage } from '../../platform/llm/llm.js';
import type { Source } from './sources.js';

export interface HistoryTurn {
  role: 'user' | 'assistant';
  content: string;
}

export interface AnswerPrompt {
  messages: ChatMessage[];
  /** Number of sources in the prompt, from the first on. */
  used: number;
}

/** The model's reply when the sources do not contain the answer. */
export const refusal = 'NO_ANSWER';
const worthClipping = 150;

function rules(block: DataBlock): string {
  return [
    'You answer questions from numbered sources and from nothing else.',
    dataBlockRule(block),
    'Use only what the sources say. Do not use your own knowledge, do not guess, do not do arithmetic on numbers that you did not read there.',
    'Put the number of its source in square brackets right behind every statement, e.g. [2]; several as [2][3]. Cite no number that is not there.',
    'When you quote, copy the words exactly as they stand and put them in double quotation marks.',
    'Answer in the language of the question, briefly, in plain sentences. Write no links, no images and no HTML.',
    `If the sources do not hold the answer, reply with exactly ${refusal} and nothing else. If they hold a part of it, give that part and say what is missing.`,
  ].join('\n');
}

function labelOf(source: Source): string {
  const page = source.page === null ? null : `page ${source.page}`;
  return [source.filename, page, source.heading].filter(Boolean).join(', ').replace(/\s+/gu, ' ');
}

/**
 * As many sources as the budget allows, best first. The last one may be cut; the first one is always
 * included.
 */
function numbered(sources: Source[], budget: number, block: DataBlock): { text: string; used: number } {
  const parts: string[] = [];
  let left = budget;
  for (const [index, source] of sources.entries()) {
    const head = `--- ${block.boundary} source [${index + 1}]: ${labelOf(source)}\n`;
    const room = left - estimateTokens(head);
    const cost = estimateTokens(source.content);
    if (cost > room && index > 0 && room < worthClipping) break;
    parts.push(
      head + (cost > room ? clipToTokens(source.content, Math.max(room, worthClipping)) : source.content),
    );
    left = room - cost;
    if (left <= 0) break;
  }
  return { text: parts.join('\n\n'), used: parts.length };
}

/**
 * @param budget tokens of sources
 * @param history earlier turns, which explain the question but are not a source
 */
export function answerPrompt(
  question: string,
  sources: Source[],
  budget: number,
  history: HistoryTurn[] = [],
): AnswerPrompt {
  const block = dataBlock();
  const { text, used } = numbered(sources, budget, block);
  const earlier = history
    .slice(-6)
    .map(({ role, content }): ChatMessage => ({ role, content: clipToTokens(content, 400) }));
  return {
    messages: [
      { role: 'system', content: rules(block) },
      ...earlier,
      { role: 'user', content: `${enclosed(block, text)}\n\nQuestion: ${question}` },
    ],
    used,
  };
}
