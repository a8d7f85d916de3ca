import { Injectable } from '@nestjs/common';
import { analyze } from '../../common/text/analyzer.js';
import { foldSpace, trimInvisible } from '../../common/text/clean.js';
import { dataBlock, dataBlockRule, enclosed } from '../../common/text/data-block.js';
import { clipToTokens } from '../../common/text/clip.js';
import { ChatModel, type ChatTokens } from '../../platform/llm/llm.js';
import type { HistoryTurn } from './prompt.js';

const longestQuery = 1000;
const condenseSeconds = 10;
const turnsRead = 10;
const addedWords = 8;
const fewWords = 4;

const pointsBack =
  /\b(?:it|its|they|them|their|theirs|that|this|these|those|he|she|him|her|his|hers|same|er|sie|ihn|ihm|ihnen|ihr|ihre[nrs]?|dies(?:e[rnms]?)?|dort|damit|davon|dafür|dabei|denen|dessen|deren|elle|ils|elles|lui|leur|ça|cela|ceci|celui|celle|ceux|ello|ella|ellos|ellas|eso|esto|esa|ese|esos|esas|esso|essa|quello|quella|questo|questa|isso|isto|esse|ele|ela|eles|elas)\b|那|这|這|它|他|她|其|それ|これ|あれ|その|この|彼|그것|이것|هذا|هذه|ذلك|تلك/iu;
const continues =
  /^\s*(?:and|but|or|so|what about|how about|why|und|aber|oder|wie (?:ist|sieht) es|was ist mit|warum|et|mais|pourquoi|y|pero|por qué|e|ma|perché|mas)\b|^\s*(?:那么|那|還有|还有|じゃあ|では|و)|(?:呢|は)[?？]?\s*$/iu;

const contentWords = (text: string): string[] =>
  text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu)?.filter((word) => analyze(word, 'en').terms.length > 0) ??
  [];

/** Whether a question cannot be understood by itself. */
function isFollowUp(question: string): boolean {
  const words = contentWords(question);
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(question);
  const brief = dense ? question.length <= 8 : words.length < fewWords;
  return brief || (pointsBack.test(question) && words.length < 8) || continues.test(question);
}

/** Names and codes: words with a digit, and words after the first that begin with a capital letter. */
const namesIn = (text: string): string[] =>
  contentWords(text).filter(
    (word) => /\p{N}/u.test(word) || (/^\p{Lu}/u.test(word) && !text.trimStart().startsWith(word)),
  );

/** What a conversation is about: the words of the last question, or where that points back too, the names of the one that it points to. */
function topicOf(history: HistoryTurn[]): string[] {
  const questions = history.filter(({ role }) => role === 'user').map(({ content }) => content);
  const last = questions.pop();
  if (last === undefined) return [];
  const leansOn = (text: string) =>
    (pointsBack.test(text) || continues.test(text)) && namesIn(text).length === 0;
  if (!leansOn(last)) return contentWords(last);
  const base = questions.slice(-turnsRead).findLast((text) => !leansOn(text));
  if (base === undefined) return contentWords(last);
  const names = namesIn(base);
  return names.length > 0 ? names : contentWords(base);
}

/** A stand-alone query without a model: a follow-up takes along what the conversation is about. */
export function condenseByWords(question: string, history: HistoryTurn[]): string {
  if (!isFollowUp(question)) return question;
  const known = new Set(analyze(question, 'en').terms);
  const added: string[] = [];
  for (const word of topicOf(history)) {
    const terms = analyze(word, 'en').terms;
    if (terms.every((term) => known.has(term)) || pointsBack.test(word)) continue;
    for (const term of terms) known.add(term);
    added.push(word);
    if (added.length === addedWords) break;
  }
  return added.length === 0 ? question : `${question} ${added.join(' ')}`.slice(0, longestQuery);
}

export interface Condensed {
  query: string;
  /** What the model's reply cost. */
  tokens: ChatTokens;
}

/** Makes a question of a conversation stand alone, so that the search sees what it is about. */
@Injectable()
export class Condenser {
  constructor(private readonly model: ChatModel) {}

  /** Never fails but for an abort: without a usable reply the words decide. */
  async condense(question: string, history: HistoryTurn[], signal?: AbortSignal): Promise<Condensed> {
    const byWords = (tokens = { prompt: 0, completion: 0 }): Condensed => ({
      query: condenseByWords(question, history),
      tokens,
    });
    if (history.length === 0 || this.model.model === null) return byWords();
    try {
      const { content, tokens } = await this.model.complete({
        messages: this.messages(question, history),
        maxTokens: 200,
        timeoutSeconds: condenseSeconds,
        signal,
      });
      const query = trimInvisible(foldSpace(content).replace(/^["“]|["”]$/gu, ''));
      return query === '' || query.length > longestQuery ? byWords(tokens) : { query, tokens };
    } catch (error) {
      if (signal?.aborted) throw error;
      return byWords();
    }
  }

  private messages(question: string, history: HistoryTurn[]) {
    const block = dataBlock();
    const turns = history
      .slice(-turnsRead)
      .map(({ role, content }) => `${role}: ${clipToTokens(content, 300)}`);
    const task =
      'Rewrite the last question of a conversation so that it can be understood without the conversation: put names in the place of pronouns, ' +
      'add what is left out, keep its language. If it stands alone already, repeat it. Reply with the question only; do not answer it.';
    return [
      { role: 'system' as const, content: `${task}\n${dataBlockRule(block)}` },
      {
        role: 'user' as const,
        content: `${enclosed(block, turns.join('\n'))}\n\nLast question: ${clipToTokens(question, 2000)}`,
      },
    ];
  }
}
