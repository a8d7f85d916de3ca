import { Option, type Command } from 'commander';
import { ApiError, type DeletionAnswer, type DocumentView } from '../client.js';
import { type Context, withService } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import { wholeNumber } from '../options.js';
import { countThings, megabytes, printable } from '../output.js';
import { awaitEnd } from '../wait.js';
import { withMissing } from '../missing.js';

const all = async <T>(rows: AsyncIterable<T>, most: number): Promise<T[]> => {
  const list: T[] = [];
  for await (const row of rows) {
    if (list.length >= most) break;
    list.push(row);
  }
  return list;
};

function addList(program: Command): void {
  program
    .command('list')
    .alias('ls')
    .description('list documents, newest first')
    .option('-s, --set <name>', 'only this document set')
    .addOption(
      new Option('--status <status>', 'only documents in this state').choices([
        'queued',
        'processing',
        'ready',
        'failed',
      ]),
    )
    .option('--name <text>', 'part of the file name')
    .option('-n, --limit <number>', 'maximum number of documents', wholeNumber(1, 1_000_000), 200)
    .addHelpText(
      'after',
      `\nExamples:\n  $ docent list --status failed\n  $ docent list --set policies --json | jq '.[].filename'`,
    )
    .action(
      async (options: { set?: string; status?: string; name?: string; limit: number }, command: Command) => {
        await withService(command, async ({ client, output }) => {
          const query = { document_set: options.set, status: options.status, q: options.name };
          const documents = await all(
            client.pages<DocumentView>('/agent/documents', 'documents', query),
            options.limit,
          );
          output.result(documents, () => {
            output.table(
              [
                ['SET', 'NAME', 'STATUS', 'VERSION', 'CHUNKS', 'PAGES', 'SIZE', 'LANGUAGE', 'WARNINGS'],
                ...documents.map((row) => [
                  row.document_set,
                  row.filename,
                  row.error?.code ?? row.status,
                  row.version,
                  row.chunk_count,
                  row.pages,
                  megabytes(row.bytes),
                  row.language,
                  row.warnings.map(({ code }) => code).join(', '),
                ]),
              ],
              'no documents: docent ingest adds some',
            );
          });
        });
      },
    );
}

function addRemove(program: Command): void {
  program
    .command('rm')
    .description('delete documents and everything derived from them')
    .argument('<name...>', 'file names or ids')
    .option('-s, --set <name>', 'document set, if several contain the name')
    .addHelpText(
      'after',
      '\nThe receipt counts what was deleted. Documents can be deleted in every status, also during ingestion.\n\nExamples:\n  $ docent rm old-handbook.pdf\n  $ docent rm --set drafts a.md b.md',
    )
    .action(async (names: string[], options: { set?: string }, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const receipts: Record<string, DeletionAnswer['deleted']> = {};
        const failed: Record<string, string> = {};
        let code: number = exitCodes.ok;
        for (const name of names) {
          // a document that does not exist does not stop the others
          try {
            const work = client.remove(name, options.set);
            receipts[name] = (await withMissing(work, 'document', name, 'docent list')).deleted;
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            failed[name] = error.message;
            code = Math.max(code, error.exitCode);
          }
        }
        output.result({ deleted: receipts, failed }, () => {
          for (const [name, receipt] of Object.entries(receipts))
            output.line(`${name}: ${receiptText(receipt)}`);
          for (const [name, reason] of Object.entries(failed)) output.note(`${name}: ${reason}`);
        });
        return code;
      });
    });
}

/** `1 document, 12 chunks, 12 embeddings, 2 blobs, 0 summaries deleted` */
export const receiptText = ({
  documents,
  chunks,
  embeddings,
  blobs,
  summaries,
}: DeletionAnswer['deleted']): string =>
  `${Object.entries({ documents, chunks, embeddings, blobs, summaries })
    .map(([what, count]) => `${count} ${count === 1 ? what.replace(/ies$/, 'y').replace(/s$/, '') : what}`)
    .join(', ')} deleted`;

