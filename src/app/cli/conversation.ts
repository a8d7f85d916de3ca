import type { SearchResponse } from '../../features/answers/answers.dto.js';
import type { ApiClient } from './client.js';
import { CliError, chooseExitCode } from './exit.js';
import { printable, type Output } from './output.js';

interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

export interface AskOptions {
  set?: string;
  limit: number;
  mode: string;
  filter?: unknown;
}

/** The service takes 50; a follow-up needs the last ones. */
const maxTurns = 20;
/** Characters of a turn; the service takes 20,000. */
const maxTurnChars = 4000;

export const makeSearchRequest = (prompt: string, options: AskOptions) => ({
  prompt,
  limit: options.limit,
  mode: options.mode,
  document_set: options.set,
  filter: options.filter,
});

/** Prints the answer as it comes. @throws CliError for an answer that fails half-way */
export async function printAnswer(
  client: ApiClient,
  request: object,
  output: Output,
  signal?: AbortSignal,
): Promise<SearchResponse> {
  const response: Partial<SearchResponse> = {};
  for await (const { event, data } of client.searchStream(request, signal)) {
    if (event === 'token') output.write(printable((data as { token: string }).token));
    else if (event === 'error') {
      const { code, detail } = data as { code: string; detail: string };
      throw new CliError(`${code}: ${detail}`, chooseExitCode(code));
    } else Object.assign(response, data);
  }
  output.line();
  return response as SearchResponse;
}

/** Questions that follow each other: each one is asked with the turns before it. */
export class Conversation {
  private turns: Turn[] = [];
  /** The newest answer with its sources. */
  last: SearchResponse | null = null;

  constructor(
    private readonly client: ApiClient,
    readonly options: AskOptions,
  ) {}

  /** Forgets the earlier turns. */
  clear(): void {
    this.turns = [];
    this.last = null;
  }

  /** A question whose answer was interrupted or failed is not remembered. */
  async ask(question: string, output: Output, signal: AbortSignal): Promise<SearchResponse> {
    const request = { ...makeSearchRequest(question, this.options), history: this.turns };
    const response = await printAnswer(this.client, request, output, signal);
    this.last = response;
    const answer: Turn = { role: 'assistant', content: (response.answer ?? '').slice(0, maxTurnChars) };
    const asked: Turn = { role: 'user', content: question.slice(0, maxTurnChars) };
    this.turns = [...this.turns, asked, answer].slice(-maxTurns);
    return response;
  }
}
