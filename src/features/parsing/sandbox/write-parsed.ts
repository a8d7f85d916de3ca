import { writeFile } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import type { ParsedDocument } from '../parsed-document.js';

/**
 * Writes a parsed document as JSON lines, the parts last: its reader then never holds the whole JSON. The
 * parser child loads this file: it needs the types of the result only, not the schemas and their package.
 */
export async function writeParsed(path: string, document: ParsedDocument): Promise<void> {
  await writeFile(path, writeLines(document));
}

const smallLength = 64 * 1024;
/**
 * Options of zlib for short texts: its usual window and tables take 256 kB a document, more than the text
 * itself.
 */
const smallWindow = { windowBits: 13, memLevel: 6 };

/** A text that is handled as a whole: a page or twenty. */
export const isShort = ({ parts }: ParsedDocument): boolean =>
  parts.reduce((sum, { markdown }) => sum + markdown.length, 0) < smallLength;

/** Returns the output of `writeParsed` as one text. */
export const joinLines = (document: ParsedDocument): string => [...writeLines(document)].join('');

/** The lines of `writeParsed`, packed. */
export function packParsed(document: ParsedDocument): Readable {
  if (isShort(document))
    return Readable.from([gzipSync(joinLines(document), smallWindow)], { objectMode: false });
  const packed = createGzip();
  // the reader of the packed stream hears of errors
  pipeline(Readable.from(writeLines(document)), packed, () => undefined);
  return packed;
}

function* writeLines({ parts, ...head }: ParsedDocument): Generator<string> {
  yield `${JSON.stringify(head)}\n`;
  for (const part of parts) yield `${JSON.stringify(part)}\n`;
}
