import { fraction, megabyte, processes, setting, wholeNumber } from './setting-types.js';

/** Settings of parsing, chunking, search and answers. */
export const processingSettings = {
  PARSER_PROCESSES: setting(
    processes.prefault('auto'),
    'parsing',
    'Parser children, a number or `auto` (one a core).',
  ),
  PARSER_MEMORY_MB: setting(
    wholeNumber(768, 1_000_000).prefault('2048'),
    'parsing',
    'Memory of one parser child: heap, WASM and native together; Node itself needs 600.',
  ),
  PARSER_TIMEOUT_SECONDS: setting(
    fraction(0.1, 86_400).prefault('15'),
    'parsing',
    'Base deadline of one document; pages add to it.',
  ),
  CHUNK_SIZE: setting(wholeNumber(100, 20_000).prefault('1000'), 'parsing', 'Characters of a chunk.'),
  CHUNK_OVERLAP: setting(
    wholeNumber(0, 5000).prefault('100'),
    'parsing',
    'Characters that neighbouring chunks share.',
  ),
  MEMORY_FLOOR_MB: setting(
    wholeNumber(0, 1_000_000).prefault('256'),
    'parsing',
    'Available memory below which a worker claims nothing.',
  ),

  SEARCH_ALPHA: setting(
    fraction(0, 1).prefault('0.5'),
    'search',
    'Weight of the vector leg in hybrid search.',
  ),
  SEARCH_INDEX_MB: setting(
    wholeNumber(0, 100_000).prefault('256'),
    'search',
    'Size in megabytes of the indexes that each process may hold of the document sets that are searched, with the windows of passages that were compared lately; 0 searches in the database. The memory of the process grows by 1.1 to 1.4 times as much.',
  ),
  ANSWER_THRESHOLD: setting(
    fraction(0, 1).optional(),
    'search',
    'Support below which a question is not answered; by default tuned for words and measured for each embedding model.',
  ),
  ANSWER_CACHE_SECONDS: setting(
    wholeNumber(0, 86_400).prefault('600'),
    'search',
    'Seconds an answer is kept for the same question over the same corpus.',
  ),
  CACHE_MAX_BYTES: setting(
    wholeNumber(0, 100_000 * megabyte).prefault(String(64 * megabyte)),
    'search',
    'Bytes of the cache in the memory of each process; with Redis it holds copies of what Redis has.',
  ),
} as const;
