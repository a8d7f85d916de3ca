import { decodeText } from '../shared/decode.js';
import { encodingOfCodePage } from '../rtf/rtf-tokens.js';

/** Numbers of the properties that are read, as [MS-OXPROPS] lists them. */
export const property = {
  messageClass: 0x001a,
  subject: 0x0037,
  submitTime: 0x0039,
  representingName: 0x0042,
  representingAddress: 0x0065,
  transportHeaders: 0x007d,
  recipientType: 0x0c15,
  senderName: 0x0c1a,
  senderAddress: 0x0c1f,
  displayCc: 0x0e03,
  displayTo: 0x0e04,
  deliveryTime: 0x0e06,
  body: 0x1000,
  compressedRtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  emailAddress: 0x3003,
  attachmentData: 0x3701,
  attachmentFilename: 0x3704,
  attachmentMethod: 0x3705,
  attachmentLongFilename: 0x3707,
  attachmentMediaType: 0x370e,
  attachmentContentId: 0x3712,
  smtpAddress: 0x39fe,
  businessPhone: 0x3a08,
  homePhone: 0x3a09,
  companyName: 0x3a16,
  jobTitle: 0x3a17,
  mobilePhone: 0x3a1c,
  internetCodePage: 0x3fde,
  messageCodePage: 0x3ffd,
  senderSmtpAddress: 0x5d01,
  representingSmtpAddress: 0x5d02,
  attachmentHidden: 0x7ffe,
} as const;

/** Types of values, as [MS-OXCDATA] 2.11.1 numbers them. */
export const valueType = {
  short: 0x02,
  long: 0x03,
  boolean: 0x0b,
  object: 0x0d,
  narrowText: 0x1e,
  wideText: 0x1f,
  time: 0x40,
  binary: 0x102,
} as const;

/** A property's type and the bytes of its value; those of texts may end with a NUL. */
export interface MapiValue {
  type: number;
  bytes: Buffer;
}

/** A named property: the set of properties that it belongs to, and its number there. */
export interface NamedProperty {
  set: string;
  id: number;
}

/** The properties of a message, a recipient or an attachment. */
export class MapiProperties {
  private readonly values = new Map<number, MapiValue>();
  private readonly named = new Map<string, MapiValue>();

  /** @param codePage of texts that do not say theirs, unless the properties name one */
  constructor(private readonly codePage?: number) {}

  /** Keeps the first value, unless an object replaces the bytes that stand in for it. */
  set(id: number, value: MapiValue): void {
    if (!this.values.has(id) || value.type === valueType.object) this.values.set(id, value);
  }

  setNamed({ set, id }: NamedProperty, value: MapiValue): void {
    this.named.set(`${set} ${id}`, value);
  }

  get(id: number): MapiValue | undefined {
    return this.values.get(id);
  }

  getNamed({ set, id }: NamedProperty): MapiValue | undefined {
    return this.named.get(`${set} ${id}`);
  }

  /** Empty if the property is missing or no text. */
  text(id: number): string {
    return this.textOf(this.get(id));
  }

  textOf(value: MapiValue | undefined): string {
    if (value?.type === valueType.wideText) return withoutEnd(value.bytes.toString('utf16le'));
    if (value?.type !== valueType.narrowText) return '';
    return withoutEnd(decodeText(value.bytes, this.encoding()).text);
  }

  number(id: number): number | undefined {
    const { type, bytes } = this.get(id) ?? {};
    if (type !== valueType.long || bytes === undefined || bytes.length < 4) return undefined;
    return bytes.readInt32LE(0);
  }

  isTrue(id: number): boolean {
    const { type, bytes } = this.get(id) ?? {};
    return type === valueType.boolean && bytes?.[0] === 1;
  }

  binary(id: number): Buffer | undefined {
    const { type, bytes } = this.get(id) ?? {};
    return type === valueType.binary || type === valueType.object ? bytes : undefined;
  }

  /** A point in time as mails write it, empty if the property is missing. */
  time(value: MapiValue | undefined): string {
    if (value?.type !== valueType.time || value.bytes.length < 8) return '';
    const date = new Date(Number(value.bytes.readBigUInt64LE(0) / ticksPerMs - msFrom1601));
    const year = date.getUTCFullYear();
    // far dates stand for none
    return year > 1970 && year < 4500 ? date.toUTCString().replace('GMT', '+0000') : '';
  }

  /** The code page of texts, for parts of this item. */
  textCodePage(): number | undefined {
    return this.number(property.messageCodePage) ?? this.codePage ?? this.number(property.internetCodePage);
  }

  /** Undefined where the look of the text decides. */
  private encoding(): string | undefined {
    const page = this.textCodePage();
    return page === undefined ? undefined : encodingOfCodePage(page);
  }
}

const ticksPerMs = 10_000n;
const msFrom1601 = 11_644_473_600_000n;

function withoutEnd(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

export interface MapiAttachment {
  properties: MapiProperties;
  /** A message that is attached. */
  message: MapiItem | null;
}

/** A message with its recipients and attachments, as .msg files and winmail.dat hold it. */
export interface MapiItem {
  properties: MapiProperties;
  recipients: MapiProperties[];
  attachments: MapiAttachment[];
}
