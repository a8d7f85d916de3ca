import type { AnswerEnd, Citation, SearchResult } from '../client/types.js';
import { cell } from './cell.js';
import { readStored, writeStored } from './stored.js';

export interface Exchange {
  id: string;
  question: string;
  answer: string;
  results: SearchResult[];
  citations: Citation[];
  end: AnswerEnd | null;
  /** The reason why there is no answer. */
  error: string | null;
  stopped: boolean;
  at: string;
}
export interface Conversation {
  id: string;
  title: string;
  /** True when the user gave it this title. */
  named: boolean;
  document_set: string | null;
  filter: Record<string, unknown> | null;
  exchanges: Exchange[];
  updated_at: string;
}

const maxConversations = 100;
const maxKeptCharacters = 1200;
let storageName = 'docent.conversations';

export const conversations = cell<Conversation[]>([]);

/** Conversations belong to one person: another who signs in here has their own. */
export function openConversations(tenant: string, subject: string): void {
  storageName = `docent.conversations:${tenant}:${subject}`;
  conversations.set(readStored<Conversation[]>(storageName, []));
}

const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const newExchange = (question: string): Exchange => ({
  id: newId(),
  question,
  answer: '',
  results: [],
  citations: [],
  end: null,
  error: null,
  stopped: false,
  at: new Date().toISOString(),
});

export const newConversation = (scope: Pick<Conversation, 'document_set' | 'filter'>): Conversation => ({
  id: newId(),
  title: '',
  named: false,
  ...scope,
  exchanges: [],
  updated_at: new Date().toISOString(),
});

export const findConversation = (id: string | null): Conversation | undefined =>
  conversations.get().find((conversation) => conversation.id === id);

/** Puts the conversation first, and keeps the newest ones that fit into the browser's storage. */
export function putConversation(changed: Conversation): void {
  const others = conversations.get().filter(({ id }) => id !== changed.id);
  const kept = [{ ...changed, updated_at: new Date().toISOString() }, ...others].slice(0, maxConversations);
  conversations.set(kept);
}

/** Writes what is shown to the browser's storage; the oldest conversations go when there is no room. */
export function saveConversations(): void {
  const kept = conversations.get().map(trimmed);
  while (!writeStored(storageName, kept) && kept.length > 1) kept.pop();
}

/** Updates in place, so that renaming does not move a conversation. */
export function renameConversation(id: string, title: string): void {
  conversations.set((before) =>
    before.map((conversation) =>
      conversation.id === id ? { ...conversation, title, named: true } : conversation,
    ),
  );
  saveConversations();
}

export function deleteConversation(id: string): void {
  conversations.set((before) => before.filter((conversation) => conversation.id !== id));
  saveConversations();
}

export function deleteAllConversations(): void {
  conversations.set([]);
  writeStored(storageName, null);
}

/** Passages are kept in part: the documents have the whole of them. */
const trimmed = (conversation: Conversation): Conversation => ({
  ...conversation,
  exchanges: conversation.exchanges.map((exchange) => ({
    ...exchange,
    results: exchange.results.map((result) => ({
      ...result,
      content: result.content.slice(0, maxKeptCharacters),
    })),
  })),
});

/** A conversation as Markdown, with its sources. */
export function exportConversation({ title, exchanges }: Conversation): string {
  const parts = exchanges.map(({ question, answer, citations, results }) => {
    const sources = citations.map(({ marker, quote, result, page, verified }) => {
      const name = results[result]?.metadata.filename ?? '';
      const place = page === null ? name : `${name}, p. ${page}`;
      return `- ${marker} ${place}${verified ? '' : ' (unverified)'}: “${quote.replace(/\s+/g, ' ')}”`;
    });
    return [`## ${question}`, answer, ...(sources.length > 0 ? [sources.join('\n')] : [])].join('\n\n');
  });
  return `# ${title}\n\n${parts.join('\n\n')}\n`;
}
