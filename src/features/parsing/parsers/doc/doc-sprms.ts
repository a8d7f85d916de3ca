const operandSizes = [1, 1, 2, 4, 2, 2, -1, 3];

/** Single property modifiers: a code whose upper bits tell the size of its operand. */
export function* readSprms(bytes: Buffer): Generator<{ code: number; operand: Buffer }> {
  for (let offset = 0; offset + 2 < bytes.length;) {
    const code = bytes.readUInt16LE(offset);
    offset += 2;
    let size = operandSizes[code >> 13] ?? 1;
    if (size === -1) {
      // table definitions have a length of two bytes, which counts one too many
      const wide = code === 0xd608 || code === 0xd606;
      if (wide && offset + 2 > bytes.length) return;
      size = wide ? bytes.readUInt16LE(offset) + 1 : bytes.readUInt8(offset) + 1;
    }
    yield { code, operand: bytes.subarray(offset, offset + size) };
    offset += size;
  }
}
