import { heading, joinBlocks, oneLine } from '../shared/markdown-text.js';
import type { ParsedPart } from '../../parsed-document.js';
import { decodeText } from '../shared/decode.js';
import type { Omissions } from '../shared/omissions.js';
import { declaredCharset, htmlToMd } from '../html/html.js';
import { rtfToMd } from '../rtf/rtf.js';
import { extractContent } from '../html/html-content.js';
import { eventText } from './calendar.js';
import type { Attachments } from './attachments.js';
import { messageFromMapi } from './mapi-message.js';
import { decodeWords, type MimePart } from './mime.js';
import { isTnef, readTnef } from './tnef.js';

export interface Reading {
  attachments: Attachments;
  hidden: Omissions;
}

/**
 * The parts of a message: subject, people and date, the text, the names of attachments; a forwarded message
 * and every attachment that can be read is a part of its own.
 */
export async function messageParts(
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
  const found = collectAll(message, reading);
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
  for (const one of found.attachments)
    if (!isSameInvitation(one, found)) parts.push(...(await reading.attachments.read(one)));
  return parts;
}

/** What a message holds, together with what Exchange packed into a winmail.dat. */
function collectAll(message: MimePart, { attachments, hidden }: Reading): Found {
  const found: Found = { texts: [], attachments: [], messages: [], hidden, isInvitation: false };
  collect(message, found);
  const isPacked = found.attachments.map(({ body, type, filename }) => isWinmail(body, type, filename));
  const packed = found.attachments.filter((_, index) => isPacked[index]);
  found.attachments = found.attachments.filter((_, index) => !isPacked[index]);
  for (const { body, filename } of packed) {
    const inside: Found = { texts: [], attachments: [], messages: [], hidden, isInvitation: false };
    try {
      collect(messageFromMapi(readTnef(body)), inside);
    } catch (error) {
      attachments.warnUnreadable(filename ?? 'winmail.dat', error);
      continue;
    }
    const text = chooseText(joinBlocks(found.texts), joinBlocks(inside.texts));
    found.texts = text === '' ? [] : [text];
    found.attachments.push(...inside.attachments);
    found.messages.push(...inside.messages);
  }
  return found;
}

/** Calendars attach an invitation once more as a file. */
function isSameInvitation({ filename }: MimePart, { isInvitation }: Found): boolean {
  return isInvitation && /\.ics$/i.test(filename ?? '');
}

function isWinmail(body: Buffer, type: string, filename: string | null): boolean {
  return isTnef(body) && (type.endsWith('ms-tnef') || /\.dat$/i.test(filename ?? ''));
}

interface Found {
  texts: string[];
  attachments: MimePart[];
  messages: MimePart[];
  hidden: Omissions;
  isInvitation: boolean;
}

function collect(part: MimePart, found: Found): void {
  if (part.type === 'multipart/alternative') {
    const best = bestAlternative(part.parts, found.hidden);
    if (best) found.texts.push(best);
    // an invitation or an attachment may be among the alternatives
    for (const one of part.parts)
      if (one.type === 'text/calendar') addInvitation(one, found);
      else if (!isText(one)) collectNested(one, found);
    return;
  }
  if (part.type === 'message/rfc822' && part.parts[0]) {
    found.messages.push(part.parts[0]);
  } else if (part.parts.length > 0) {
    for (const one of part.parts) collect(one, found);
  } else if (part.type === 'text/calendar') {
    addInvitation(part, found);
  } else if (part.attachment || !isText(part) || (part.filename !== null && found.texts.length > 0)) {
    // a named text behind the message is a file, also where the mail shows it in line
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
  const others: Found = {
    texts: [],
    attachments: [],
    messages: [],
    hidden: found.hidden,
    isInvitation: false,
  };
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
  return chooseText(plain, rich);
}

/** The plain text, unless it is only a hint at the rich one or lacks its tables. */
function chooseText(plain: string, rich: string): string {
  const isHint = plain.length <= rich.length * 0.3;
  const lacksTables = holdsData(rich) && rich.length >= plain.length * 0.5;
  return plain === '' || isHint || lacksTables ? rich : plain;
}

/** True where all tables name their columns and hold no pictures: others only arrange a newsletter. */
function holdsData(markdown: string): boolean {
  const tables = markdown.match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return (
    tables.length > 0 && tables.every((table) => !/^\|(?:[^\n]*\|)? *\|/.test(table) && !table.includes('!['))
  );
}

function nestedText(part: MimePart, hidden: Omissions): string {
  if (isText(part)) return textOfPart(part, hidden);
  const found: Found = { texts: [], attachments: [], messages: [], hidden, isInvitation: false };
  if (part.type.startsWith('multipart/')) collect(part, found);
  return joinBlocks(found.texts);
}

function isText(part: MimePart): boolean {
  return (
    part.type === 'text/plain' ||
    part.type === 'text/html' ||
    part.type === 'text/rtf' ||
    part.type === 'message/delivery-status' ||
    part.type === 'text/enriched'
  );
}

function textOfPart(part: MimePart, hidden: Omissions): string {
  if (part.type === 'text/rtf') return rtfToMd(part.body, hidden);
  const charset = part.parameters.get('charset');
  const { text } = decodeText(
    part.body,
    charset ?? (part.type === 'text/html' ? declaredCharset(part.body) : undefined),
  );
  if (part.type === 'text/html') return htmlToMd(extractContent(text, hidden, false));
  const flowed = /flowed/i.test(part.parameters.get('format') ?? '');
  const joined = flowed ? text.replace(/(?<!\n-- ) \n(?!>)/g, ' ') : text;
  return joined
    .replace(/^(#{1,6}(?=\s)|```|~~~|\|)/gm, '\\$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function addInvitation(part: MimePart, found: Found): void {
  found.isInvitation = true;
  found.texts.push(eventText(decodeText(part.body, part.parameters.get('charset')).text));
}

/** A header's text on one line; empty if the message lacks it. */
export function header(part: MimePart, name: string): string {
  return oneLine(decodeWords(part.headers.get(name) ?? ''));
}
