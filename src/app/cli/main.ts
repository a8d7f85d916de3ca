// Commands load parts of the service by themselves, and these have decorators.
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { Problem } from '../../common/errors.js';
import { ConfigurationError } from '../../config/configuration-error.js';
import { addAsk } from './commands/ask.js';
import { addCheck } from './commands/check.js';
import { addCompletion } from './commands/completion.js';
import { addDoctor } from './commands/doctor.js';
import { addDocuments } from './commands/documents.js';
import { addEval } from './commands/eval.js';
import { addIngest } from './commands/ingest.js';
import { addKeys } from './commands/keys.js';
import { addMcp } from './commands/mcp.js';
import { addModels } from './commands/models.js';
import { addQuota } from './commands/quota.js';
import { addSources } from './commands/sources.js';
import { addSpaces } from './commands/spaces.js';
import { addSystem } from './commands/system.js';
import { addTasks } from './commands/tasks.js';
import { addTransfer } from './commands/transfer.js';
import { addWorkers } from './commands/workers.js';
import { CliError, chooseExitCode, exitCodes } from './exit.js';
import { explainMistakes } from './other-words.js';

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string };

/** The whole command line. */
export function buildProgram(): Command {
  const program = new Command('docent')
    .description(
      "Ingests an organisation's documents and answers questions about them, with citations that can be checked.",
    )
    .version(version, '--version', 'show the version')
    .option('--url <address>', 'the service to talk to (DOCENT_URL)')
    .option('--token <token>', 'key or token for it (DOCENT_TOKEN)')
    .option('--json', 'one JSON value on stdout, for machines')
    .exitOverride()
    .addHelpText(
      'after',
      `
Commands talk to the service at --url, by default to the one that runs on this machine. If none runs, they
start one in their own process on the same data.

Examples:
  $ docent ingest samples                                ingest a folder
  $ docent ask How many days of annual leave are there?  ask about it
  $ docent serve                                         run the service and its console

Exit codes: 0 done, 1 failed, 2 wrong usage or malformed input, 69 the service does not answer, 78 wrong configuration.`,
    );
  addIngest(program);
  addAsk(program);
  addDocuments(program);
  addTasks(program);
  addEval(program);
  addKeys(program);
  addQuota(program);
  addModels(program);
  addSources(program);
  addSpaces(program);
  addWorkers(program);
  addTransfer(program);
  addMcp(program);
  addSystem(program);
  addCheck(program);
  addDoctor(program);
  addCompletion(program);
  explainMistakes(program);
  return program;
}

/** Runs one command line. @returns the exit code */
export async function run(argv: string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof ConfigurationError) {
      process.stderr.write(
        `the configuration is wrong:\n${error.lines.map((line) => `  ${line}\n`).join('')}`,
      );
      return exitCodes.configuration;
    }
    process.stderr.write(`docent: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof Problem) return chooseExitCode(error.code);
    return error instanceof CliError ? error.exitCode : exitCodes.failed;
  }
}

/** Called by bin/docent.mjs. */
export async function main(): Promise<void> {
  const [command] = process.argv.slice(2);
  const code = await run(process.argv.slice(2));
  process.exitCode = code;
  // `serve` goes on. Every other command has ended, even if an idle connection is still open.
  if (command !== 'serve' || code !== 0) process.stdout.write('', () => process.exit(code));
}
