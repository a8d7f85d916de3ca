import { createHash } from 'node:crypto';
import { createReadStream, existsSync, openSync, readSync, closeSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Weights by preference. */
export const weightFiles = [
  'onnx/model_quantized.onnx',
  'onnx/model_int8.onnx',
  'onnx/model.onnx',
  'model.onnx',
];
const hashedBytes = 65_536;
const checksumFile = 'SHA256SUMS';

/** How the vectors of a text's tokens become the vector of the text. */
export type Pooling = 'mean' | 'cls';

interface Config {
  hidden_size?: number;
  model_type?: string;
  max_position_embeddings?: number;
}

/**
 * A model in the layout of the hub: `config.json`, `tokenizer.json`,
 * `onnx/…`, for embedders also `1_Pooling/config.json`.
 */
export interface ModelFolder {
  directory: string;
  name: string;
  weights: string;
  /** Numbers of one token's vector. */
  dimensions: number;
  /** Tokens of a text, special ones included. */
  maxTokens: number;
  pooling: Pooling;
  /** Prefixes from the folder's own files, otherwise those that belong to its name. */
  queryPrefix: string;
  passagePrefix: string;
  /** Differs when the folder holds another model. */
  fingerprint: string;
}

const readJson = (path: string): Record<string, unknown> | null =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : null;

/**
 * Reads the description of the model from the files of a folder.
 * @throws Error that names the missing file
 */
export function openModelFolder(path: string): ModelFolder {
  const directory = resolve(path);
  const config = readJson(join(directory, 'config.json')) as Config | null;
  if (!config) throw new Error(`${directory} has no config.json`);
  if (!existsSync(join(directory, 'tokenizer.json'))) throw new Error(`${directory} has no tokenizer.json`);
  const file = weightFiles.find((name) => existsSync(join(directory, name)));
  if (!file) throw new Error(`${directory} has no ${weightFiles.join(' or ')}`);
  const weights = join(directory, file);
  const pooling = readJson(join(directory, '1_Pooling', 'config.json'));
  const positions = config.max_position_embeddings ?? 512;
  return {
    directory,
    name: basename(directory),
    weights,
    dimensions: config.hidden_size ?? 0,
    // Models of this family number their positions from 2 on.
    maxTokens: /roberta/.test(config.model_type ?? '') ? positions - 2 : positions,
    pooling: pooling?.['pooling_mode_cls_token'] === true ? 'cls' : 'mean',
    ...readPrefixes(directory),
    fingerprint: getFingerprint(directory, weights),
  };
}

/** From `config_sentence_transformers.json`; the E5 models state theirs only in their cards. */
function readPrefixes(directory: string): Pick<ModelFolder, 'queryPrefix' | 'passagePrefix'> {
  const settings = readJson(join(directory, 'config_sentence_transformers.json'));
  const prompts = (settings?.['prompts'] ?? {}) as Record<string, string>;
  const isE5 = /(^|[-_/])e5([-_]|$)/i.test(basename(directory));
  return {
    queryPrefix: prompts['query'] ?? (isE5 ? 'query: ' : ''),
    passagePrefix: prompts['passage'] ?? prompts['document'] ?? (isE5 ? 'passage: ' : ''),
  };
}

/**
 * The configuration with the size and the head of the weights: quick to read, and never equal for two models.
 */
function getFingerprint(directory: string, weights: string): string {
  const head = Buffer.alloc(hashedBytes);
  const file = openSync(weights, 'r');
  const read = readSync(file, head, 0, hashedBytes, 0);
  closeSync(file);
  return createHash('sha256')
    .update(readFileSync(join(directory, 'config.json')))
    .update(String(statSync(weights).size))
    .update(head.subarray(0, read))
    .digest('hex')
    .slice(0, 12);
}

/** Checksums by file, relative to the folder; null where the folder has none. */
function readChecksums(directory: string): Map<string, string> | null {
  const path = join(directory, checksumFile);
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, 'utf8').matchAll(/^([0-9a-f]{64})\s+\*?(.+)$/gm);
  return new Map([...lines].map(([, sum = '', file = '']) => [file.trim(), sum]));
}

/** Finds files that do not match their checksums; null without checksums. */
export async function wrongFiles(directory: string): Promise<string[] | null> {
  const sums = readChecksums(directory);
  if (!sums) return null;
  const wrong: string[] = [];
  for (const [file, sum] of sums) {
    const actual = await hashFile(join(directory, file)).catch(() => null);
    if (actual !== sum) wrong.push(file);
  }
  return wrong;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
