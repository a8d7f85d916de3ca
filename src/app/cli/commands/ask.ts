import { InvalidArgumentError, type Command } from 'commander';
import type { SearchResponse } from '../../../features/answers/answers.dto.js';
import type { ApiClient } from '../client.js';
import { withService } from '../context.js';
import { CliError, exitCodeOf, exitCodes } from '../exit.js';
import { wholeNumber } from '../options.js';
import { citationLines, placeOf, printable, type Output } from '../output.js';

interface Options {
  set?: string;
  limit: number;
  mode: string;
  filter?: unknown;
}

const json = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('not JSON');
  }
};
const withSearchOptions = (command: Command): Command =>
  command
    .option('-s, --set <name>', 'only this document set')
    .option('-n, --limit <number>', 'maximum number of results', wholeNumber(1, 100), 10)
    .option('--mode <mode>', '`hybrid`, `keyword` or `vector`', 'hybrid')
    .option('-f, --filter <json>', 'filter over filename, page, language, metadata.* …', json);

/** Prints the answer as it comes. */
async function stream(client: ApiClient, request: object, output: Output): Promise<SearchResponse> {
  const response: Partial<SearchResponse> = {};
  for await (const { event, data } of client.searchStream(request)) {
    if (event === 'token') output.write(printable((data as { token: string }).token));
    else if (event === 'error') {
      const { code, detail } = data as { code: string; detail: string };
      throw new CliError(`${code}: ${detail}`, exitCodeOf(code));
    } else Object.assign(response, data);
  }
  output.line();
  return response as SearchResponse;
}

function addAskCommand(program: Command): void {
  withSearchOptions(
    program
      .command('ask')
      .description('ask a question and get an answer with its sources')
      .argument('<question...>', 'the question'),
  )
    .addHelpText(
      'after',
      `
Every citation names the file and the page or heading, and quotes the document; a quote that the document does not
contain is marked. The exit code is 1 when the documents contain no answer.

Examples:
  $ docent ask How many days of annual leave do full-time employees get?
  $ docent ask --set policies "Wie hoch ist das Tagegeld?"
  $ docent ask --filter '{"language":"de","page":{"gte":3}}' "Was bedeutet Fehler E12?"`,
    )
    .action(async (words: string[], options: Options, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const request = {
          prompt: words.join(' '),
          limit: options.limit,
          mode: options.mode,
          document_set: options.set,
          filter: options.filter,
        };
        const response = output.json ? await client.search(request) : await stream(client, request, output);
        output.result(response, () => {
          for (const line of citationLines(response)) output.line(line);
        });
        return response.answered ? exitCodes.ok : exitCodes.failed;
      });
    });
}

function addSearchCommand(program: Command): void {
  withSearchOptions(
    program
      .command('search')
      .description('find passages without writing an answer')
      .argument('<query...>', 'what to look for'),
  )
    .addHelpText(
      'after',
      `
The score says how well a passage supports the query, from 0 to 1, and is comparable across queries.

Examples:
  $ docent search holmium filter
  $ docent search --limit 3 --mode keyword "error E31"
  $ docent search --json Kalibrierung | jq '.results[].metadata.filename'`,
    )
    .action(async (words: string[], options: Options, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const response = await client.search({
          prompt: words.join(' '),
          limit: options.limit,
          mode: options.mode,
          document_set: options.set,
          filter: options.filter,
          answer: false,
        });
        output.result(response, () => {
          for (const { score, metadata, content } of response.results) {
            output.line(`${score.toFixed(2)}  ${placeOf(metadata)}`);
            output.line(`      ${printable(content).replace(/\s+/g, ' ').slice(0, 200)}`);
          }
          if (response.results.length === 0) output.note('nothing found');
        });
        return response.results.length > 0 ? exitCodes.ok : exitCodes.failed;
      });
    });
}

export function addAsk(program: Command): void {
  addAskCommand(program);
  addSearchCommand(program);
}
