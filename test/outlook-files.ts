import { CFB } from '@e965/xlsx';

export type Value = string | Buffer | number | boolean | Date;
/** Values by the number of their property. */
export type Values = Record<number, Value>;

export interface OutlookMessage {
  values: Values;
  recipients?: Values[];
  attachments?: (Values & { message?: OutlookMessage })[];
  /** Named properties of the whole file: set, number there, value. */
  named?: [set: string, id: number, value: Value][];
  /** Encodes texts in a byte a letter instead of UTF-16. */
  narrow?: (text: string) => Buffer;
}

const types = {
  long: 0x03,
  boolean: 0x0b,
  object: 0x0d,
  narrow: 0x1e,
  wide: 0x1f,
  time: 0x40,
  binary: 0x102,
};
const hex = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');

/** An Outlook message as [MS-OXMSG] lays it out. */
export function buildMsg(message: OutlookMessage): Buffer {
  const container = CFB.utils.cfb_new();
  const add = (path: string, body: Buffer): void => {
    CFB.utils.cfb_add(container, path, body);
  };
  const named = message.named ?? [];
  const sets = named.map(([set]) => Buffer.from(set, 'hex'));
  const entries = named.map(([, id], index) => {
    const entry = Buffer.alloc(8);
    entry.writeUInt32LE(id, 0);
    entry.writeUInt16LE((index + 3) << 1, 4);
    entry.writeUInt16LE(index, 6);
    return entry;
  });
  add('/__nameid_version1.0/__substg1.0_00020102', Buffer.concat(sets));
  add('/__nameid_version1.0/__substg1.0_00030102', Buffer.concat(entries));
  const values = { ...message.values };
  for (const [index, [, , value]] of named.entries()) values[0x8000 + index] = value;
  addMessage(add, '', { ...message, values }, 32, message.narrow);
  return Buffer.from(CFB.write(container, { type: 'buffer' }) as Uint8Array);
}

type Add = (path: string, body: Buffer) => void;

function addMessage(
  add: Add,
  path: string,
  message: OutlookMessage,
  header: number,
  narrow: ((text: string) => Buffer) | undefined,
): void {
  addValues(add, path, message.values, header, narrow);
  for (const [index, values] of (message.recipients ?? []).entries())
    addValues(add, `${path}/__recip_version1.0_#0000${hex(index)}`, values, 8, narrow);
  for (const [index, { message: inner, ...values }] of (message.attachments ?? []).entries()) {
    const at = `${path}/__attach_version1.0_#0000${hex(index)}`;
    addValues(add, at, values, 8, narrow);
    if (inner) addMessage(add, `${at}/__substg1.0_3701000D`, inner, 24, narrow);
  }
}

function addValues(
  add: Add,
  path: string,
  values: Values,
  header: number,
  narrow: ((text: string) => Buffer) | undefined,
): void {
  const rows = [Buffer.alloc(header)];
  for (const [id, value] of Object.entries(values)) {
    const { type, bytes } = encode(value, narrow);
    const row = Buffer.alloc(16);
    row.writeUInt16LE(type, 0);
    row.writeUInt16LE(Number(id), 2);
    const isFixed =
      bytes.length <= 8 && type < types.narrow + 0x40 && ![types.narrow, types.wide].includes(type);
    if (isFixed) bytes.copy(row, 8);
    else add(`${path}/__substg1.0_${hex(Number(id))}${hex(type)}`, bytes);
    rows.push(row);
  }
  add(`${path}/__properties_version1.0`, Buffer.concat(rows));
}

function encode(value: Value, narrow?: (text: string) => Buffer): { type: number; bytes: Buffer } {
  const bytes = Buffer.alloc(8);
  if (typeof value === 'string')
    return narrow
      ? { type: types.narrow, bytes: narrow(value) }
      : { type: types.wide, bytes: Buffer.from(value, 'utf16le') };
  if (Buffer.isBuffer(value)) return { type: types.binary, bytes: value };
  if (value instanceof Date) {
    bytes.writeBigUInt64LE((BigInt(value.getTime()) + 11_644_473_600_000n) * 10_000n);
    return { type: types.time, bytes };
  }
  if (typeof value === 'number') bytes.writeInt32LE(value);
  else bytes.writeUInt8(value ? 1 : 0);
  return { type: typeof value === 'number' ? types.long : types.boolean, bytes };
}

/** A winmail.dat as [MS-OXTNEF] lays it out: values of the message, and of each attachment. */
export function buildTnef(
  values: Values,
  attachments: { values: Values; data?: Buffer; message?: Buffer }[] = [],
): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(0x223e9f78);
  const parts = [head, attribute(1, 0x00069003, tnefValues(values))];
  for (const { values: ofFile, data, message } of attachments) {
    parts.push(attribute(2, 0x00069002, Buffer.alloc(14)));
    if (data) parts.push(attribute(2, 0x0006800f, data));
    parts.push(attribute(2, 0x00069005, tnefValues(ofFile, message)));
  }
  return Buffer.concat(parts);
}

function attribute(level: number, id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(level);
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(data.length, 5);
  return Buffer.concat([head, data, Buffer.alloc(2)]);
}

function tnefValues(values: Values, message?: Buffer): Buffer {
  const inner = message && Buffer.concat([Buffer.from('0703020000000000c000000000000046', 'hex'), message]);
  const rows = Object.entries(values).map(([id, value]) => tnefValue(Number(id), encode(value)));
  if (inner) rows.push(tnefValue(0x3701, { type: types.object, bytes: inner }));
  return Buffer.concat([number(rows.length), ...rows]);
}

function tnefValue(id: number, { type, bytes }: { type: number; bytes: Buffer }): Buffer {
  const mark = Buffer.alloc(4);
  mark.writeUInt16LE(type, 0);
  mark.writeUInt16LE(id, 2);
  if (type === types.long || type === types.boolean) return Buffer.concat([mark, bytes.subarray(0, 4)]);
  if (type === types.time) return Buffer.concat([mark, bytes]);
  const fill = Buffer.alloc((4 - (bytes.length % 4)) % 4);
  return Buffer.concat([mark, number(1), number(bytes.length), bytes, fill]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** RTF as messages hold it, stored or packed without any reference. */
export function packRtf(rtf: string | Buffer, stored = false): Buffer {
  const body = Buffer.from(rtf);
  const packed = stored
    ? body
    : Buffer.concat(
        Array.from({ length: Math.ceil(body.length / 8) }, (_, at) =>
          Buffer.concat([Buffer.of(0), body.subarray(at * 8, at * 8 + 8)]),
        ),
      );
  return Buffer.concat([
    number(packed.length + 12),
    number(body.length),
    Buffer.from(stored ? 'MELA' : 'LZFu'),
    number(0),
    packed,
  ]);
}
