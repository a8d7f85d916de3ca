import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { HubFile, ModelHub, PinnedModel } from '../../platform/models/model-hub.js';
import { CliError, exitCodes } from './exit.js';

export interface PullOptions {
  /** The folder of copied models. */
  into: string;
  /** Address of the hub. */
  hub: string;
  /** A SHA256SUMS file that the model must match. */
  sums?: string;
  /** Hears of each file before it is downloaded. */
  onFile?: (file: HubFile) => void;
}

/**
 * Copies a model folder, or downloads a model from the hub at a pinned commit. Nothing is left when a
 * checksum does not match.
 * @param source a folder, or `owner/name@commit`
 * @returns the new folder
 * @throws CliError
 */
export async function pullModel(source: string, options: PullOptions): Promise<string> {
  const { ModelHub, parseModelName } = await import('../../platform/models/model-hub.js');
  const named = existsSync(source) ? null : parseModelName(source);
  if (named === null) return copyFolder(source, options);
  const { repository, revision } = named;
  const hub = new ModelHub(options.hub);
  return orCliError(async () => {
    const model = { repository, commit: await pinnedCommit(hub, repository, revision) };
    return install(basename(repository), options, (folder) => download(hub, model, folder, options));
  });
}

async function copyFolder(source: string, options: PullOptions): Promise<string> {
  const folder = resolve(source);
  if (!existsSync(folder))
    throw new CliError(`${source} is neither a folder nor a model of the hub (owner/name@commit).`);
  return install(basename(folder), options, (target) => cp(folder, target, { recursive: true }));
}

/** A branch moves; only a commit names the same files tomorrow. */
async function pinnedCommit(hub: ModelHub, repository: string, revision: string | null): Promise<string> {
  const { isCommit } = await import('../../platform/models/model-hub.js');
  if (isCommit(revision)) return revision;
  const branch = revision ?? 'main';
  const commit = await hub.findCommit(repository, branch);
  throw new CliError(
    `Pin the revision: ${branch} of ${repository} is at this commit now. docent models pull ${repository}@${commit}`,
    exitCodes.usage,
  );
}

async function download(
  hub: ModelHub,
  model: PinnedModel,
  folder: string,
  { onFile }: PullOptions,
): Promise<void> {
  const sums: string[] = [];
  for (const file of await hub.filesOf(model)) {
    onFile?.(file);
    sums.push(`${await hub.download(model, file, folder)}  ${file.path}`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), `${sums.sort(byPath).join('\n')}\n`);
}

const byPath = (left: string, right: string): number => (left.slice(66) < right.slice(66) ? -1 : 1);

/** Fills a folder beside the target, checks it, and gives it its name last. */
async function install(
  name: string,
  { into, sums }: PullOptions,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const target = join(into, name);
  if (existsSync(target)) throw new CliError(`${target} is there already: remove it first.`);
  await mkdir(into, { recursive: true });
  const folder = await mkdtemp(join(into, '.pulled-'));
  try {
    await fill(folder);
    await check(folder, sums);
    await rename(folder, target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(folder: string, sums: string | undefined): Promise<void> {
  const { openModelFolder, wrongFiles } = await import('../../platform/models/model-folder.js');
  if (sums !== undefined) await cp(sums, join(folder, 'SHA256SUMS'));
  try {
    openModelFolder(folder);
  } catch (error) {
    throw new CliError(`${error instanceof Error ? error.message : 'The folder cannot be read'}.`);
  }
  const wrong = (await wrongFiles(folder)) ?? [];
  if (wrong.length > 0) throw new CliError(`The model differs from its SHA256SUMS: ${wrong.join(', ')}.`);
}

async function orCliError<T>(work: () => Promise<T>): Promise<T> {
  const { HubUnreachable } = await import('../../platform/models/model-hub.js');
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error)) throw error;
    const isAway = error instanceof HubUnreachable;
    const hint = isAway ? ' Copy a folder with the model in its place: docent models pull FOLDER' : '';
    throw new CliError(`${error.message}${hint}`, isAway ? exitCodes.unavailable : exitCodes.failed);
  }
}
