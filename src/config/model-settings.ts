import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { countOrAuto, httpUrl, list, lowered, setting, wholeNumber } from './setting-types.js';

const ownFolder = fileURLToPath(new URL('../../', import.meta.url));

/** A folder in the working directory, otherwise in docent's own folder. */
const findFolder = (path: string): string =>
  [resolve(path), resolve(ownFolder, path)].find((folder) => existsSync(folder)) ?? resolve(path);
const modelFolder = z.string().transform(findFolder);

/** Used where a key is set and no address. */
export const publicModelServer = 'https://api.openai.com/v1';

/** Settings of the models: remote servers and folders on this machine. */
export const modelSettings = {
  OPENAI_API_KEY: setting(z.string().optional(), 'models', 'Key of the OpenAI-compatible server.', true),
  OPENAI_API_BASE: setting(
    httpUrl.optional(),
    'models',
    'Base address of the OpenAI-compatible server, `/v1` included.',
  ),
  OPENAI_MODEL: setting(z.string().prefault('gpt-5-mini'), 'models', 'Chat model.'),
  OPENAI_VISION_MODEL: setting(z.string().optional(), 'models', 'Chat model that reads images.'),
  OCR_DRIVER: setting(
    lowered(['auto', 'local', 'vision', 'none']).prefault('auto'),
    'models',
    'How scans and images are read: `auto` is `vision` with OPENAI_VISION_MODEL, else `local`; with `none` they fail with `needs_ocr`.',
  ),
  OCR_LANGUAGES: setting(
    z
      .string()
      .prefault('deu+eng+fra')
      .transform((text) => text.split(/[+,\s]+/).filter(Boolean))
      .pipe(
        z
          .array(
            z.string().regex(/^[a-z]{3}(_[a-zA-Z]{3,12})*$/, 'must be names of Tesseract data, e.g. eng+deu'),
          )
          .min(1),
      ),
    'models',
    'Languages of scans, by the names of their Tesseract data; the one with the most special letters first.',
  ),
  OCR_DATA_DIR: setting(
    z.string().optional(),
    'models',
    'Folder of `<language>.traineddata` files; English, German and French come with docent.',
  ),
  OPENAI_EMBEDDING_MODEL: setting(
    z.string().prefault('text-embedding-3-small'),
    'models',
    'Embedding model.',
  ),
  OPENAI_EMBEDDING_DIMENSIONS: setting(
    wholeNumber(1, 4000).prefault('1536'),
    'models',
    'Dimensions of the embeddings.',
  ),
  EMBEDDING_DRIVER: setting(
    lowered(['auto', 'local', 'openai', 'none']).prefault('auto'),
    'models',
    'Where embeddings come from: `auto` is `openai` with its key or base address, else `local` if the model folder exists; `none` is keyword search only.',
  ),
  EMBEDDING_MODEL_DIR: setting(
    modelFolder.prefault('models/multilingual-e5-small-int8'),
    'models',
    'Folder of the local embedding model in the layout of the Hugging Face hub, with ONNX weights.',
  ),
  EMBEDDING_QUERY_PREFIX: setting(
    z.string().max(1000).optional(),
    'models',
    'Text before each question for the local embedding model; by default what the folder says.',
  ),
  EMBEDDING_PASSAGE_PREFIX: setting(
    z.string().max(1000).optional(),
    'models',
    'Text before each passage for the local embedding model; by default what the folder says.',
  ),
  READER_DRIVER: setting(
    lowered(['auto', 'local', 'none']).prefault('auto'),
    'models',
    'Reads the best passages to find the answer in them: `auto` is `local` if the model folder exists.',
  ),
  READER_MODEL_DIR: setting(
    modelFolder.prefault('models/reader-small-int8'),
    'models',
    'Folder of the reader.',
  ),
  MATCHER_DRIVER: setting(
    lowered(['auto', 'local', 'none']).prefault('auto'),
    'models',
    'Compares the sentences of the best passages with the question, and makes the vectors of short windows beside those of the local embedder: `auto` is `local` beside a local reader if the model folder exists.',
  ),
  MATCHER_MODEL_DIR: setting(
    modelFolder.prefault('models/all-minilm-l6-v2-int8'),
    'models',
    'Folder of the matcher, a sentence embedding model.',
  ),
  MATCHER_LANGUAGES: setting(
    list.prefault('en'),
    'models',
    'ISO 639-1 codes of the languages that the matcher knows; it compares no others.',
  ),
  MODELS_HUB_URL: setting(
    httpUrl.prefault('https://huggingface.co'),
    'models',
    'Server from which `docent models pull owner/name@commit` downloads; the service itself never does.',
  ),
  MODELS_MEMORY_MB: setting(
    wholeNumber(512, 1_000_000).prefault('2048'),
    'models',
    'Maximum memory in MB of the child process that holds the local models.',
  ),
  MODELS_IDLE_SECONDS: setting(
    wholeNumber(0, 86_400).prefault('300'),
    'models',
    'After this time without work the child process of the local models is given up, and its memory with it; the next question or upload starts it again, in about a second. 0 starts it with the service and keeps it.',
  ),
  MODELS_PARALLEL: setting(
    countOrAuto(64, () => Math.min(4, availableParallelism())).prefault('auto'),
    'models',
    'Simultaneous runs of the local models, each on one thread; `auto` is the number of cores, 4 at most.',
  ),
  LLM_DRIVER: setting(
    lowered(['offline', 'openai']).optional(),
    'models',
    'Where answers come from; `offline` quotes the best sentences.',
  ),
  LLM_TIMEOUT_SECONDS: setting(
    wholeNumber(1, 3600).prefault('60'),
    'models',
    'Maximum seconds of one call to the chat model.',
  ),
  LLM_MAX_OUTPUT_TOKENS: setting(
    wholeNumber(16, 100_000).prefault('1024'),
    'models',
    'Maximum tokens of one answer of the chat model.',
  ),
  LLM_CONTEXT_TOKENS: setting(
    wholeNumber(512, 2_000_000).prefault('8000'),
    'models',
    'Maximum tokens of sources in one prompt.',
  ),
  EMBEDDING_REQUESTS_PER_MINUTE: setting(
    wholeNumber(1, 10_000_000).prefault('3000'),
    'models',
    'Maximum number of embedding calls per minute.',
  ),
  EMBEDDING_TOKENS_PER_MINUTE: setting(
    wholeNumber(100, 1_000_000_000).prefault('1000000'),
    'models',
    'Maximum number of embedded tokens per minute.',
  ),
  EMBEDDING_BATCH_MIN: setting(
    wholeNumber(1, 2048).prefault('16'),
    'models',
    'Smallest batch of chunks that is embedded and staged together.',
  ),
  EMBEDDING_BATCH_MAX: setting(
    wholeNumber(1, 2048).prefault('128'),
    'models',
    'Largest batch of chunks; the free memory decides between the two.',
  ),
  EMBEDDING_CACHE_ENTRIES: setting(
    wholeNumber(0, 10_000_000).prefault('10000'),
    'models',
    'Number of query embeddings kept in memory.',
  ),
  RERANK_DRIVER: setting(
    lowered(['auto', 'http', 'local', 'none']).prefault('auto'),
    'models',
    'How the best passages are reranked: `auto` is `http` with `RERANK_URL`, `local` with `RERANK_MODEL_DIR`, else `none`.',
  ),
  RERANK_MODEL_DIR: setting(
    modelFolder.optional(),
    'models',
    'Folder of a local cross-encoder with one label and ONNX weights.',
  ),
  RERANK_URL: setting(httpUrl.optional(), 'models', 'Cohere/Jina-compatible rerank endpoint.'),
  RERANK_API_KEY: setting(z.string().optional(), 'models', 'Key of the rerank endpoint.', true),
  RERANK_MODEL: setting(z.string().prefault('rerank'), 'models', 'Model of the rerank endpoint.'),
  RERANK_TIMEOUT_MS: setting(
    wholeNumber(10, 60_000).prefault('1500'),
    'models',
    'Milliseconds after which a rerank is given up and the fused order is used.',
  ),
} as const;
