/** The tokens of an RTF file. */
export type RtfToken =
  | { kind: 'open' }
  | { kind: 'close' }
  | { kind: 'word'; word: string; value: number | null }
  /** Bytes in the character set that is current: written raw or as `\'e9`. */
  | { kind: 'bytes'; bytes: number[] };

const maxRunLength = 64 * 1024;
const [brace, endBrace, backslash, quote, cr, lf] = [0x7b, 0x7d, 0x5c, 0x27, 0x0d, 0x0a];

/** Splits an RTF file into tokens, skipping binary data. */
export function* rtfTokens(data: Buffer): Generator<RtfToken> {
  let at = 0;
  let run: number[] = [];
  while (at < data.length) {
    const byte = data[at] ?? 0;
    if (byte === cr || byte === lf) {
      at++;
      continue;
    }
    if (byte === backslash && data[at + 1] === quote) {
      const code = parseInt(data.toString('latin1', at + 2, at + 4), 16);
      if (code >= 0) run.push(code);
      at += 4;
      continue;
    }
    if (byte !== brace && byte !== endBrace && byte !== backslash) {
      run.push(byte);
      at++;
      if (run.length < maxRunLength) continue;
      // pictures are megabytes of hexadecimal digits
      yield { kind: 'bytes', bytes: run };
      run = [];
      continue;
    }
    if (run.length > 0) yield { kind: 'bytes', bytes: run };
    run = [];
    if (byte !== backslash) {
      yield { kind: byte === brace ? 'open' : 'close' };
      at++;
      continue;
    }
    const { token, next } = controlAt(data, at + 1);
    yield token;
    at = token.word === 'bin' ? next + Math.max(0, token.value ?? 0) : next;
  }
  if (run.length > 0) yield { kind: 'bytes', bytes: run };
}

function controlAt(
  data: Buffer,
  start: number,
): { token: Extract<RtfToken, { kind: 'word' }>; next: number } {
  const match = /^([a-zA-Z]{1,32})(-?\d{1,10})?( )?/.exec(data.toString('latin1', start, start + 48));
  if (match) {
    const value = match[2] === undefined ? null : Number(match[2]);
    return { token: { kind: 'word', word: match[1] ?? '', value }, next: start + match[0].length };
  }
  const sign = data[start] ?? 0x20;
  return {
    // a line of the file that ends with a backslash ends a paragraph
    token: {
      kind: 'word',
      word: sign === cr || sign === lf ? 'par' : String.fromCharCode(sign),
      value: null,
    },
    next: start + 1,
  };
}

const charsets = new Map([
  [0, 'windows-1252'],
  [77, 'macintosh'],
  [78, 'shift_jis'],
  [128, 'shift_jis'],
  [129, 'euc-kr'],
  [134, 'gbk'],
  [136, 'big5'],
  [161, 'windows-1253'],
  [162, 'windows-1254'],
  [163, 'windows-1258'],
  [177, 'windows-1255'],
  [178, 'windows-1256'],
  [186, 'windows-1257'],
  [204, 'windows-1251'],
  [222, 'windows-874'],
  [238, 'windows-1250'],
]);
const codePages = new Map([
  [866, 'ibm866'],
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [1361, 'euc-kr'],
  [10000, 'macintosh'],
  [10001, 'shift_jis'],
  [10002, 'big5'],
  [10003, 'euc-kr'],
  [10007, 'x-mac-cyrillic'],
  [10008, 'gbk'],
  [20127, 'windows-1252'],
  [20866, 'koi8-r'],
  [20932, 'euc-jp'],
  [21866, 'koi8-u'],
  [50220, 'iso-2022-jp'],
  [50221, 'iso-2022-jp'],
  [50222, 'iso-2022-jp'],
  [51932, 'euc-jp'],
  [51936, 'gbk'],
  [51949, 'euc-kr'],
  [52936, 'gbk'],
  [54936, 'gb18030'],
  [65001, 'utf-8'],
]);

/** Encoding of a font's character set (`\fcharsetN`); undefined for the document's own. */
export function encodingOfCharset(charset: number): string | undefined {
  return charsets.get(charset);
}

/** Encoding of a Windows code page (`\ansicpgN`). */
export function encodingOfCodePage(page: number): string {
  if (page >= 1250 && page <= 1258) return `windows-${page}`;
  if (page >= 28591 && page <= 28605) return `iso-8859-${page - 28590}`;
  return codePages.get(page) ?? 'windows-1252';
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** Bytes of a token as text. */
export function decode(bytes: number[], encoding: string): string {
  // nearly all text is ASCII, in short runs
  if (bytes.length < 1_000 && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes);
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding);
  decoders.set(encoding, decoder);
  return decoder.decode(Uint8Array.from(bytes));
}
