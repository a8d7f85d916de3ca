import { readFile } from 'node:fs/promises';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { decodeText } from '../shared/decode.js';
import { mailDocument } from './mail-document.js';
import { parseMime } from './mime.js';

/** Mail messages as mail servers send them. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  return mailDocument(parseMime(inOneByteLetters(await readFile(source.path))), source);
}

/** Some programs save messages as UTF-16, which no mail server would send. */
function inOneByteLetters(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 200).includes(0)) return bytes;
  const { text, encoding } = decodeText(bytes);
  return encoding.startsWith('utf-16') ? Buffer.from(text) : bytes;
}
