import type { Command } from 'commander';
import type { BlobStore } from '../../../platform/blob/blob-store.js';
import type { Database } from '../../../platform/database/database.js';
import type { ApiClient } from '../client.js';
import { type Context, quietFramework, withService } from '../context.js';
import { exitCodes } from '../exit.js';
import { countThings, Output, printable } from '../output.js';
import { readSettings } from '../read-settings.js';

/**
 * Opens the database and the blob store that the environment names;
 * a service that has the embedded ones open must be stopped.
 */
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

/** True when a service is named, through which the command then goes. */
const namesService = (command: Command): boolean =>
  Boolean(command.optsWithGlobals<{ url?: string }>().url ?? process.env['DOCENT_URL']);

/** Shows which document is on its way, and why the service is waited for. */
function showDocuments(output: Output, client: ApiClient): (filename: string) => void {
  client.onPause = (ms, reason) =>
    output.note(`the service asks to wait ${Math.ceil(ms / 1000)} s: ${printable(reason)}`);
  return (filename) => {
    if (process.stderr.isTTY && !output.json) output.note(printable(filename));
  };
}

const getOutput = (command: Command): Output =>
  new Output(command.optsWithGlobals<{ json?: boolean }>().json ?? false);

async function exportFromStores(output: Output, set: string, folder: string, tenant: string): Promise<void> {
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
}

async function exportFromService({ client, output }: Context, set: string, folder: string): Promise<void> {
  const [{ exportOriginals }, { transferService }] = await Promise.all([
    import('../../transfer/originals.js'),
    import('../transfer-service.js'),
  ]);
  const see = showDocuments(output, client);
  const { manifest, left } = await exportOriginals(transferService(client), set, folder, see);
  const documents = manifest.documents.length;
  for (const filename of left) output.note(`left out, since it is not ready: ${printable(filename)}`);
  output.result({ document_set: set, documents, left }, () =>
    output.line(`${countThings(documents, 'document')} → ${folder}`),
  );
}

async function importIntoService(
  { client, output }: Context,
  folder: string,
  options: { set?: string; wait: boolean },
): Promise<number> {
  const [{ importOriginals }, { transferService }] = await Promise.all([
    import('../../transfer/originals.js'),
    import('../transfer-service.js'),
  ]);
  const { set: documentSet, wait } = options;
  const see = showDocuments(output, client);
  const result = await importOriginals(transferService(client), folder, { documentSet, wait }, see);
  for (const { filename, detail } of result.failed) output.note(printable(`${filename}: ${detail}`));
  output.result(result, () => {
    const failed = result.failed.length > 0 ? `, ${result.failed.length} failed` : '';
    output.line(
      `${result.document_set}: ${countThings(result.imported, 'document')} came in, ${result.already} already there${failed}`,
    );
  });
  return result.failed.length > 0 ? exitCodes.failed : exitCodes.ok;
}

/** `export` and `import` move sets: between databases with their index, or through services without it. */
export function addTransfer(program: Command): void {
  program
    .command('export')
    .description('write a document set into a folder')
    .argument('<set>')
    .argument('<folder>')
    .option('--tenant <name>', 'tenant that owns the set, where no service is named', 'default')
    .addHelpText(
      'after',
      `
With --url or DOCENT_URL the set comes from that service: originals and metadata, with a key that may read. Run again
it fetches only what is missing. Otherwise it comes from the database and the blob store of the environment, with its
chunks and vectors. Stop a service that has the embedded database open.

Examples:
  $ DOCENT_URL=https://docent.example.org docent export manuals ./manuals.export
  $ DATA_DIR=./data docent export manuals ./manuals.export`,
    )
    .action(async (set: string, folder: string, { tenant }: { tenant: string }, command: Command) => {
      if (namesService(command))
        return withService(command, (context) => exportFromService(context, set, folder));
      return exportFromStores(getOutput(command), set, folder, tenant);
    });
  program
    .command('import')
    .description('read a document set that was exported into a folder')
    .argument('<folder>')
    .option('--set <name>', 'name of the imported set; default: its former name')
    .option('--tenant <name>', 'tenant that will own the set, where no service is named', 'default')
    .option('--no-wait', 'through a service: return when everything is accepted, before it is ready')
    .addHelpText(
      'after',
      `
With --url or DOCENT_URL the originals are sent to that service, which reads them as an upload. Otherwise the set goes
into the database and the blob store of the environment, without parsing or embedding it again.
It can be repeated: documents that exist already are skipped.

Examples:
  $ DOCENT_URL=http://127.0.0.1:8000 docent import ./manuals.export --set manuals
  $ DATABASE_URL=postgres://… DATA_DIR=/srv/docent docent import ./manuals.export`,
    )
    .action(
      async (folder: string, options: { tenant: string; set?: string; wait: boolean }, command: Command) => {
        if (namesService(command))
          return withService(command, (context) => importIntoService(context, folder, options));
        const output = getOutput(command);
        const { importSet } = await import('../../transfer/import-set.js');
        const { tenant, set } = options;
        const result = await withStores((database, blobs) => importSet(database, blobs, tenant, folder, set));
        output.result(result, () =>
          output.line(
            `${result.document_set}: ${countThings(result.imported, 'document')} came in, ${result.already} already there`,
          ),
        );
      },
    );
}
