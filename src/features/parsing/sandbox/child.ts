import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem, toFailure } from '../../../common/errors.js';
import type { FromChild, ToChild } from './protocol.js';
import { formatTable, misnamed } from '../formats/formats.js';
import { embeddedReader } from './embedded-files.js';
import { detectLanguage } from './language.js';
import type { ParsedDocument } from '../parsed-document.js';
import { writeRendered } from './rendered-file.js';
import { isShort, joinLines, writeParsed } from './write-parsed.js';

/**
 * The parser child: one document at a time, long texts by a file, short
 * ones and the verdict by IPC. It ends with its parent's channel.
 */
const progressEveryMs = 100;

async function work(order: ToChild): Promise<void> {
  const { id } = order;
  try {
    const parsed = order.type === 'parse' ? await parseFile(order) : undefined;
    if (order.type === 'render') await render(order);
    if (order.type === 'recognize') await recognize(order);
    send({ type: 'done', id, rssBytes: process.memoryUsage.rss(), ...(parsed !== undefined && { parsed }) });
  } catch (error) {
    send({
      type: 'failed',
      id,
      failure: toFailure(asProblem(error)),
      cause: describe(error),
      rssBytes: process.memoryUsage.rss(),
    });
  }
}

/** @returns the lines of a short result; a long one is in the file `output` */
async function parseFile({ id, output, ...order }: ToChild): Promise<string | undefined> {
  const { format, path, filename, bytes, includeHidden = false } = order;
  const { parse } = await formatTable[format].load();
  const parsed = await parse({
    path,
    filename,
    bytes,
    includeHidden,
    progress: throttledProgress(id),
    embedded: embeddedReader(includeHidden, dirname(output)),
  });
  const document: ParsedDocument = {
    ...parsed,
    language: parsed.language ?? detectLanguage(parsed.parts),
    warnings: [...misnamed(filename, format), ...parsed.warnings],
  };
  if (isShort(document)) return joinLines(document);
  await writeParsed(output, document);
  return undefined;
}

async function render({ id, output, ...order }: Extract<ToChild, { type: 'render' }>): Promise<void> {
  const { renderPages } = await import('./render-pages.js');
  await writeRendered(output, await renderPages({ ...order, progress: throttledProgress(id) }));
}

async function recognize({ output, ...order }: Extract<ToChild, { type: 'recognize' }>): Promise<void> {
  const { recognizePage } = await import('../ocr/recognize-page.js');
  await writeFile(output, JSON.stringify(await recognizePage(order)));
}

function throttledProgress(id: number): (done: number, total: number) => void {
  let last = 0;
  return (done, total) => {
    const now = Date.now();
    if (done < total && now - last < progressEveryMs) return;
    last = now;
    send({ type: 'progress', id, done, total });
  };
}

const installation: ReadonlySet<unknown> = new Set([
  'ERR_MODULE_NOT_FOUND',
  'MODULE_NOT_FOUND',
  'ERR_DLOPEN_FAILED',
  'ENOENT',
  'EMFILE',
  'ENOSPC',
]);

/** Any other error of a parser means bytes that it cannot read. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // A missing file or a full disk says nothing about the document: a later attempt may read it.
  if (error instanceof Error && 'code' in error && installation.has(error.code))
    return new Problem('parser_crashed', undefined, { cause: error });
  if (error instanceof RangeError && /memory|allocation|string length/i.test(error.message))
    return new Problem('too_large', 'The document is too large for the parser.');
  return new Problem('corrupt_document', undefined, { cause: error });
}

function describe(error: unknown): string | null {
  if (error instanceof Problem) return null;
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'not an error';
}

function send(message: FromChild): void {
  process.send?.(message);
}

process.on('message', (message: ToChild) => void work(message));
process.on('disconnect', () => process.exit(0));
send({ type: 'ready' });
