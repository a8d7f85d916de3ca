import { Problem } from '../../../../common/errors.js';
import {
  type MapiItem,
  MapiProperties,
  property,
  valueType,
  type MapiAttachment,
  type MapiValue,
} from './mapi.js';

const signature = 0x223e9f78;
const maxDepth = 10;
const maxItems = 2_000;
const firstNamed = 0x8000;
const severalValues = 0x1000;
const idOfMessage = '0703020000000000c000000000000046';
/** Attributes that are read, as [MS-OXTNEF] 2.1.2 numbers them; the upper half tells the type. */
const attribute = {
  subject: 0x8004,
  attachmentTitle: 0x8010,
  body: 0x800c,
  attachmentData: 0x800f,
  attachmentStart: 0x9002,
  messageProperties: 0x9003,
  recipients: 0x9004,
  attachmentProperties: 0x9005,
  codePage: 0x9007,
} as const;

export function isTnef(bytes: Buffer): boolean {
  return bytes.length > 6 && bytes.readUInt32LE(0) === signature;
}

/**
 * Reads the parts that Exchange packs into a `winmail.dat`, as [MS-OXTNEF] lays them out.
 * @throws Problem corrupt_document
 */
export function readTnef(bytes: Buffer): MapiItem {
  try {
    return readItem(bytes, 0, undefined);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('corrupt_document', undefined, { cause: error });
  }
}

function readItem(bytes: Buffer, depth: number, outerPage: number | undefined): MapiItem {
  if (!isTnef(bytes) || depth > maxDepth)
    throw new Problem('corrupt_document', 'The winmail.dat is damaged or cut off.');
  let codePage = outerPage;
  let properties = new MapiProperties(codePage);
  const recipients: MapiProperties[] = [];
  const attachments: MapiAttachment[] = [];
  for (const { id, data } of attributes(bytes)) {
    const attachment = attachments.at(-1);
    switch (id) {
      case attribute.codePage:
        codePage = data.readUInt32LE(0);
        properties = new MapiProperties(codePage);
        break;
      case attribute.subject:
        properties.set(property.subject, { type: valueType.narrowText, bytes: data });
        break;
      case attribute.body:
        properties.set(property.body, { type: valueType.narrowText, bytes: data });
        break;
      case attribute.messageProperties:
        readProperties(data, properties);
        break;
      case attribute.recipients:
        recipients.push(...readRecipients(data, codePage));
        break;
      case attribute.attachmentStart:
        if (attachments.length < maxItems)
          attachments.push({ properties: new MapiProperties(codePage), message: null });
        break;
      case attribute.attachmentTitle:
        attachment?.properties.set(property.attachmentFilename, { type: valueType.narrowText, bytes: data });
        break;
      case attribute.attachmentData:
        attachment?.properties.set(property.attachmentData, { type: valueType.binary, bytes: data });
        break;
      case attribute.attachmentProperties:
        if (attachment) {
          readProperties(data, attachment.properties);
          attachment.message ??= readMessage(attachment.properties, depth, codePage);
        }
    }
  }
  return { properties, recipients, attachments };
}

/** A message that is attached: its data begins with the identifier of the interface. */
function readMessage(
  properties: MapiProperties,
  depth: number,
  codePage: number | undefined,
): MapiItem | null {
  const data = properties.get(property.attachmentData);
  if (data?.type !== valueType.object || data.bytes.toString('hex', 0, 16) !== idOfMessage) return null;
  return readItem(data.bytes.subarray(16), depth + 1, codePage);
}

function* attributes(bytes: Buffer): Generator<{ id: number; data: Buffer }> {
  // each has a level, an identifier, a length, its data and a checksum
  for (let at = 6; at + 11 <= bytes.length;) {
    // some mail servers append bytes that do not belong to it
    if (bytes[at] !== 1 && bytes[at] !== 2) return;
    const length = bytes.readUInt32LE(at + 5);
    const start = at + 9;
    if (start + length > bytes.length)
      throw new Problem('corrupt_document', 'The winmail.dat is damaged or cut off.');
    yield { id: bytes.readUInt16LE(at + 1), data: bytes.subarray(start, start + length) };
    at = start + length + 2;
  }
}

function readRecipients(data: Buffer, codePage: number | undefined): MapiProperties[] {
  const rows: MapiProperties[] = [];
  const count = Math.min(maxItems, data.readUInt32LE(0));
  for (let at = 4; rows.length < count;) {
    const row = new MapiProperties(codePage);
    at += readProperties(data.subarray(at), row);
    rows.push(row);
  }
  return rows;
}

/** @returns the bytes read */
function readProperties(data: Buffer, into: MapiProperties): number {
  const count = data.readUInt32LE(0);
  let at = 4;
  for (let read = 0; read < count; read++) {
    const [type, id] = [data.readUInt16LE(at), data.readUInt16LE(at + 2)];
    at += 4;
    let named: { set: string; id: number } | null = null;
    if (id >= firstNamed) {
      const isText = data.readUInt32LE(at + 16) === 1;
      const number = data.readUInt32LE(at + 20);
      named = isText ? null : { set: data.toString('hex', at, at + 16), id: number };
      at += 24 + (isText ? padded(number) : 0);
    }
    const { value, next } = readValue(data, at, type);
    at = next;
    if (named) into.setNamed(named, value);
    else if (id < firstNamed) into.set(id, value);
  }
  return at;
}

const wideTypes: ReadonlySet<number> = new Set([0x05, 0x06, 0x07, 0x14, valueType.time]);
const identifierType = 0x48;
const lengthTypes: ReadonlySet<number> = new Set([
  valueType.narrowText,
  valueType.wideText,
  valueType.binary,
  valueType.object,
]);

/** The first of the values, and where the next property begins. */
function readValue(data: Buffer, start: number, mark: number): { value: MapiValue; next: number } {
  const type = mark & ~severalValues;
  const hasLength = lengthTypes.has(type);
  let at = start;
  let count = 1;
  if (hasLength || type !== mark) {
    count = data.readUInt32LE(at);
    at += 4;
  }
  let bytes: Buffer = Buffer.alloc(0);
  for (let read = 0; read < count; read++) {
    const length = hasLength
      ? data.readUInt32LE(at)
      : wideTypes.has(type)
        ? 8
        : type === identifierType
          ? 16
          : 4;
    if (hasLength) at += 4;
    if (at + length > data.length)
      throw new Problem('corrupt_document', 'The winmail.dat is damaged or cut off.');
    if (read === 0) bytes = data.subarray(at, at + length);
    at += padded(length);
  }
  return { value: { type, bytes }, next: at };
}

function padded(length: number): number {
  return length + ((4 - (length % 4)) % 4);
}
