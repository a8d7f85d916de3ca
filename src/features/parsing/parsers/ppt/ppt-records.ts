/** A record of the PowerPoint format, [MS-PPT] 2.3.1: containers hold records, atoms hold data. */
export interface PptRecord {
  type: number;
  /** Tells records of one type apart: the list of slides from that of notes. */
  instance: number;
  isContainer: boolean;
  data: Buffer;
}

export const recordType = {
  document: 0x03e8,
  slide: 0x03ee,
  notes: 0x03f0,
  notesAtom: 0x03f1,
  slidePersist: 0x03f3,
  slideShow: 0x03f9,
  drawing: 0x040c,
  outlineText: 0x0f9e,
  textHeader: 0x0f9f,
  textChars: 0x0fa0,
  textStyle: 0x0fa1,
  textBytes: 0x0fa8,
  slideList: 0x0ff0,
  userEdit: 0x0ff5,
  persistDirectory: 0x1772,
  objectReference: 0x0bc1,
  shapeGroup: 0xf003,
  shape: 0xf004,
  shapeProperties: 0xf00a,
  options: 0xf00b,
  textBox: 0xf00d,
  childAnchor: 0xf00f,
  clientAnchor: 0xf010,
  clientData: 0xf011,
  moreOptions: 0xf122,
} as const;

const headerSize = 8;

/** The record at an offset. @throws RangeError where it leads out of the data */
export function recordAt(data: Buffer, offset: number): PptRecord {
  const head = data.readUInt16LE(offset);
  const size = data.readUInt32LE(offset + 4);
  return {
    type: data.readUInt16LE(offset + 2),
    instance: head >> 4,
    isContainer: (head & 0xf) === 0xf,
    data: data.subarray(offset + headerSize, offset + headerSize + size),
  };
}

/** The records in a container, one after another. */
export function children(data: Buffer): PptRecord[] {
  const records: PptRecord[] = [];
  for (let at = 0; at + headerSize <= data.length;) {
    const record = recordAt(data, at);
    records.push(record);
    at += headerSize + data.readUInt32LE(at + 4);
  }
  return records;
}

/** The first record of a type in a container. */
export function findChild(data: Buffer, type: number): PptRecord | undefined {
  return children(data).find((record) => record.type === type);
}

/** The value of a property of a shape, [MS-ODRAW] 2.2.9; null where the shape does not name it. */
export function shapeOption(shape: Buffer, list: number, property: number): number | null {
  const options = findChild(shape, list);
  if (!options) return null;
  for (let index = 0; index < options.instance && index * 6 + 6 <= options.data.length; index++)
    if ((options.data.readUInt16LE(index * 6) & 0x3fff) === property)
      return options.data.readUInt32LE(index * 6 + 2);
  return null;
}
