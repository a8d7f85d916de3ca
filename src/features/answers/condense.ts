import { Injectable } from '@nestjs/common';
import { analyze } from '../../common/text/analyzer.js';
import { foldSpace, trimInvisible } from '../../common/text/clean.js';
import { isAskingWord } from '../../common/text/question-words.js';
import { dataBlock, dataBlockRule, enclosed } from '../../common/text/data-block.js';
import { clipToTokens } from '../../common/text/clip.js';
import { ChatModel, type ChatTokens } from '../../platform/llm/llm.js';
import type { HistoryTurn } from './prompt.js';

const maxQueryLength = 1000;
const condenseSeconds = 10;
const turnsRead = 10;
const addedWords = 8;
const fewWords = 4;
/** Words of a follow-up that only names another thing. */
const maxExchangeWords = 10;
/** Questions back to which a chain of follow-ups is read. */
const chainRead = 5;
const maxReadTurnLength = 2000;
const namesOfReply = 3;

const pointsBack =
  /\b(?:it|its|they|them|their|theirs|that|this|these|those|he|she|him|her|his|hers|same|er|sie|ihn|ihm|ihnen|ihr|ihre[nrs]?|dies(?:e[rnms]?)?|dort|damit|davon|dafür|dabei|denen|dessen|deren|elle|ils|elles|lui|leur|ça|cela|ceci|celui|celle|ceux|ello|ella|ellos|ellas|eso|esto|esa|ese|esos|esas|esso|essa|quello|quella|questo|questa|isso|isto|esse|ele|ela|eles|elas)\b|那|这|這|它|他|她|其|それ|これ|あれ|その|この|彼|그것|이것|هذا|هذه|ذلك|تلك/iu;
// `how many more`, `anything else`: more than the conversation has named
const comparesBack =
  /\b(?:more|else|another|instead|as well|noch|sonst|stattdessen|encore|autre|aussi|más|otro|ancora|altro)\b(?! than)/iu;
const continues =
  /^\s*(?:and|but|or|so|what about|how about|why|und|aber|oder|wie (?:ist|sieht) es|was ist mit|warum|et|mais|pourquoi|y|pero|por qué|e|ma|perché|mas)\b|^\s*(?:那么|那|還有|还有|じゃあ|では|و)|(?:呢|は)[?？]?\s*$/iu;

