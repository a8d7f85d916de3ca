import { decodeText } from '../shared/decode.js';

export interface MimePart {
  /** Lower case, `text/plain` when nothing is declared. */
  type: string;
  /** Parameters of the content type, names in lower case. */
  parameters: Map<string, string>;
  headers: Map<string, string>;
  /** A name was given or the part is declared an attachment. */
  attachment: boolean;
  filename: string | null;
  /** Decoded from its transfer encoding; empty for multiparts. */
  body: Buffer;
  parts: MimePart[];
}

const maxDepth = 30;
const maxParts = 2_000;
const headerLimit = 256 * 1024;

/** Reads a message or one part of it. Never throws: broken parts are read as plain text. */
export function parseMime(bytes: Buffer, depth = 0, budget = { parts: maxParts }): MimePart {
  const { head, body } = splitHead(bytes);
  const headers = parseHeaders(head);
  const { value: type, parameters } = parseParameters(headers.get('content-type') ?? 'text/plain');
  const disposition = parseParameters(headers.get('content-disposition') ?? '');
  const filename = disposition.parameters.get('filename') ?? parameters.get('name') ?? null;
  const part: MimePart = {
    type: type.toLowerCase() || 'text/plain',
    parameters,
    headers,
    attachment:
      /^attachment$/i.test(disposition.value) || (filename !== null && !/^inline$/i.test(disposition.value)),
    filename: filename === null ? null : decodeWords(filename),
    body: Buffer.alloc(0),
    parts: [],
  };
  const boundary = parameters.get('boundary');
  if (part.type.startsWith('multipart/') && boundary && depth < maxDepth) {
    for (const piece of splitParts(body, boundary)) {
      if (--budget.parts < 0) break;
      part.parts.push(parseMime(piece, depth + 1, budget));
    }
  } else {
    part.body = decodeTransfer(body, headers.get('content-transfer-encoding') ?? '');
    if (part.type === 'message/rfc822' && depth < maxDepth && --budget.parts >= 0)
      part.parts.push(parseMime(part.body, depth + 1, budget));
  }
  return part;
}

/** A header's text with its encoded words (RFC 2047) decoded. */
export function decodeWords(text: string): string {
  return text
    .replace(/(=\?[^?\s]{1,60}\?[bq]\?[^?]{0,4000}\?=)\s+(?==\?)/gi, '$1')
    .replace(
      /=\?([^?\s*]{1,60})(?:\*[^?]{0,20})?\?([bq])\?([^?]{0,4000})\?=/gi,
      (_, charset: string, encoding: string, data: string) => {
        const bytes = /b/i.test(encoding)
          ? Buffer.from(data, 'base64')
          : quotedPrintable(Buffer.from(data.replaceAll('_', ' '), 'latin1'));
        return decodeText(bytes, charset).text;
      },
    );
}

function splitHead(bytes: Buffer): { head: Buffer; body: Buffer } {
  // a part may begin with its body at once
  if (bytes[0] === 0x0a) return { head: Buffer.alloc(0), body: bytes.subarray(1) };
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return { head: Buffer.alloc(0), body: bytes.subarray(2) };
  const ends = ['\r\n\r\n', '\n\n', '\r\r']
    .map((end) => ({ end, at: bytes.indexOf(end, 0, 'latin1') }))
    .filter(({ at }) => at >= 0);
  const first = ends.toSorted((a, b) => a.at - b.at)[0];
  if (!first) return { head: bytes, body: Buffer.alloc(0) };
  return { head: bytes.subarray(0, first.at), body: bytes.subarray(first.at + first.end.length) };
}

function parseHeaders(head: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  const text = decodeText(head.subarray(0, headerLimit)).text.replace(/\n[ \t]+/g, ' ');
  for (const line of text.split('\n')) {
    const match = /^([\w-]{1,100})[ \t]*:[ \t]*(.*)$/.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name !== undefined && !headers.has(name)) headers.set(name, match?.[2]?.trim() ?? '');
  }
  return headers;
}

/** `value; name="text"; name*0*=utf-8''te%20xt` (RFC 2231). */
function parseParameters(header: string): { value: string; parameters: Map<string, string> } {
  const parameters = new Map<string, string>();
  const value = (header.split(';')[0] ?? '').trim();
  const pieces = header
    .slice(0, 8000)
    .matchAll(/;\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g);
  const continued = new Map<string, { text: string; encoded: boolean }>();
  for (const [, name = '', quoted, bare] of pieces) {
    const text = (quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '').trim();
    const [, key = '', extended] = /^([^*]+)(?:\*\d+)?(\*)?$/.exec(name.toLowerCase()) ?? [];
    if (key === name.toLowerCase()) parameters.set(key, text);
    else {
      const before = continued.get(key);
      continued.set(key, {
        text: (before?.text ?? '') + text,
        encoded: (before?.encoded ?? false) || extended !== undefined,
      });
    }
  }
  for (const [key, { text, encoded }] of continued)
    parameters.set(key, encoded ? percentDecoded(text) : text);
  return { value, parameters };
}

function percentDecoded(text: string): string {
  const match = /^([\w-]*)'[^']*'(.*)$/s.exec(text);
  const data = (match?.[2] ?? text).replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return decodeText(Buffer.from(data, 'latin1'), match?.[1] || 'utf-8').text;
}

function splitParts(body: Buffer, boundary: string): Buffer[] {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start = -1;
  for (
    let at = body.indexOf(mark);
    at >= 0 && parts.length < maxParts;
    at = body.indexOf(mark, at + mark.length)
  ) {
    // a boundary is at the beginning of a line
    if (at > 0 && body[at - 1] !== 0x0a && body[at - 1] !== 0x0d) continue;
    if (start >= 0) parts.push(body.subarray(start, Math.max(start, lineEndBefore(body, at))));
    const after = at + mark.length;
    if (body[after] === 0x2d && body[after + 1] === 0x2d) return parts;
    const line = body.indexOf(0x0a, after);
    start = line < 0 ? body.length : line + 1;
  }
  // a message that was cut off has no closing boundary
  if (start >= 0 && start < body.length && parts.length < maxParts) parts.push(body.subarray(start));
  return parts;
}

function lineEndBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== 0x0a) return at - 1;
  return body[at - 2] === 0x0d ? at - 2 : at - 1;
}

function decodeTransfer(body: Buffer, encoding: string): Buffer {
  if (/base64/i.test(encoding)) return Buffer.from(body.toString('latin1'), 'base64');
  return /quoted-printable/i.test(encoding) ? quotedPrintable(body) : body;
}

/** Bytes written as `=C3=A4`. */
export function quotedPrintable(body: Buffer): Buffer {
  const text = body.toString('latin1').replace(/=[ \t]{0,100}\r?\n/g, '');
  return Buffer.from(
    text.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
