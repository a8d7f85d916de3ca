import { readFile } from 'node:fs/promises';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { mailDocument } from './mail-document.js';
import { messageFromMapi } from './mapi-message.js';
import { readMsg } from './msg-file.js';

/** Messages, appointments, contacts and tasks that Outlook saved. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  return mailDocument(messageFromMapi(readMsg(await readFile(source.path))), source);
}
