const headerSize = 0x44;
/** The state of a field that nobody has touched: its default holds. */
const untouched = 25;
const maxEntries = 100;

/**
 * Reads the text of a form field from its description in the data stream ([MS-DOC] 2.9.78): `[x]`, or the
 * chosen entry of a list. '' for text fields, whose text stands in the document, and for damaged ones.
 */
export function formFieldText(data: Buffer, offset: number): string {
  if (offset < 0 || offset + headerSize + 10 > data.length) return '';
  const field = data.subarray(offset + headerSize, offset + data.readUInt32LE(offset));
  if (field.length < 12 || field.readUInt32LE(0) !== 0xffffffff) return '';
  const bits = field.readUInt16LE(4);
  const kind = bits & 3;
  if (kind === 0) return '';
  const afterName = skipTexts(field, 10, 1);
  if (afterName + 2 > field.length) return '';
  const result = (bits >> 2) & 0x1f;
  const state = result === untouched ? field.readUInt16LE(afterName) : result;
  if (kind === 1) return state === 1 ? '[x]' : '[ ]';
  return readEntries(field, skipTexts(field, afterName + 2, 5))[state] ?? '';
}

/** Texts have their length before them and a zero behind. */
function skipTexts(field: Buffer, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count && at + 2 <= field.length; i++) at += 2 + field.readUInt16LE(at) * 2 + 2;
  return at;
}

function readEntries(field: Buffer, start: number): string[] {
  const entries: string[] = [];
  if (start + 6 > field.length || field.readUInt16LE(start) !== 0xffff) return entries;
  const count = Math.min(field.readUInt16LE(start + 2), maxEntries);
  for (let at = start + 6; entries.length < count && at + 2 <= field.length;) {
    const end = at + 2 + field.readUInt16LE(at) * 2;
    entries.push(field.toString('utf16le', at + 2, end));
    at = end;
  }
  return entries;
}
