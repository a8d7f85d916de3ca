import { binaryShare, detectEncoding } from '../parsers/shared/decode.js';

/**
 * True when a piece of a file reads as text in an encoding that we decode; `head` is the file's beginning if
 * `sample` is not.
 */
export function isTextSample(sample: Buffer, cut: boolean, head: Buffer = sample): boolean {
  const encoding = detectEncoding(head, cut || head !== sample);
  if (encoding === null) return false;
  return head === sample || binaryShare(sample, encoding) <= 0.02;
}

/** True when a text begins like a web page, in any 8-bit encoding. */
export function startsLikeHtml(head: Buffer): boolean {
  const start = head
    .subarray(0, 4096)
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^[\u00ef\u00bb\u00bf\u00fe\u00ff]+/, '');
  return /^(?:\s|<!--[^]*?-->|<\?xml[^>]*\?>)*<(?:!doctype\s+html|html|head|body)\b/i.test(start);
}

/** True when there is a control character that plain text does not use. */
export function hasControls(sample: Buffer): boolean {
  return sample.includes(0) || binaryShare(sample, 'utf-8') > 0;
}
