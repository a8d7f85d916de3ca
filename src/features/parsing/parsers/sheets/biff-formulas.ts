const formulas: ReadonlySet<number> = new Set([0x06, 0x206, 0x406]);
/** Excel itself writes down which version computed a workbook. */
const computedBy = 0x1c1;
const emptyText = 3;

/**
 * True for a workbook of which nobody has computed a formula: libraries write all
 * results as an empty text, or as 0 without the version that computed them.
 * @param stream the records of the workbook
 */
export function isUncomputed(stream: Buffer): boolean {
  let empty = 0;
  let zero = 0;
  let wasComputed = false;
  for (let at = 0; at + 4 <= stream.length;) {
    const type = stream.readUInt16LE(at);
    const data = stream.subarray(at + 4, at + 4 + stream.readUInt16LE(at + 2));
    at += 4 + data.length;
    wasComputed ||= type === computedBy;
    if (!formulas.has(type) || data.length < 14) continue;
    if (data[6] === emptyText && data.readUInt16LE(12) === 0xffff) empty++;
    else if (data.readDoubleLE(6) === 0) zero++;
    else return false;
  }
  return zero > 0 ? !wasComputed : empty > 0;
}
