import { InvalidArgumentError, Option, type Command } from 'commander';
import { withService } from '../context.js';
import { printAnswer, makeSearchRequest, type AskOptions } from '../conversation.js';
import { CliError, exitCodes } from '../exit.js';
import { InteractiveAsk } from '../interactive.js';
import { wholeNumber } from '../options.js';
import { describePlace, excerpt, sourceLines } from '../output.js';
import { readQuestion } from '../question.js';

interface Options extends AskOptions {
  interactive?: true;
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
    .addOption(
      new Option('--mode <mode>', 'how passages are found')
        .choices(['hybrid', 'keyword', 'vector'])
        .default('hybrid'),
    )
    .option('-f, --filter <json>', 'filter over filename, page, language, metadata.* …', json);

function converse(first: string, options: Options, command: Command): Promise<void> {
  return withService(command, async ({ client, output }) => {
    if (output.json) throw new CliError('--json needs a question and no -i', exitCodes.usage);
    const { stdin, stdout } = process;
    const isTty = stdin.isTTY && stdout.isTTY;
    return new InteractiveAsk(client, options, output, { input: stdin, output: stdout, isTty }).run(first);
  });
}

function addAskCommand(program: Command): void {
  withSearchOptions(
    program
      .command('ask')
      .description('ask a question and get an answer with its sources')
      .argument('[question...]', 'the question, or - to read it from a pipe; with -i the first one'),
  )
    .option('-i, --interactive', 'hold a conversation: follow-up questions may refer to earlier ones')
    .addHelpText(
      'after',
      `
Every citation names the file and the page or heading, and quotes the document; a quote that the document does not
contain is marked. When the documents contain no answer, the closest passages are shown and the exit code is 1.

With -i each line is a question, and /set NAME, /sets, /sources, /new and /quit are commands; Ctrl-C stops an answer.

Examples:
  $ docent ask How many days of annual leave do full-time employees get?
  $ docent ask --set policies "Wie hoch ist das Tagegeld?"
  $ docent ask --filter '{"language":"de","page":{"gte":3}}' "Was bedeutet Fehler E12?"
  $ docent ask -i --set policies`,
    )
    .action(async (words: string[], options: Options, command: Command) => {
      if (options.interactive) return converse(words.join(' '), options, command);
      const question = await readQuestion(words);
      await withService(command, async ({ client, output }) => {
        const request = makeSearchRequest(question, options);
        const response = output.json
          ? await client.search(request)
          : await printAnswer(client, request, output);
        output.result(response, () => {
          for (const line of sourceLines(response)) output.line(line);
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
      .argument('<query...>', 'what to look for, or - to read it from a pipe'),
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
      const query = await readQuestion(words);
      await withService(command, async ({ client, output }) => {
        const response = await client.search({
          ...makeSearchRequest(query, options),
          answer: false,
        });
        output.result(response, () => {
          for (const { score, metadata, content } of response.results) {
            output.line(`${score.toFixed(2)}  ${describePlace(metadata)}`);
            output.line(`      ${excerpt(content, 200)}`);
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
