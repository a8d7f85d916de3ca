import { DocentError, type AnswerEvent, type SearchResponse } from '@docent/client';
import type { Citation, Turn } from '../../client/types.js';
import { cell } from '../../state/cell.js';
import {
  findConversation,
  newExchange,
  putConversation,
  saveConversations,
  type Conversation,
  type Exchange,
} from '../../state/conversations.js';
import { docent } from '../../state/session.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';

const maxTurns = 12;
const maxTurnCharacters = 4000;
const minPaintMs = 60;

/** Exchanges whose answer is on its way, with what stops each. */
export const running = cell<ReadonlyMap<string, AbortController>>(new Map());

export function stopAnswer(exchangeId: string): void {
  running.get().get(exchangeId)?.abort();
}

function readHistory({ exchanges }: Conversation): Turn[] {
  return exchanges
    .filter(({ answer, end }) => answer !== '' && end?.answered)
    .flatMap(({ question, answer }): Turn[] => [
      { role: 'user', content: question.slice(0, maxTurnCharacters) },
      { role: 'assistant', content: answer.slice(0, maxTurnCharacters) },
    ])
    .slice(-maxTurns);
}

/** Asks, and writes the answer into the conversation as it comes. */
export async function ask(conversation: Conversation, question: string): Promise<void> {
  const history = readHistory(conversation);
  const exchange = newExchange(question);
  putConversation({
    ...conversation,
    title: conversation.named || conversation.title ? conversation.title : question.slice(0, 80),
    exchanges: [...conversation.exchanges, exchange],
  });
  await answer(conversation.id, exchange, history);
}

/** Asks the same question once more, in the place of the earlier answer. */
export async function askAgain(conversation: Conversation, exchange: Exchange): Promise<void> {
  const place = conversation.exchanges.findIndex(({ id }) => id === exchange.id);
  const before = { ...conversation, exchanges: conversation.exchanges.slice(0, place) };
  await answer(conversation.id, { ...newExchange(exchange.question), id: exchange.id }, readHistory(before));
}

async function answer(conversationId: string, start: Exchange, history: Turn[]): Promise<void> {
  const controller = new AbortController();
  running.set((before) => new Map(before).set(start.id, controller));
  let exchange = start;
  let painted = 0;
  const show = (change: Partial<Exchange>, now = true) => {
    exchange = { ...exchange, ...change };
    if (!now && performance.now() - painted < minPaintMs) return;
    painted = performance.now();
    writeExchange(conversationId, exchange);
  };
  show({});
  try {
    const { document_set = null, filter = null } = findConversation(conversationId) ?? {};
    const question = { prompt: exchange.question, document_set, filter, history };
    for await (const event of docent.ask(question, controller.signal)) {
      const change = readChange(event, exchange);
      show(change, event.type !== 'token');
    }
    show(numbered(exchange));
  } catch (error) {
    show(controller.signal.aborted ? { stopped: true } : { error: describeAsking(error, exchange) });
  } finally {
    running.set((before) => new Map([...before].filter(([id]) => id !== start.id)));
    saveConversations();
  }
}

const describeAsking = (error: unknown, { results, answer: text }: Exchange): string => {
  const begun = text !== '' || results.length > 0;
  const lost = error instanceof DocentError && error.code === 'unreachable';
  return begun && lost ? t().ask.interrupted : describeError(error);
};

function readChange(event: AnswerEvent, exchange: Exchange): Partial<Exchange> {
  switch (event.type) {
    case 'results':
      return { results: event.results };
    case 'token':
      return { answer: exchange.answer + event.token };
    case 'citations':
      return { citations: event.citations };
    case 'done':
      return findEnd(event.response);
  }
}

/** Results and citations have come before: browsers keep little, so they are not kept twice. */
function findEnd({ answer: text, answered, answer_mode, query, took_ms, warnings }: SearchResponse) {
  const end = { answer: text, answered, answer_mode, query, took_ms, ...(warnings && { warnings }) };
  return { end, ...(text !== null && { answer: text }) };
}

/**
 * Sources are numbered in the order in which the answer names
 * them: the API numbers them by the place of the result.
 */
function numbered({ answer: text, citations }: Exchange): Partial<Exchange> {
  const markers = new Set(citations.map(({ marker }) => marker));
  const numbers = new Map<string, string>();
  for (const [marker] of text.matchAll(/\[\d+\]/g))
    if (markers.has(marker) && !numbers.has(marker)) numbers.set(marker, `[${numbers.size + 1}]`);
  for (const marker of markers) if (!numbers.has(marker)) numbers.set(marker, `[${numbers.size + 1}]`);
  const numberedCitations = citations
    .map((citation): Citation => ({ ...citation, marker: numbers.get(citation.marker) ?? citation.marker }))
    .sort((left, right) => Number(left.marker.slice(1, -1)) - Number(right.marker.slice(1, -1)));
  return {
    answer: text.replaceAll(/\[\d+\]/g, (marker) => numbers.get(marker) ?? marker),
    citations: numberedCitations,
  };
}

function writeExchange(conversationId: string, exchange: Exchange): void {
  const conversation = findConversation(conversationId);
  if (!conversation) return;
  putConversation({
    ...conversation,
    exchanges: conversation.exchanges.map((known) => (known.id === exchange.id ? exchange : known)),
  });
}
