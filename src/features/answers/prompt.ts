import { dataBlock, dataBlockRule, enclosed, type DataBlock } from '../../common/text/data-block.js';
import { clipToTokens } from '../../common/text/clip.js';
import { estimateTokens } from '../../common/tokens.js';
import type { ChatMessage } from '../../platform/llm/llm.js';
import { clipToBlocks } from './clip-to-blocks.js';
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
const maxRepairedTokens = 1000;

function rules(block: DataBlock): string {
  return [
    'You answer questions from numbered sources and from nothing else.',
    dataBlockRule(block),
    'Use only what the sources say. Do not use your own knowledge, do not guess, do not do arithmetic on numbers that you did not read there.',
    `If the sources do not answer the question, reply with exactly ${refusal} and nothing else.`,
    'Otherwise answer in the language of the question, briefly, in plain sentences or a list. Write no links, no images and no HTML.',
    'Behind every statement put, in square brackets, the number of its source and the few words of that source that say it, copied exactly, in the language of the source. For example: Staff have 25 days off [2: "25 days of leave a year"]. With two sources: [1: "…"][3: "…"].',
    'A statement without such words is not shown. Cite no number that is not there.',
    'If the sources answer a part only, give that part and end with a line that begins with MISSING: and says what they lack.',
  ].join('\n');
}

/** @param reply in which no quote was found in its source */
export const repairPrompt = (messages: ChatMessage[], reply: string): ChatMessage[] => [
  ...messages,
  { role: 'assistant', content: clipToTokens(reply, maxRepairedTokens) },
  {
    role: 'user',
    content:
      'None of your quotes stands in the source that you name, so nothing of this can be shown. Write the answer again: behind every statement ' +
      `[number: "words"], the words copied from that source character for character. If the sources do not answer the question, reply with exactly ${refusal}.`,
  },
];

function makeLabel(source: Source): string {
  const page = source.page === null ? null : `page ${source.page}`;
  return [source.filename, page, source.heading].filter(Boolean).join(', ').replace(/\s+/gu, ' ');
}

/**
 * The sources, best first, as many as the budget takes.
 * Only a first one that is longer than all of it is cut.
 */
function numbered(sources: Source[], budget: number, block: DataBlock): { text: string; used: number } {
  const parts: string[] = [];
  let left = budget;
  for (const [index, source] of sources.entries()) {
    const head = `--- ${block.boundary} source [${index + 1}]: ${makeLabel(source)}\n`;
    const room = left - estimateTokens(head);
    const cost = estimateTokens(source.content);
    if (cost > room && index > 0) break;
    const content =
      cost > room ? clipToBlocks(source.content, Math.max(room, worthClipping)) : source.content;
    parts.push(head + content);
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
