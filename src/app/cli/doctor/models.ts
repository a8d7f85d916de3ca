import type { Env } from '../../../config/env.js';
import { publicModelServer } from '../../../config/model-settings.js';
import { openModelFolder, wrongFiles } from '../../../platform/models/model-folder.js';
import { fail, fine, describeReason, warn, type Finding } from './finding.js';

const answerWithinMs = 5000;

interface LocalModel {
  check: string;
  setting: string;
  directory: string | undefined;
}

const localModels = (env: Env): LocalModel[] =>
  [
    {
      check: 'embedding model',
      setting: 'EMBEDDING_MODEL_DIR',
      directory: env.EMBEDDING_MODEL_DIR,
      by: env.EMBEDDING_DRIVER,
    },
    {
      check: 'reader model',
      setting: 'READER_MODEL_DIR',
      directory: env.READER_MODEL_DIR,
      by: env.READER_DRIVER,
    },
    {
      check: 'matcher model',
      setting: 'MATCHER_MODEL_DIR',
      directory: env.MATCHER_MODEL_DIR,
      by: env.MATCHER_DRIVER,
    },
    {
      check: 'rerank model',
      setting: 'RERANK_MODEL_DIR',
      directory: env.RERANK_MODEL_DIR,
      by: env.RERANK_DRIVER,
    },
  ].filter(({ by }) => by === 'local');

async function checkLocal({ check, setting, directory = '' }: LocalModel): Promise<Finding> {
  try {
    const { name } = openModelFolder(directory);
    const wrong = await wrongFiles(directory);
    if (wrong === null)
      return warn(check, `${name} has no SHA256SUMS`, 'Nothing shows that its files are complete.');
    if (wrong.length === 0) return fine(check, `${name}, the checksums match`);
    return fail(
      check,
      `${name} differs in ${wrong.join(', ')}`,
      `Copy the model again, or correct ${setting}.`,
    );
  } catch (error) {
    return fail(check, describeReason(error), `Correct ${setting}.`);
  }
}

async function ask(url: string, key: string | undefined): Promise<Response> {
  return fetch(url, {
    redirect: 'manual',
    headers: key ? { authorization: `Bearer ${key}` } : {},
    signal: AbortSignal.timeout(answerWithinMs),
  });
}

const refuses = ({ status }: Response): boolean => status === 401 || status === 403;

/** Models that the server lists; null where it lists none. */
async function listedModels(response: Response): Promise<Set<string> | null> {
  const body = (await response.json().catch(() => null)) as { data?: { id?: unknown }[] } | null;
  return Array.isArray(body?.data) ? new Set(body.data.map(({ id }) => String(id))) : null;
}

async function checkModelServer(env: Env, base: string): Promise<Finding> {
  const check = 'model server';
  const { host } = new URL(base);
  try {
    const response = await ask(`${base.replace(/\/+$/, '')}/models`, env.OPENAI_API_KEY);
    if (refuses(response)) return fail(check, `${host} refuses the key`, 'Correct OPENAI_API_KEY.');
    const listed = response.ok ? await listedModels(response) : null;
    const needed = [
      env.LLM_DRIVER === 'openai' ? env.OPENAI_MODEL : undefined,
      env.EMBEDDING_DRIVER === 'openai' ? env.OPENAI_EMBEDDING_MODEL : undefined,
      env.OPENAI_VISION_MODEL,
    ].filter((model) => model !== undefined);
    const missing = needed.filter((model) => listed && !listed.has(model));
    if (missing.length > 0)
      return warn(
        check,
        `${host} answers and does not list ${missing.join(', ')}`,
        'Load the model there, or correct OPENAI_MODEL, OPENAI_EMBEDDING_MODEL or OPENAI_VISION_MODEL.',
      );
    return fine(check, `${host} answers${listed ? ` and has ${needed.join(', ')}` : ''}`);
  } catch (error) {
    return fail(
      check,
      `${host} cannot be reached (${describeReason(error)})`,
      'Start the server, or correct OPENAI_API_BASE.',
    );
  }
}

/** Any answer will do: an endpoint for reranking takes POST alone. */
async function checkReranker(url: string, key: string | undefined): Promise<Finding> {
  const { host } = new URL(url);
  try {
    const response = await ask(url, key);
    return refuses(response)
      ? fail('reranker', `${host} refuses the key`, 'Correct RERANK_API_KEY.')
      : fine('reranker', `${host} answers`);
  } catch (error) {
    return fail(
      'reranker',
      `${host} cannot be reached (${describeReason(error)})`,
      'Start it, or correct RERANK_URL.',
    );
  }
}

/** The models of this machine and the servers of others. */
export async function checkModels(env: Env): Promise<Finding[]> {
  const usesServer =
    env.LLM_DRIVER === 'openai' || env.EMBEDDING_DRIVER === 'openai' || env.OCR_DRIVER === 'vision';
  const reranker = env.RERANK_DRIVER === 'http' ? env.RERANK_URL : undefined;
  return Promise.all([
    ...localModels(env).map(checkLocal),
    ...(usesServer ? [checkModelServer(env, env.OPENAI_API_BASE ?? publicModelServer)] : []),
    ...(reranker ? [checkReranker(reranker, env.RERANK_API_KEY)] : []),
  ]);
}
