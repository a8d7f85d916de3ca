import type { Command } from 'commander';
import type { BlobStore } from '../../../platform/blob/blob-store.js';
import type { Database } from '../../../platform/database/database.js';
import { quietFramework } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import { countThings, Output } from '../output.js';
import { readSettings } from '../read-settings.js';

/** Opens the database and the blob store that the environment names; a service that has the embedded ones open must be stopped. */
async function withStores<T>(act: (database: Database, blobs: BlobStore) => Promise<T>): Promise<T> {
  const env = await readSettings();
  await quietFramework();
  const [{ openDatabase }, { openBlobStore }, { Metrics }] = await Promise.all([
    import('../../../platform/database/database.module.js'),
    import('../../../platform/blob/blob.module.js'),
    import('../../../platform/metrics/metrics.js'),
  ]);
  const database = await openDatabase(env, new Metrics());
  const blobs = await openBlobStore(env);
  try {
    await database.ready();
    return await act(database, blobs);
  } finally {
    await blobs.close();
    await database.close();
  }
}

/** Both work on the stores themselves: a service that is named would silently be another one. */
function refuseService(command: Command): void {
  const named = command.optsWithGlobals<{ url?: string }>().url ?? process.env['DOCENT_URL'];
  if (named === undefined) return;
  throw new CliError(
    `${command.name()} cannot go through a service, and ${named} is named: unset DOCENT_URL, and set DATABASE_URL and the blob settings of that service (or DATA_DIR, with the service stopped)`,
    exitCodes.usage,
  );
}

const getOutput = (command: Command): Output =>
  new Output(command.optsWithGlobals<{ json?: boolean }>().json ?? false);

/** `export` and `import` move sets between databases, without the service. */
export function addTransfer(program: Command): void {
  program
    .command('export')
    .description('write a document set with its vectors into a folder')
    .argument('<set>')
    .argument('<folder>')
    .option('--tenant <name>', 'tenant that owns the set', 'default')
    .addHelpText(
      'after',
      `
Reads the database and the blob store of the environment itself, not a service: with --url or DOCENT_URL it refuses.
Stop a service that has the embedded database open.

Example, from the embedded database to Postgres:
  $ DATA_DIR=./data docent export manuals ./manuals.export
  $ DATABASE_URL=postgres://… DATA_DIR=/srv/docent docent import ./manuals.export`,
    )
    .action(async (set: string, folder: string, { tenant }: { tenant: string }, command: Command) => {
      refuseService(command);
      const output = getOutput(command);
      const { exportSet } = await import('../../transfer/export-set.js');
      const { documents, space } = await withStores((database, blobs) =>
        exportSet(database, blobs, tenant, set, folder),
      );
      const result = {
        document_set: set,
        documents: documents.length,
        chunks: documents.reduce((sum, { chunks }) => sum + chunks, 0),
        space,
      };
      const vectors = space ? `vectors of ${space.model}` : 'no vectors';
      output.result(result, () =>
        output.line(
          `${countThings(result.documents, 'document')}, ${countThings(result.chunks, 'chunk')}, ${vectors} → ${folder}`,
        ),
      );
    });
  program
    .command('import')
    .description('import an exported document set without parsing or embedding it again')
    .argument('<folder>')
    .option('--set <name>', 'name of the imported set; default: its former name')
    .option('--tenant <name>', 'tenant that will own the set', 'default')
    .addHelpText(
      'after',
      '\nIt can be repeated: documents that exist already are skipped.\n\nExample:\n  $ DATABASE_URL=postgres://… docent import ./manuals.export',
    )
    .action(async (folder: string, { tenant, set }: { tenant: string; set?: string }, command: Command) => {
      refuseService(command);
      const output = getOutput(command);
      const { importSet } = await import('../../transfer/import-set.js');
      const result = await withStores((database, blobs) => importSet(database, blobs, tenant, folder, set));
      output.result(result, () =>
        output.line(
          `${result.document_set}: ${countThings(result.imported, 'document')} came in, ${result.already} already there`,
        ),
      );
    });
}
