import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Env } from '../../../config/env.js';
import { CliError, exitCodes } from '../exit.js';
import { Output } from '../output.js';
import { pullModel } from '../pull-model.js';
import { readSettings } from '../read-settings.js';

interface ModelView {
  use: string;
  model: string;
  directory: string;
  /** A sentence about the fault; null when the folder can be used. */
  problem: string | null;
}
interface Verified {
  directory: string;
  /** Null where the folder has no checksums. */
  wrong: string[] | null;
}

const getOutput = (command: Command): Output =>
  new Output(command.optsWithGlobals<{ json?: boolean }>().json === true);

/** Copied models; nothing else is ever removed. */
const copiesIn = (env: Env): string => resolve(env.DATA_DIR, 'models');

async function findProblem(directory: string): Promise<string | null> {
  const { openModelFolder } = await import('../../../platform/models/model-folder.js');
  try {
    openModelFolder(directory);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'The folder cannot be read.';
  }
}

async function listModels(env: Env): Promise<ModelView[]> {
  const configured: [string, string | undefined][] = [
    [env.EMBEDDING_DRIVER === 'local' ? 'embedding' : '', env.EMBEDDING_MODEL_DIR],
    [env.READER_DRIVER === 'local' ? 'reader' : '', env.READER_MODEL_DIR],
    [env.MATCHER_DRIVER === 'local' ? 'matcher' : '', env.MATCHER_MODEL_DIR],
    [env.RERANK_DRIVER === 'local' ? 'rerank' : '', env.RERANK_MODEL_DIR],
  ];
  const found = await readdir(copiesIn(env)).catch(() => []);
  const copies = found.filter((name) => !name.startsWith('.'));
  const folders = new Map(copies.map((name) => [join(copiesIn(env), name), '']));
  for (const [use, directory] of configured) if (directory) folders.set(resolve(directory), use);
  return Promise.all(
    [...folders].map(async ([directory, use]) => ({
      use: use || 'not used',
      model: basename(directory),
      directory,
      problem: await findProblem(directory),
    })),
  );
}

async function verify(directory: string): Promise<Verified> {
  const problem = await findProblem(directory);
  if (problem) throw new CliError(`${problem}.`);
  const { wrongFiles } = await import('../../../platform/models/model-folder.js');
  return { directory, wrong: await wrongFiles(directory) };
}

function describeState({ wrong }: Verified): string {
  if (wrong === null) return 'has no SHA256SUMS';
  return wrong.length === 0 ? 'ok' : `differs: ${wrong.join(', ')}`;
}

/**
 * `docent models`: the model folders of this machine. Only
 * `pull` with the name of a model downloads anything.
 */
export function addModels(program: Command): void {
  const models = program.command('models').description('list, verify, copy and remove local models');
  models
    .command('list', { isDefault: true })
    .description('list configured and copied models')
    .action(async (_: object, command: Command) => {
      const output = getOutput(command);
      const rows = await listModels(await readSettings());
      output.result(rows, () =>
        output.table([
          ['USE', 'MODEL', 'FOLDER', ''],
          ...rows.map(({ use, model, directory, problem }) => [use, model, directory, problem ?? '']),
        ]),
      );
    });
  models
    .command('verify [folder]')
    .description('compare models with their SHA256SUMS; default: the models in use')
    .action(async (folder: string | undefined, _: object, command: Command) => {
      const output = getOutput(command);
      const used = (await listModels(await readSettings())).filter(({ use }) => use !== 'not used');
      const folders = folder === undefined ? used.map(({ directory }) => directory) : [resolve(folder)];
      const rows = await Promise.all(folders.map(verify));
      output.result(rows, () => output.table(rows.map((row) => [row.directory, describeState(row)])));
      if (rows.some(({ wrong }) => wrong && wrong.length > 0))
        throw new CliError('A model is not the one that its checksums describe.');
    });
  models
    .command('pull <source>')
    .description(
      'copy a model folder, or download a model of the Hugging Face hub as owner/name@commit, to DATA_DIR/models; checked by checksums',
    )
    .option('--sums <file>', 'SHA256SUMS file that the model must match')
    .action(async (source: string, { sums }: { sums?: string }, command: Command) => {
      const output = getOutput(command);
      const env = await readSettings();
      const directory = await pullModel(source, {
        into: copiesIn(env),
        hub: env.MODELS_HUB_URL,
        ...(sums !== undefined && { sums }),
        onFile: ({ path, bytes }) => output.note(`${path}, ${Math.ceil(bytes / 1024)} kB`),
      });
      output.result({ directory }, () =>
        output.line(
          `copied to ${directory}: name it in EMBEDDING_MODEL_DIR, READER_MODEL_DIR, MATCHER_MODEL_DIR or RERANK_MODEL_DIR`,
        ),
      );
    });
  models
    .command('rm <name>')
    .description('remove a copied model')
    .action(async (name: string, _: object, command: Command) => {
      const output = getOutput(command);
      const directory = join(copiesIn(await readSettings()), basename(name));
      if (!existsSync(join(directory, 'config.json')))
        throw new CliError(`There is no copied model ${name}: see docent models list.`, exitCodes.usage);
      await rm(directory, { recursive: true });
      output.result({ removed: directory }, () => output.line(`removed ${directory}`));
    });
}
