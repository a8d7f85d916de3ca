import { Problem } from '../../../../common/errors.js';
import { CompoundFile, type Storage } from '../shared/compound-file.js';
import {
  type MapiAttachment,
  type MapiItem,
  MapiProperties,
  property,
  valueType,
  type NamedProperty,
} from './mapi.js';

const maxDepth = 20;
const firstNamed = 0x8000;
const embeddedMessage = `__SUBSTG1.0_${hex(property.attachmentData, 4)}${hex(valueType.object, 4)}`;
/** Bytes before the properties of each kind of storage. */
const headerBytes = { message: 32, embedded: 24, other: 8 } as const;
/** Types whose value stands in the list of properties itself. */
const fixedTypes: ReadonlySet<number> = new Set([valueType.long, valueType.boolean, valueType.time]);
const storedTypes: readonly number[] = [valueType.wideText, valueType.narrowText, valueType.binary];
const readIds: ReadonlySet<number> = new Set(Object.values(property));

/**
 * Reads an Outlook message, as [MS-OXMSG] lays it out.
 * @throws Problem corrupt_document
 */
export function readMsg(bytes: Buffer): MapiItem {
  const file = new CompoundFile(bytes);
  if (!file.root.streams.has('__PROPERTIES_VERSION1.0'))
    throw new Problem('corrupt_document', 'The file holds no Outlook message.');
  return new MsgReader(file, readNames(file)).message(file.root, headerBytes.message, 0);
}

class MsgReader {
  constructor(
    private readonly file: CompoundFile,
    private readonly names: ReadonlyMap<number, NamedProperty>,
  ) {}

  message(storage: Storage, header: number, depth: number, codePage?: number): MapiItem {
    const properties = this.properties(storage, header, codePage);
    const inherited = properties.textCodePage();
    const inside = [...storage.storages].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const named = (prefix: string): Storage[] =>
      inside.flatMap(([name, one]) => (name.startsWith(prefix) ? [one] : []));
    return {
      properties,
      recipients: named('__RECIP_VERSION1.0_').map((one) =>
        this.properties(one, headerBytes.other, inherited),
      ),
      attachments: named('__ATTACH_VERSION1.0_').map((one) => this.attachment(one, depth, inherited)),
    };
  }

  private attachment(storage: Storage, depth: number, codePage: number | undefined): MapiAttachment {
    const inner = storage.storages.get(embeddedMessage);
    const isMessage = depth < maxDepth && inner?.streams.has('__PROPERTIES_VERSION1.0');
    return {
      properties: this.properties(storage, headerBytes.other, codePage),
      message: inner && isMessage ? this.message(inner, headerBytes.embedded, depth + 1, codePage) : null,
    };
  }

  private properties(storage: Storage, header: number, codePage: number | undefined): MapiProperties {
    const properties = new MapiProperties(codePage);
    const list = storage.streams.get('__PROPERTIES_VERSION1.0');
    const bytes = list ? this.file.read(list) : Buffer.alloc(0);
    for (let at = header; at + 16 <= bytes.length; at += 16) {
      const [type, id] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
      if (fixedTypes.has(type))
        this.put(properties, id, () => ({ type, bytes: bytes.subarray(at + 8, at + 16) }));
    }
    for (const [name, stream] of storage.streams) {
      const [, id, type] = /^__SUBSTG1\.0_([0-9A-F]{4})([0-9A-F]{4})$/.exec(name) ?? [];
      if (id === undefined || type === undefined || !storedTypes.includes(parseInt(type, 16))) continue;
      this.put(properties, parseInt(id, 16), () => ({
        type: parseInt(type, 16),
        bytes: this.file.read(stream),
      }));
    }
    return properties;
  }

  private put(properties: MapiProperties, id: number, read: () => { type: number; bytes: Buffer }): void {
    if (readIds.has(id)) properties.set(id, read());
    const named = id < firstNamed ? undefined : this.names.get(id);
    if (named) properties.setNamed(named, read());
  }
}

const setsKnownToAll = 3;

/** The properties that a message names by a set and a number, by the numbers that they have in this file. */
function readNames(file: CompoundFile): Map<number, NamedProperty> {
  const names = new Map<number, NamedProperty>();
  const storage = file.root.storages.get('__NAMEID_VERSION1.0');
  const [sets, entries] = ['00020102', '00030102'].map((id) => storage?.streams.get(`__SUBSTG1.0_${id}`));
  if (!sets || !entries) return names;
  const [setBytes, bytes] = [file.read(sets), file.read(entries)];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const kind = bytes.readUInt16LE(at + 4);
    const isText = (kind & 1) === 1;
    const setAt = ((kind >>> 1) - setsKnownToAll) * 16;
    if (isText || setAt < 0 || setAt + 16 > setBytes.length) continue;
    names.set(firstNamed + bytes.readUInt16LE(at + 6), {
      set: setBytes.toString('hex', setAt, setAt + 16),
      id: bytes.readUInt32LE(at),
    });
  }
  return names;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