// asks where the former answer comes from, or for it once more
const asksAgain =
  /^\W*(?:(?:and |but )?(?:are you (?:really |quite )?sure(?: about (?:that|this|it))?|really|is (?:that|this) (?:really )?(?:right|true|correct)|where (?:does it say|is|do you have|did you (?:get|find|read)|can i find|is it written) ?(?:that|this|it|so)?(?: from)?|(?:what(?:'s| is) (?:the|your) )?source|which (?:page|document|file)(?: is (?:that|this|it)(?: (?:in|on))?| says (?:that|this|so))?|(?:on|in) (?:which|what) (?:page|document|file)(?: is (?:that|this|it))?|says who|can you (?:repeat|prove|show me) (?:that|this|it)|repeat (?:that|this|it))|(?:bist du|sind sie)(?: (?:dir|sich))?(?: da)?(?: (?:ganz|wirklich))? sicher|sicher|wirklich|stimmt das(?: wirklich)?|wo (?:steht|finde ich) das(?: genau| denn)?|woher (?:weißt|hast) du das|auf welcher seite(?: steht das)?|in welche[mr] (?:dokument|datei)(?: steht das)?|quelle|tu es sûre?|vous êtes sûre?s?|c'est vrai|où est-ce (?:écrit|indiqué)|quelle source)\W*$/iu;
// puts right what the former question was about
const corrects =
  /^\W*(?:(?:no|nope|sorry|nein|nee|non|not that(?: one)?|that's not what i (?:mean|meant)|das meine ich nicht)\b[\s,.:;!–-]{1,5})?(?:(?:but )?i (?:mean|meant|was asking about|am asking about)|(?:sondern )?ich mein(?:e|te)|je (?:veux|voulais) dire|je parle de)\b[\s,:]{0,3}/iu;

/** Stands for the thing that was asked about: `part-time ones`. */
const refersToKind = /^ones?$/iu;

const contentWords = (text: string): string[] =>
  text
    .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*(?:\.\p{N}+)*/gu)
    ?.filter((word) => analyze(word, 'en').terms.length > 0) ?? [];

/**
 * Names, numbers and codes, which stay the subject of a conversation. The capital letter of a sentence's
 * first word does not make it a name.
 */
function namesIn(text: string): Set<string> {
  const first = /^[^\p{L}\p{N}]*([\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*)/u.exec(text)?.[1];
  return new Set(
    contentWords(text).filter((word) => /\p{N}/u.test(word) || (/^\p{Lu}/u.test(word) && word !== first)),
  );
}

/** True when a question cannot be understood alone. */
function isFollowUp(question: string): boolean {
  const words = contentWords(question);
  const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(question);
  const brief = dense ? question.length <= 8 : words.length < fewWords && namesIn(question).size === 0;
  const leansOn = pointsBack.test(question) || comparesBack.test(question);
  return brief || (leansOn && words.length < 8) || continues.test(question);
}

/**
 * The subject of a conversation: the words of its last stand-alone question, names first, then the names of
 * the follow-ups since.
 */
function findTopic(question: string, history: HistoryTurn[]): string[] {
  const asked = history
    .filter(({ role }) => role === 'user')
    .slice(-chainRead)
    .reverse();
  const alone = asked.findIndex(({ content }) => !isFollowUp(content));
  const chain = asked.slice(0, alone < 0 ? asked.length : alone + 1).reverse();
  const [start, ...since] = chain.map(({ content }) => content.slice(0, maxReadTurnLength));
  const names = [...namesIn(start ?? '')];
  const others = contentWords(start ?? '').filter((word) => !names.includes(word));
  // after several follow-ups only the names matter, not the words of the first question
  const topic = since.length > 0 && names.length > 0 ? names : [...names, ...others];
  const later = [...(since.map(namesIn).findLast(({ size }) => size > 0) ?? [])];
  if (later.length > 0) return later;
  if (names.length > 0 || !pointsBack.test(question)) return topic;
  // a person or a thing that only the reply named: the next question refers to it
  const reply = history.findLast(({ role }) => role === 'assistant')?.content ?? '';
  return [...topic, ...[...namesIn(reply.slice(0, maxReadTurnLength))].slice(0, namesOfReply)];
}

/** True for `full-time` beside `part-time`: a question about the one is a question about the other. */
function isExchanged(word: string, other: string): boolean {
  const [parts, others] = [word.toLowerCase().split('-'), other.toLowerCase().split('-')];
  const same = others.filter((part, at) => part === parts[at]).length;
  return others.length === parts.length && same > 0 && same < parts.length;
}

/**
 * The question before, about the thing that the follow-up puts in the place of its own; undefined where it
 * exchanges nothing. What else the follow-up names stands behind it.
 */
function exchangeIn(question: string, history: HistoryTurn[]): string | undefined {
  const asked = history.findLast(({ role, content }) => role === 'user' && !isFollowUp(content))?.content;
  if (asked === undefined || asked.length > maxQueryLength) return undefined;
  const words = contentWords(question.replace(continues, ' '));
  if (words.length > maxExchangeWords) return undefined;
  // `part time` is written both ways
  const pairs = words.slice(1).map((word, at) => `${words[at]}-${word}`);
  const former = contentWords(asked);
  for (const word of [...words, ...pairs]) {
    const place = former.find((other) => isExchanged(word, other));
    if (place === undefined) continue;
    const known = new Set(former.flatMap((other) => analyze(other, 'en').terms));
    const isNew = (other: string) =>
      !word.includes(other) &&
      !refersToKind.test(other) &&
      analyze(other, 'en').terms.every((term) => !known.has(term));
    return [asked.replaceAll(place, word), ...words.filter(isNew)].join(' ');
  }
  return exchangedName(question, asked);
}

const anyName = String.raw`(?:\p{Lu}[\p{L}\p{M}'’-]*|\p{N}[\p{L}\p{N}.-]*)`;
const nameWord = new RegExp(anyName, 'u');
/** `and for the Heron 30`: nothing but another name, of several words or with a number. */
const onlyName = new RegExp(
  String.raw`^\s*(?:and|but|what about|how about|und|aber|was ist mit|et|y|e)\s+(?:(?:for|of|in|at|with|about|für|bei|in|von|mit|pour|de|para|con)\s+)?(?:(?:the|die|der|das|den|dem|le|la|el|il)\s+)?(?<name>${anyName}(?:\s+${anyName})+)\s*[?？]?\s*$`,
  'u',
);

/** The former question about another name of the same form: `Heron 30` in the place of `Otter 20`. */
function exchangedName(question: string, asked: string): string | undefined {
  const lower = /^\s*\p{Lu}/u.test(question)
    ? question.replace(/\p{Lu}/u, (first) => first.toLowerCase())
    : question;
  const name = onlyName.exec(lower)?.groups?.['name'];
  if (name === undefined) return undefined;
  const form = (text: string): string =>
    text
      .split(/\s+/u)
      .map((word) => (/^\p{N}/u.test(word) ? '0' : 'A'))
      .join(' ');
  const wanted = form(name);
  const words = asked.split(/(\s+|[?？.,;:!]+)/u);
  const size = name.split(/\s+/u).length * 2 - 1;
  for (let at = 1; at + size <= words.length; at++) {
    const former = words.slice(at, at + size).join('');
    const isName = former.split(/\s+/u).every((word) => nameWord.test(word.charAt(0)));
    if (isName && form(former) === wanted && former !== name)
      return [...words.slice(0, at), name, ...words.slice(at + size)].join('');
  }
  return undefined;
}

/** True where a question asks for the former answer once more, or where it stands. */
export const asksForSame = (question: string): boolean => asksAgain.test(question);

/** The last question of a history and the turns before it. */
function lastAsked(history: HistoryTurn[]): { question: string; before: HistoryTurn[] } | undefined {
  const at = history.findLastIndex(({ role, content }) => role === 'user' && !asksAgain.test(content));
  const turn = history[at];
  return turn && { question: turn.content.slice(0, maxQueryLength), before: history.slice(0, at) };
}

/** `I meant the Berlin office`: the former question about this thing; undefined where nothing is corrected. */
function correctedIn(question: string, history: HistoryTurn[]): string | undefined {
  const said = corrects.exec(question)?.[0];
  const asked = said === undefined ? undefined : lastAsked(history)?.question;
  if (said === undefined || asked === undefined) return undefined;
  const meant = question.slice(said.length);
  const names = namesIn(asked);
  const known = new Set(analyze(meant, 'en').terms);
  // a name that is corrected replaces the one before
  const kept = contentWords(asked).filter(
    (word) =>
      !(names.has(word) && namesIn(` x ${meant}`).size > 0) &&
      !analyze(word, 'en').terms.every((term) => known.has(term)),
  );
  return [meant, ...kept.slice(0, addedWords)].join(' ').slice(0, maxQueryLength);
}

/** Makes a follow-up stand alone without a model: it gets the subject of the conversation. */
export function condenseByWords(question: string, history: HistoryTurn[]): string {
  if (asksAgain.test(question)) {
    const former = lastAsked(history);
    return former ? condenseByWords(former.question, former.before) : question;
  }
  const corrected = correctedIn(question, history);
  if (corrected !== undefined) return corrected;
  if (!history.some(({ role }) => role === 'user') || !isFollowUp(question)) return question;
  const exchanged = exchangeIn(question, history);
  if (exchanged !== undefined) return exchanged.slice(0, maxQueryLength);
  const known = new Set(analyze(question, 'en').terms);
  const added: string[] = [];
  for (const word of findTopic(question, history)) {
    const terms = analyze(word, 'en').terms;
    if (terms.every((term) => known.has(term)) || pointsBack.test(word) || isAskingWord(word.toLowerCase()))
      continue;
    for (const term of terms) known.add(term);
    added.push(word);
    if (added.length === addedWords) break;
  }
  return added.length === 0 ? question : `${question} ${added.join(' ')}`.slice(0, maxQueryLength);
}

export interface Condensed {
  query: string;
  /** The cost of the model's reply. */
  tokens: ChatTokens;
}

// `the IT helpdesk` and `habt ihr` refer to nothing before
const namesItself = /\bIT\b|\b(?:habt|seid|könnt|dürft|wollt|müsst|macht|bietet|verkauft|liefert) ihr\b/gu;

/** True when a question refers to something that neither it nor the conversation names. */
export const lacksSubject = (question: string, history: HistoryTurn[]): boolean =>
  isFollowUp(question) &&
  pointsBack.test(question.replace(namesItself, ' ')) &&
  namesIn(question).size === 0 &&
  !history.some(({ role }) => role === 'user');

/** Makes a question of a conversation stand alone, so that the search knows its subject. */
@Injectable()
export class Condenser {
  constructor(private readonly model: ChatModel) {}

  /** Fails only on an abort: without a usable reply, rules on words decide. */
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
      return query === '' || query.length > maxQueryLength ? byWords(tokens) : { query, tokens };
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
