/** Where the name begins in the description of a font, [MS-DOC] 2.9.82. */
const nameAt = 39;

/** The names of a document's fonts by their number. */
export function fontNames(table: Buffer): string[] {
  const names: string[] = [];
  if (table.length < 4) return names;
  const count = table.readUInt16LE(0);
  for (let at = 4; names.length < count && at < table.length;) {
    const size = table.readUInt8(at);
    const name = table.subarray(at + 1 + nameAt, at + 1 + size).toString('utf16le');
    names.push(name.slice(0, (name + '\0').indexOf('\0')));
    at += 1 + size;
  }
  return names;
}
