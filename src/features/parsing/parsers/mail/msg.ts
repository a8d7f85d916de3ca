import { readFile } from 'node:fs/promises';
import type { ParsedDocument } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { mailDocument } from './mail-document.js';
import { messageFromMapi } from './mapi-message.js';
import { readMsg } from './msg-file.js';
import { isTnef, readTnef } from './tnef.js';

/** Messages, appointments, contacts and tasks that Outlook saved or, in a winmail.dat, that Exchange packed. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  return mailDocument(messageFromMapi(isTnef(bytes) ? readTnef(bytes) : readMsg(bytes)), source);
}
