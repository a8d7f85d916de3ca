import { existsSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Env } from '../../../config/env.js';
import { CliError, exitCodes } from '../exit.js';
import { Output } from '../output.js';
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
    [env.RERANK_DRIVER === 'local' ? 'rerank' : '', env.RERANK_MODEL_DIR],
  ];
  const copies = await readdir(copiesIn(env)).catch(() => []);
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

async function pull(env: Env, folder: string): Promise<string> {
  const checked = await verify(resolve(folder));
  if (checked.wrong && checked.wrong.length > 0) throw new CliError(`${folder} ${describeState(checked)}.`);
  const target = join(copiesIn(env), basename(checked.directory));
  if (existsSync(target)) throw new CliError(`${target} is there already: remove it first.`);
  await cp(checked.directory, target, { recursive: true });
  return target;
}

/** `docent models`: the model folders of this machine. Nothing is downloaded. */
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
    .command('pull <folder>')
    .description(
      'copy a model folder (layout of the Hugging Face hub) to DATA_DIR/models, checked by its SHA256SUMS',
    )
    .action(async (folder: string, _: object, command: Command) => {
      const output = getOutput(command);
      const directory = await pull(await readSettings(), folder);
      output.result({ directory }, () =>
        output.line(
          `copied to ${directory}: name it in EMBEDDING_MODEL_DIR, READER_MODEL_DIR or RERANK_MODEL_DIR`,
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
