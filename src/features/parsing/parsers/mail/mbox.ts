import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import type { ParsedDocument, ParsedPart, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { Omissions } from '../shared/omissions.js';
import { Attachments } from './attachments.js';
import { header, messageParts } from './message.js';
import { parseMime } from './mime.js';

const maxMessages = 20_000;
const maxWarnings = 20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const separator = Buffer.from('From ');

/** Mailboxes: each message with its forwarded messages and attachments, in the order of the file. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  const hidden = new Omissions(source.includeHidden ?? false);
  const parts: ParsedPart[] = [];
  const warnings: ParseWarning[] = [];
  for (const { from, to } of messagesIn(bytes)) {
    const message = parseMime(unescaped(bytes.subarray(from, to)));
    const attachments = new Attachments(source);
    const label = [header(message, 'subject'), header(message, 'date')].filter(Boolean).join(', ');
    parts.push(...(await messageParts(message, label || null, { attachments, hidden })));
    warnings.push(...attachments.warnings.slice(0, maxWarnings - warnings.length));
    source.progress(to, bytes.length);
  }
  const filled = parts.filter(({ markdown }) => markdown !== '');
  if (filled.length === 0) throw new Problem('no_text_content');
  return {
    title: null,
    language: null,
    pages: null,
    parts: filled,
    warnings: [...warnings, ...hidden.warnings()],
  };
}

/** Where the messages lie, without the lines `From …` between them, which follow an empty line. */
function messagesIn(bytes: Buffer): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  const starts: number[] = [];
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, at + separator.length))
    if (at === 0 || isAfterEmptyLine(bytes, at)) starts.push(at);
  if (starts.length === 0) return [{ from: 0, to: bytes.length }];
  if (starts.length > maxMessages)
    throw new Problem('too_large', `The mailbox has over ${maxMessages} messages. Split it.`);
  for (const [index, start] of starts.entries()) {
    const line = bytes.indexOf(lineFeed, start);
    if (line >= 0) found.push({ from: line + 1, to: starts[index + 1] ?? bytes.length });
  }
  return found;
}

function isAfterEmptyLine(bytes: Buffer, at: number): boolean {
  if (bytes[at - 1] !== lineFeed) return false;
  const before = bytes[at - 2] === carriageReturn ? at - 3 : at - 2;
  return bytes[before] === lineFeed;
}

/** Lines of a text that begin like the one between messages were written `>From`. */
function unescaped(message: Buffer): Buffer {
  return message.includes('\n>From ')
    ? Buffer.from(message.toString('latin1').replace(/\n>(>*From )/g, '\n$1'), 'latin1')
    : message;
}
