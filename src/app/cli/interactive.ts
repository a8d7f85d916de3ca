import { createInterface, type Interface } from 'node:readline';
import type { ApiClient } from './client.js';
import { Conversation, type AskOptions } from './conversation.js';
import { CliError, exitCodes } from './exit.js';
import { describePlace, sourceLines, printable, type Output } from './output.js';

const help = `/set NAME   ask this document set alone; /set without a name asks all of them
/sets       list the document sets
/sources    show the passages behind the last answer
/new        begin a new conversation
/quit       leave; Ctrl-D does the same, and Ctrl-C stops an answer`;

interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  /** Shows prompts and edits lines. Without it each line of the input is a question. */
  isTty: boolean;
}

/** A conversation in a terminal: lines are questions, lines that begin with `/` are commands. */
export class InteractiveAsk {
  private readonly conversation: Conversation;
  private readonly lines: Interface;
  private answering: AbortController | null = null;
  private closed = false;

  constructor(
    private readonly client: ApiClient,
    options: AskOptions,
    private readonly output: Output,
    terminal: Terminal,
  ) {
    this.conversation = new Conversation(client, { ...options });
    this.lines = createInterface({
      input: terminal.input,
      output: terminal.isTty ? terminal.output : undefined,
      terminal: terminal.isTty,
      prompt: terminal.isTty ? '> ' : '',
    });
    this.lines.once('close', () => (this.closed = true));
    this.lines.on('SIGINT', () => {
      if (this.answering) this.answering.abort();
      else this.lines.close();
    });
  }

  /** Resolves with the exit code when the reader leaves: 1 where the last question failed. */
  async run(first?: string): Promise<number> {
    this.output.note('Ask your documents. /help lists the commands.');
    let code: number = exitCodes.ok;
    // from here on it keeps the lines that come while a question is answered
    const lines = this.lines[Symbol.asyncIterator]();
    try {
      if (first) code = await this.answer(first);
      this.prompt();
      for await (const line of { [Symbol.asyncIterator]: () => lines }) {
        const text = line.trim();
        if (/^\/(quit|exit|q)$/.test(text)) break;
        if (text.startsWith('/')) await this.command(text);
        else if (text !== '') code = await this.answer(text);
        this.prompt();
      }
    } finally {
      this.lines.close();
    }
    return code;
  }

  /** The end of a pipe closes the input while its last lines still wait. */
  private prompt(): void {
    if (!this.closed) this.lines.prompt();
  }

  private async answer(question: string): Promise<number> {
    const stop = new AbortController();
    this.answering = stop;
    try {
      const response = await this.conversation.ask(question, this.output, stop.signal);
      for (const line of sourceLines(response)) this.output.line(line);
      this.output.line();
      return exitCodes.ok;
    } catch (error) {
      return this.explain(error, stop.signal);
    } finally {
      this.answering = null;
    }
  }

  /** One question that fails does not end the conversation. */
  private explain(error: unknown, { aborted }: AbortSignal): number {
    if (!aborted && !(error instanceof CliError)) throw error;
    this.output.line();
    this.output.note(aborted ? 'stopped' : (error as CliError).message);
    return aborted ? exitCodes.ok : (error as CliError).exitCode;
  }

  private async command(text: string): Promise<void> {
    const [name = '', ...words] = text.split(/\s+/);
    try {
      if (name === '/help') this.output.line(help);
      else if (name === '/new') this.startAnew();
      else if (name === '/set') this.choose(words.join(' '));
      else if (name === '/sets') await this.listSets();
      else if (name === '/sources') this.showSources();
      else this.output.note(`${name} is no command: /help lists them. Begin a question with a letter.`);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.output.note(error.message);
    }
  }

  private startAnew(): void {
    this.conversation.clear();
    this.output.note('a new conversation');
  }

  private choose(set: string): void {
    this.conversation.options.set = set === '' ? undefined : set;
    this.output.note(set === '' ? 'asking all document sets' : `asking the document set ${set}`);
  }

  private async listSets(): Promise<void> {
    const { sets } = await this.client.json<{ sets: { name: string; documents: number }[] }>(
      'GET',
      '/agent/documentsets',
    );
    this.output.table([['SET', 'DOCUMENTS'], ...sets.map(({ name, documents }) => [name, documents])]);
  }

  private showSources(): void {
    const results = this.conversation.last?.results ?? [];
    if (results.length === 0) this.output.note('There is no answer with sources yet.');
    for (const [place, { metadata, content, score }] of results.entries()) {
      this.output.line(`[${place + 1}] ${describePlace(metadata)} (${score.toFixed(2)})`);
      this.output.line(`    ${printable(content).replace(/\s+/g, ' ').trim()}`);
    }
  }
}
