import { readFile } from 'node:fs/promises';
import { Problem } from '../../../../common/errors.js';
import { heading, joinBlocks, oneLine } from '../shared/markdown-text.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { decodeText } from '../shared/decode.js';
import { Omissions } from '../shared/omissions.js';
import { htmlToMd } from '../html/html.js';
import { extractContent } from '../html/html-content.js';
import { eventText } from './calendar.js';
import { Attachments } from './attachments.js';
import { decodeWords, parseMime, type MimePart } from './mime.js';

/**
 * Mail messages: subject, people and date, the text, the names of attachments; a forwarded message and every
 * attachment that can be read is a part of its own.
 */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const message = parseMime(inOneByteLetters(await readFile(source.path)));
  const hidden = new Omissions(source.includeHidden ?? false);
  const attachments = new Attachments(source);
  const parts = await messageParts(message, null, { attachments, hidden });
  if (parts.every((part) => part.markdown === '')) throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  const title = header(message, 'subject') || null;
  const warnings = [...attachments.warnings, ...hidden.warnings()];
  return { title, language: null, pages: null, parts, warnings };
}

/** Some programs save messages as UTF-16, which no mail server would send. */
function inOneByteLetters(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 200).includes(0)) return bytes;
  const { text, encoding } = decodeText(bytes);
  return encoding.startsWith('utf-16') ? Buffer.from(text) : bytes;
}

interface Reading {
  attachments: Attachments;
  hidden: Omissions;
}

async function messageParts(
  message: MimePart,
  label: string | null,
  reading: Reading,
): Promise<ParsedPart[]> {
  const named = header(message, 'from') !== '';
  // chunks keep their headings apart: the subject is found beside the sender only as a line of its own
  const fields = named ? (['from', 'to', 'cc', 'subject', 'date'] as const) : (['to', 'cc', 'date'] as const);
  const people = fields.flatMap((name) => {
    const value = header(message, name);
    return value === '' ? [] : [`${name.charAt(0).toUpperCase()}${name.slice(1)}: ${value}`];
  });
  const found: Found = { texts: [], attachments: [], messages: [], hidden: reading.hidden };
  collect(message, found);
  const names = found.attachments.flatMap(({ filename }) => (filename === null ? [] : [oneLine(filename)]));
  const markdown = joinBlocks([
    heading(1, header(message, 'subject')),
    people.join('\n'),
    ...found.texts,
    names.length > 0 ? `Attachments: ${names.join(', ')}` : '',
  ]);
  const parts: ParsedPart[] = [{ kind: 'body', page: null, label, markdown }];
  for (const one of found.messages)
    parts.push(...(await messageParts(one, header(one, 'subject') || 'forwarded message', reading)));
  for (const one of found.attachments) parts.push(...(await reading.attachments.read(one)));
  return parts;
}

interface Found {
  texts: string[];
  attachments: MimePart[];
  messages: MimePart[];
  hidden: Omissions;
}

function collect(part: MimePart, found: Found): void {
  if (part.type === 'multipart/alternative') {
    const best = bestAlternative(part.parts, found.hidden);
    if (best) found.texts.push(best);
    // an invitation or an attachment may be among the alternatives
    for (const one of part.parts)
      if (one.type === 'text/calendar') found.texts.push(calendarText(one));
      else if (!isText(one)) collectNested(one, found);
    return;
  }
  if (part.type === 'message/rfc822' && part.parts[0]) {
    found.messages.push(part.parts[0]);
  } else if (part.parts.length > 0) {
    for (const one of part.parts) collect(one, found);
  } else if (part.type === 'text/calendar') {
    found.texts.push(calendarText(part));
  } else if (part.attachment || !isText(part)) {
    // pictures without a name belong to the look of the text
    if (part.filename !== null || part.type.startsWith('application/')) found.attachments.push(part);
  } else {
    found.texts.push(textOfPart(part, found.hidden));
  }
}

/**
 * Collects parts besides the alternatives of a text; their related multiparts hold the text itself and
 * pictures.
 */
function collectNested(part: MimePart, found: Found): void {
  const others: Found = { texts: [], attachments: [], messages: [], hidden: found.hidden };
  collect(part, others);
  found.attachments.push(...others.attachments);
  found.messages.push(...others.messages);
}

function bestAlternative(parts: MimePart[], hidden: Omissions): string {
  const plain = parts
    .filter((part) => part.type === 'text/plain')
    .map((part) => textOfPart(part, hidden))
    .join('\n\n')
    .trim();
  const rich =
    parts
      .filter((part) => part.type !== 'text/plain')
      .map((part) => nestedText(part, hidden))
      .find((text) => text !== '') ?? '';
  // some programs leave only a hint in the plain text
  return plain !== '' && plain.length > rich.length * 0.3 ? plain : rich;
}

function nestedText(part: MimePart, hidden: Omissions): string {
  if (isText(part)) return textOfPart(part, hidden);
  const found: Found = { texts: [], attachments: [], messages: [], hidden };
  if (part.type.startsWith('multipart/')) collect(part, found);
  return joinBlocks(found.texts);
}

function isText(part: MimePart): boolean {
  return (
    part.type === 'text/plain' ||
    part.type === 'text/html' ||
    part.type === 'message/delivery-status' ||
    part.type === 'text/enriched'
  );
}

function textOfPart(part: MimePart, hidden: Omissions): string {
  const { text } = decodeText(part.body, part.parameters.get('charset'));
  if (part.type === 'text/html') return htmlToMd(extractContent(text, hidden, false));
  const flowed = /flowed/i.test(part.parameters.get('format') ?? '');
  const joined = flowed ? text.replace(/(?<!\n-- ) \n(?!>)/g, ' ') : text;
  return joined
    .replace(/^(#{1,6}(?=\s)|```|~~~|\|)/gm, '\\$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function calendarText(part: MimePart): string {
  return eventText(decodeText(part.body, part.parameters.get('charset')).text);
}

function header(part: MimePart, name: string): string {
  return oneLine(decodeWords(part.headers.get(name) ?? ''));
}
