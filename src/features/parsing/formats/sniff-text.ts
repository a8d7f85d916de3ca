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

/** Beginning of the element that makes a text a web page. */
const pageElement = /<(?:!doctype\s+html|html|head|body)\b/iy;
/** Text that may precede it: each form has one end only, so that none is tried twice. */
const before = [
  { open: '<!--', close: '-->' },
  { open: '<?xml', close: '>' },
];

/** True when a text begins like a web page, in any 8-bit encoding. Takes linear time. */
export function startsLikeHtml(head: Buffer): boolean {
  const start = head
    .subarray(0, 4096)
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^[\u00ef\u00bb\u00bf\u00fe\u00ff]+/, '');
  for (let at = skipSpace(start, 0); at < start.length; at = skipSpace(start, at)) {
    const lead = before.find(({ open }) => start.slice(at, at + open.length).toLowerCase() === open);
    if (!lead) {
      pageElement.lastIndex = at;
      return pageElement.test(start);
    }
    const end = start.indexOf(lead.close, at + lead.open.length);
    if (end < 0) return false;
    at = end + lead.close.length;
  }
  return false;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** True when there is a control character that plain text does not use. */
export function hasControls(sample: Buffer): boolean {
  return sample.includes(0) || binaryShare(sample, 'utf-8') > 0;
}

/** The kind of an OpenDocument file that is one XML file in place of a package; null for other texts. */
export function flatKind(head: Buffer): 'odt' | 'ods' | 'odp' | null {
  const kind =
    /office:mimetype\s*=\s*["']application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)\b/.exec(
      head.toString('latin1'),
    )?.[1];
  return kind === undefined ? null : kind === 'text' ? 'odt' : kind === 'spreadsheet' ? 'ods' : 'odp';
}