function addSets(program: Command): void {
  const sets = program
    .command('sets')
    .description('list document sets, or delete one')
    .addHelpText('after', '\nExamples:\n  $ docent sets\n  $ docent sets rm drafts');
  sets.command('list', { isDefault: true, hidden: true }).action(async (_: object, command: Command) => {
    await withService(command, async ({ client, output }) => {
      const answer = await client.json<{
        sets: { name: string; documents: number; chunks: number; bytes: number }[];
      }>('GET', '/agent/documentsets');
      output.result(answer.sets, () => {
        output.table(
          [
            ['SET', 'DOCUMENTS', 'CHUNKS', 'SIZE'],
            ...answer.sets.map((set) => [set.name, set.documents, set.chunks, megabytes(set.bytes)]),
          ],
          'no document sets: docent ingest adds documents',
        );
      });
    });
  });
  sets
    .command('rm')
    .description('delete a set with all its documents')
    .argument('<name>')
    .action(async (name: string, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const work = client.json<{ task_id: string }>(
          'DELETE',
          `/agent/documentsets/${encodeURIComponent(name)}`,
        );
        const { task_id } = await withMissing(work, 'document set', name, 'docent sets');
        const task = await awaitEnd({ client, output }, task_id, name);
        const { deleted } = (task.result ?? {}) as { deleted?: DeletionAnswer['deleted'] };
        output.result(task, () =>
          output.line(deleted ? receiptText(deleted) : `${task.status}: ${task.error?.detail ?? ''}`),
        );
        return task.status === 'SUCCESS' ? exitCodes.ok : exitCodes.failed;
      });
    });
}

/** Asks for a summary and waits for it. */
export async function summarize(
  { client, output }: Pick<Context, 'client' | 'output'>,
  filename: string,
  document_set?: string,
): Promise<string> {
  const work = client.json<{ task_id: string }>('POST', '/agent/summarize', {
    json: { filename, document_set },
  });
  const { task_id } = await withMissing(work, 'document', filename, 'docent list');
  const task = await awaitEnd({ client, output }, task_id, filename);
  if (task.status !== 'SUCCESS')
    throw new CliError(`${task.error?.code ?? task.status}: ${task.error?.detail ?? 'no summary was made'}`);
  return (task.result as { summary: string }).summary;
}

function addSummarize(program: Command): void {
  program
    .command('summarize')
    .description('summarise a document')
    .argument('<name>', 'file name')
    .option('-s, --set <name>', 'document set, if several contain the name')
    .addHelpText(
      'after',
      '\nThe summary is stored: the same version is not summarised twice.\n\nExample:\n  $ docent summarize incident-report-2026-014.html',
    )
    .action(async (name: string, options: { set?: string }, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const summary = await summarize({ client, output }, name, options.set);
        output.result({ filename: name, summary }, () => output.line(printable(summary)));
      });
    });
}

interface Reparsed {
  task_id: string | null;
  documents: number;
  remaining: number;
  parser_version: number;
}

function addReparse(program: Command): void {
  program
    .command('reparse')
    .description('parse documents again that older parsers have read')
    .option('-s, --document-set <name>', 'only this document set')
    .option(
      '--older-than-version <number>',
      'only documents of parsers before this version',
      wholeNumber(1, 1_000_000),
    )
    .option('--wait', 'wait until all of them are read')
    .addHelpText(
      'after',
      `
The former text answers until the new one is ready. New uploads go first. Run it again at any time: documents that are up to date or being read are left alone.

Examples:
  $ docent reparse
  $ docent reparse --document-set policies --wait`,
    )
    .action(
      async (
        options: { documentSet?: string; olderThanVersion?: number; wait?: boolean },
        command: Command,
      ) => {
        await withService(command, async ({ client, output }) => {
          const json = { document_set: options.documentSet, older_than_version: options.olderThanVersion };
          const batches: Reparsed[] = [];
          let failed = false;
          for (;;) {
            const batch = await client.json<Reparsed>('POST', '/agent/documents/reparse', { json });
            batches.push(batch);
            if (batch.task_id !== null)
              output.line(`task ${batch.task_id} reads ${countThings(batch.documents, 'document')} again`);
            if (options.wait && batch.task_id !== null)
              failed =
                (await awaitEnd({ client, output }, batch.task_id, 'documents')).status !== 'SUCCESS' ||
                failed;
            if (batch.task_id === null || batch.remaining === 0) break;
          }
          output.result(batches, () => {
            if (batches[0]?.task_id === null) output.line('Every document is up to date.');
          });
          return failed ? exitCodes.failed : exitCodes.ok;
        });
      },
    );
}

export function addDocuments(program: Command): void {
  addReparse(program);
  addList(program);
  addRemove(program);
  addSets(program);
  addSummarize(program);
}
