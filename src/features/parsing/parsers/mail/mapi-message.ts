import { carriesHtml, htmlFromRtf } from '../rtf/rtf-html.js';
import { encodingOfCodePage } from '../rtf/rtf-tokens.js';
import { decodeText } from '../shared/decode.js';
import { declaredCharset } from '../html/html.js';
import { unpackRtf } from './compressed-rtf.js';
import { itemFields } from './mapi-fields.js';
import { property, type MapiAttachment, type MapiItem, type MapiProperties } from './mapi.js';
import { parseMime, type MimePart } from './mime.js';

const recipientTypes = { to: 1, cc: 2 } as const;

/** Turns an Outlook message into the one that a mail server would have sent. */
export function messageFromMapi(item: MapiItem): MimePart {
  const html = findHtml(item.properties);
  const alternatives = [plainPart(item.properties), html === '' ? rtfPart(item.properties) : htmlPart(html)];
  const inline = new Set(Array.from(html.matchAll(/\bcid:([^"'\s<>)]{1,300})/gi), ([, id = '']) => id));
  return {
    ...emptyPart('multipart/mixed'),
    headers: headersOf(item),
    parts: [
      textPart(itemFields(item.properties)),
      { ...emptyPart('multipart/alternative'), parts: alternatives.filter((part) => part.body.length > 0) },
      ...item.attachments.map((attachment) => attachmentPart(attachment, inline)),
    ].filter(({ body, parts }) => body.length > 0 || parts.length > 0),
  };
}

function headersOf({ properties, recipients }: MapiItem): Map<string, string> {
  const sent = parseMime(Buffer.from(`${properties.text(property.transportHeaders)}\n\n`)).headers;
  const people = (type: number): string =>
    recipients
      .filter((one) => one.number(property.recipientType) === type)
      .map((one) => person(one, property.displayName, [property.smtpAddress, property.emailAddress]))
      .filter((text) => text !== '')
      .join('; ');
  const times = [property.submitTime, property.deliveryTime].map((id) => properties.time(properties.get(id)));
  const from = sender(properties);
  return new Map([
    ['subject', properties.text(property.subject)],
    ['from', from === '' ? (sent.get('from') ?? '') : from],
    ['to', people(recipientTypes.to) || properties.text(property.displayTo)],
    ['cc', people(recipientTypes.cc) || properties.text(property.displayCc)],
    ['date', sent.get('date') ?? times.find((time) => time !== '') ?? ''],
  ]);
}

function sender(properties: MapiProperties): string {
  return (
    person(properties, property.representingName, [
      property.representingSmtpAddress,
      property.representingAddress,
    ]) || person(properties, property.senderName, [property.senderSmtpAddress, property.senderAddress])
  );
}

/** `Name <address>`; addresses within an Exchange server mean nothing to a reader. */
function person(properties: MapiProperties, nameId: number, addressIds: number[]): string {
  const name = properties.text(nameId).replace(/^'(.*)'$/, '$1');
  const address = addressIds.map((id) => properties.text(id)).find((text) => text.includes('@')) ?? '';
  if (name === '' || name === address) return address;
  return address === '' ? name : `${name} <${address}>`;
}

function plainPart(properties: MapiProperties): MimePart {
  return textPart(properties.text(property.body));
}

function textPart(text: string): MimePart {
  return {
    ...emptyPart('text/plain'),
    parameters: new Map([['charset', 'utf-8']]),
    body: Buffer.from(text.trim()),
  };
}

function htmlPart(html: string): MimePart {
  return {
    ...emptyPart('text/html'),
    parameters: new Map([['charset', 'utf-8']]),
    body: Buffer.from(html),
  };
}

function rtfPart(properties: MapiProperties): MimePart {
  const rtf = findRtf(properties);
  // RTF that carries plain text says no more than the text
  const isPlain = rtf.toString('latin1', 0, 4096).includes('\\fromtext');
  return { ...emptyPart('text/rtf'), body: isPlain ? Buffer.alloc(0) : rtf };
}

function findHtml(properties: MapiProperties): string {
  const text = properties.text(property.html);
  if (text !== '') return text;
  const bytes = properties.binary(property.html);
  if (bytes && bytes.length > 0) {
    const page = properties.number(property.internetCodePage);
    return decodeText(bytes, declaredCharset(bytes) ?? (page ? encodingOfCodePage(page) : undefined)).text;
  }
  const rtf = findRtf(properties);
  return carriesHtml(rtf) ? htmlFromRtf(rtf) : '';
}

function findRtf(properties: MapiProperties): Buffer {
  const packed = properties.binary(property.compressedRtf);
  return packed && packed.length > 0 ? unpackRtf(packed) : Buffer.alloc(0);
}

function attachmentPart({ properties, message }: MapiAttachment, inline: ReadonlySet<string>): MimePart {
  if (message) return { ...emptyPart('message/rfc822'), parts: [messageFromMapi(message)] };
  const type = properties.text(property.attachmentMediaType).toLowerCase();
  const body = properties.binary(property.attachmentData) ?? Buffer.alloc(0);
  // the whole of a signed message is an attachment of its envelope
  if (type === 'multipart/signed') return parseMime(body);
  const ids = [property.attachmentLongFilename, property.attachmentFilename, property.displayName];
  const filename = ids.map((id) => properties.text(id)).find((name) => name !== '') ?? null;
  const isInline =
    properties.isTrue(property.attachmentHidden) || inline.has(properties.text(property.attachmentContentId));
  const isPicture =
    type.startsWith('image/') || /\.(?:png|jpe?g|gif|bmp|emz|wmz|emf|wmf)$/i.test(filename ?? '');
  return {
    ...emptyPart(type === '' ? 'application/octet-stream' : type),
    attachment: true,
    ...(isInline && isPicture ? { type: 'image/png' } : { filename }),
    body,
  };
}

function emptyPart(type: string): MimePart {
  return {
    type,
    parameters: new Map(),
    headers: new Map(),
    attachment: false,
    filename: null,
    body: Buffer.alloc(0),
    parts: [],
  };
}
