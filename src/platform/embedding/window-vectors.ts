/**
 * A vector in one byte for each dimension, on its own scale: only its direction is kept.
 * @param vector of any length that is not 0
 */
export function packWindow(vector: Float32Array): Buffer {
  const most = vector.reduce((found, value) => Math.max(found, Math.abs(value)), 0) || 1;
  return Buffer.from(Int8Array.from(vector, (value) => Math.round((value / most) * 127)).buffer);
}

/**
 * The greatest cosine of a question with the windows of a chunk; null without windows.
 * @param asked unit vector @param windows packed, one after the other
 */
export function bestWindow(asked: Float32Array, windows: Buffer): number | null {
  const packed = new Int8Array(windows.buffer, windows.byteOffset, windows.length);
  const { length } = asked;
  let best: number | null = null;
  for (let from = 0; from + length <= packed.length; from += length) {
    let dot = 0;
    let square = 0;
    for (let at = 0; at < length; at++) {
      const value = packed[from + at] ?? 0;
      dot += value * (asked[at] ?? 0);
      square += value * value;
    }
    const cosine = square > 0 ? dot / Math.sqrt(square) : 0;
    if (best === null || cosine > best) best = cosine;
  }
  return best;
}
