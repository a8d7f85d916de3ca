import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { ApiClient } from '../client.js';
import { withService } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import type { GoldenQuestion, Judged, Thresholds } from '../golden.js';
import { wholeNumber } from '../options.js';
import { printable } from '../output.js';

interface Options {
  set?: string;
  k: number;
  mode: string;
  minHit?: number;
  minMrr?: number;
  minNdcg?: number;
  minAnswered?: number;
  maxFalseAnswers?: number;
  minRightAnswers?: number;
  minCitationPrecision?: number;
}

const share = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('not a number from 0 to 1');
  return value;
};

async function ask(client: ApiClient, golden: GoldenQuestion, { set, k, mode }: Options): Promise<Judged> {
  const { question, document_set, filter } = golden;
  // several passages of one document count once, so more of them are asked for
  const limit = Math.min(100, k * 3);
  const response = await client.search({
    prompt: question,
    document_set: document_set ?? set,
    filter,
    mode,
    limit,
  });
  const { judge } = await import('../golden.js');
  return judge(golden, response, k);
}

const readThresholds = (options: Options): Thresholds => {
  const given = {
    hit: options.minHit,
    mrr: options.minMrr,
    ndcg: options.minNdcg,
    answered: options.minAnswered,
    false_answers: options.maxFalseAnswers,
    right_answers: options.minRightAnswers,
    citation_precision: options.minCitationPrecision,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};

const isWrong = ({ answerable, answered, rank, rightAnswer }: Judged): boolean =>
  answerable ? rank === null || !answered || rightAnswer === false : answered;

function complaint({ question, answerable, answered, rank, rightAnswer }: Judged): string {
  if (!answerable) return `answered, but must not be: ${question}`;
  if (rank === null) return `document not found: ${question}`;
  return answered && rightAnswer === false ? `wrong answer: ${question}` : `not answered: ${question}`;
}

export function addEval(program: Command): void {
  program
    .command('eval')
    .description('ask golden questions and measure the answers against them')
    .argument(
      '<file>',
      'JSON lines: {"question", "filenames"?, "pages"?, "answer"?, "document_set"?, "filter"?}',
    )
    .option('-s, --set <name>', 'document set for questions without one')
    .option('-k, --k <number>', 'number of documents that count', wholeNumber(1, 100), 10)
    .option('--mode <mode>', '`hybrid`, `keyword` or `vector`', 'hybrid')
    .option('--min-hit <share>', 'minimum share of questions whose document is among the first k', share)
    .option('--min-mrr <value>', 'minimum mean reciprocal rank of the first right document', share)
    .option('--min-ndcg <value>', 'minimum nDCG at k', share)
    .option('--min-answered <share>', 'minimum share of answerable questions that are answered', share)
    .option('--max-false-answers <share>', 'maximum share of unanswerable questions that are answered', share)
    .option(
      '--min-right-answers <share>',
      'minimum share of answers or quotes that contain the expected text',
      share,
    )
    .option(
      '--min-citation-precision <share>',
      'minimum share of citations that are verified and from a right document',
      share,
    )
    .addHelpText(
      'after',
      `
A question without filenames must not be answered. Ends with 1 when a figure misses its threshold, so that a
pipeline can stop there.

Examples:
  $ docent eval questions.jsonl
  $ docent eval --set handbook --k 5 --min-hit 0.9 --max-false-answers 0.1 questions.jsonl`,
    )
    .action(async (file: string, options: Options, command: Command) => {
      const text = await readFile(file, 'utf8').catch(() => {
        throw new CliError(`${file} cannot be read`, exitCodes.usage);
      });
      const { findFigures, missed, readGolden } = await import('../golden.js');
      const questions = readGolden(text);
      await withService(command, async ({ client, output }) => {
        const judged: Judged[] = [];
        for (const golden of questions) judged.push(await ask(client, golden, options));
        const figures = findFigures(judged);
        const misses = missed(figures, readThresholds(options));
        output.result({ figures, missed: misses, questions: judged }, () => {
          for (const wrong of judged.filter(isWrong)) output.line(printable(complaint(wrong)));
          output.table(
            Object.entries(figures).map(([name, value]) => [
              name,
              typeof value === 'number' && name !== 'questions' ? value.toFixed(3) : value,
            ]),
          );
          for (const miss of misses) output.note(miss);
        });
        return misses.length === 0 ? exitCodes.ok : exitCodes.failed;
      });
    });
}
