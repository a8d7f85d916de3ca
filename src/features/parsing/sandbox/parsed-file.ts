import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Problem } from '../../../common/errors.js';
import { ParsedDocument, ParsedPart } from '../parsed-document.js';

const maxBytes = 512 * 1024 * 1024;
const readBytes = 1024 * 1024;

export type ParsedHead = Omit<ParsedDocument, 'parts'>;

/**
 * Reads the child's output and lets the event loop run between pieces.
 * @throws Problem parser_crashed, too_large
 */
export async function readParsed(path: string): Promise<ParsedDocument> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new Problem('too_large', 'The text of the document is too large.');
    const { head, parts } = await streamParsed(writeChunks(file, size));
    const document: ParsedDocument = { ...head, parts: [] };
    for await (const part of parts) document.parts.push(part);
    return document;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unusable(error);
  } finally {
    await file.close();
  }
}

/** Reads the lines of a short document. @throws Problem parser_crashed */
export async function readLines(lines: string): Promise<ParsedDocument> {
  try {
    const [head, ...parts] = lines
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    return ParsedDocument.parse({ ...(head as object), parts });
  } catch (error) {
    throw unusable(error);
  }
}

const unusable = (cause: unknown): Problem =>
  new Problem('parser_crashed', 'The parser left no usable result.', { cause });

/** Reads what `writeParsed` wrote part by part, so that only one is held at a time. */
export async function streamParsed(
  bytes: AsyncIterable<Buffer>,
): Promise<{ head: ParsedHead; parts: AsyncGenerator<ParsedPart> }> {
  const lines = jsonLines(bytes);
  const first = await lines.next();
  const { parts: _, ...head } = ParsedDocument.parse({ ...(first.value as object), parts: [] });
  return { head, parts: partsIn(lines) };
}

async function* partsIn(lines: AsyncIterable<unknown>): AsyncGenerator<ParsedPart> {
  for await (const line of lines) yield ParsedPart.parse(line);
}

/**
 * Reads in pieces no larger than the rest: a buffer of a
 * megabyte for a page of text keeps the garbage collector busy.
 */
async function* writeChunks(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const length = Math.min(readBytes, left);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length);
    if (bytesRead === 0) return;
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* jsonLines(bytes: AsyncIterable<Buffer>): AsyncGenerator {
  let rest: Buffer[] = [];
  for await (const buffer of bytes) {
    let from = 0;
    for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, from)) {
      yield JSON.parse(Buffer.concat([...rest, buffer.subarray(from, at)]).toString('utf8'));
      rest = [];
      from = at + 1;
    }
    if (from < buffer.length) rest.push(buffer.subarray(from));
    await setImmediate();
  }
}
