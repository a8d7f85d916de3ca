import { Option, type Command } from 'commander';
import { withService } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import { collectFiles } from '../files.js';

interface Options {
  set?: string;
  pipeline?: string;
  includeHidden?: boolean;
  metadata?: string;
  wait: boolean;
  quiet?: boolean;
}

function assertMetadata(text: string | undefined): void {
  if (text === undefined) return;
  try {
    JSON.parse(text);
  } catch {
    throw new CliError(`--metadata is not JSON: ${text}`, exitCodes.usage);
  }
}

function listWarnings(result: unknown): { code: string; detail: string }[] {
  return (result as { warnings?: { code: string; detail: string }[] } | null)?.warnings ?? [];
}

export function addIngest(program: Command): void {
  program
    .command('ingest')
    .description('ingest files, or folders with everything below them')
    .argument('<path...>', 'files and folders')
    .option('-s, --set <name>', 'document set', 'default')
    .addOption(
      new Option('--pipeline <name>', '`vlm` reads pages with the vision model').choices(['standard', 'vlm']),
    )
    .option('--include-hidden', 'keep hidden text of documents, marked as hidden')
    .option('-m, --metadata <json>', 'metadata for every document: a flat JSON object')
    .option('--wait', 'wait until everything is ready', true)
    .option('--no-wait', 'return when everything is accepted, before it is ready')
    .option('-q, --quiet', 'show no progress')
    .addHelpText(
      'after',
      `
A file that is already stored is not uploaded again; other bytes under the same name become a new version.

Examples:
  $ docent ingest samples
  $ docent ingest ~/policies --set policies --metadata '{"department":"hr"}'
  $ docent ingest scan.pdf --pipeline vlm
  $ docent ingest --json reports/*.docx | jq '.documents[] | select(.status != "ready")'`,
    )
    .action(async (paths: string[], options: Options, command: Command) => {
      assertMetadata(options.metadata);
      const { files, skipped } = await collectFiles(paths);
      if (files.length === 0)
        throw new CliError('there is nothing to ingest under these paths', exitCodes.usage);
      await withService(command, async ({ client, output, embedded }) => {
        // a service in this process ends with the command: later nobody would do the work
        const wait = options.wait || embedded;
        const [{ ingestFiles }, { progressView }] = await Promise.all([
          import('../ingest.js'),
          import('../progress.js'),
        ]);
        const view = progressView(files.length, options.quiet ?? output.json);
        const documents = await ingestFiles(
          client,
          files,
          {
            ...options,
            document_set: options.set,
            include_hidden: options.includeHidden ? 'true' : undefined,
            wait,
          },
          view,
        );
        for (const { path, reason } of skipped) output.note(`skipped ${path}: ${reason}`);
        const bad = documents.filter(({ status }) => status === 'failed' || status === 'rejected');
        for (const { filename, task } of documents)
          for (const { code, detail } of listWarnings(task?.result))
            output.note(`${filename}: ${code}: ${detail}`);
        output.result({ documents, skipped }, () => {
          for (const { filename, detail } of options.quiet ? bad : []) output.note(`${filename}: ${detail}`);
          const count = (status: string) => documents.filter((document) => document.status === status).length;
          const words = (['ready', 'duplicate', 'queued', 'failed', 'rejected'] as const).flatMap((status) =>
            count(status) ? [`${count(status)} ${status}`] : [],
          );
          output.line(`${words.join(', ')}${skipped.length ? `, ${skipped.length} skipped` : ''}`);
        });
        return bad.length > 0 ? exitCodes.failed : exitCodes.ok;
      });
    });
}
