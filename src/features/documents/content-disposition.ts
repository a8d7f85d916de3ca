import { isUtf8 } from 'node:buffer';

const parameter = /;[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/giu;
const encodedWord = /=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]*)\?=/giu;

function decodeBytes(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Decodes `utf-8'en'%C3%9Cbersicht.md` of RFC 5987; null for another form. */
function decodeExtended(value: string): string | null {
  const [, charset = '', text = ''] = /^([\w.:-]{1,40})'[^']{0,40}'(.*)$/su.exec(value.trim()) ?? [];
  if (charset === '') return null;
  const binary = text.replace(/%([0-9a-f]{2})/giu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeBytes(Buffer.from(binary, 'latin1'), charset);
}

/** `=?utf-8?B?w5xiZXJzaWNodA==?=` of RFC 2047, which .NET and PowerShell send. A word that cannot be decoded stays as it is. */
const decodeWords = (text: string): string =>
  text
    .replace(/(\?=)\s+(?==\?)/gu, '$1')
    .replace(encodedWord, (word: string, charset: string, kind: string, body: string) => {
      const binary = body
        .replaceAll('_', ' ')
        .replace(/=([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      const bytes = kind.toLowerCase() === 'b' ? Buffer.from(body, 'base64') : Buffer.from(binary, 'latin1');
      return decodeBytes(bytes, charset) ?? word;
    });

/**
 * Bytes that are not UTF-8 come from an old Western client. Browsers, curl and Python write a quote as `%22`,
 * and escape no other character.
 */
function decodePlain(binary: string): string {
  const bytes = Buffer.from(binary.replaceAll('%22', '"'), 'latin1');
  return decodeWords(isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes));
}

/**
 * Rewrites the header of a part so that it has one file name in a form that every reader understands:
 * `filename*` of RFC 5987. Clients send `filename*` before or after a substitute, as encoded words of RFC
 * 2047, or in bytes that are not UTF-8.
 * @param header the bytes of the header, one character each
 */
export function withOneFilename(header: string): string {
  const names = [...header.matchAll(parameter)].filter(([, name]) => /^filename\*?$/iu.test(name ?? ''));
  const readValue = (wanted: string): string | undefined => {
    const found = names.find(([, name]) => name?.toLowerCase() === wanted);
    return found ? (found[2] ?? found[3]?.trim() ?? '') : undefined;
  };
  const [plain, extended] = [readValue('filename'), readValue('filename*')];
  if (plain === undefined) return header;
  const isSimple = extended === undefined && !/=\?|%22/u.test(plain) && isUtf8(Buffer.from(plain, 'latin1'));
  if (isSimple) return header;
  const name = (extended === undefined ? null : decodeExtended(extended)) ?? decodePlain(plain);
  const rest = header.replace(parameter, (all: string, key: string) =>
    /^filename\*?$/iu.test(key) ? '' : all,
  );
  return `${rest}; filename*=utf-8''${encodeURIComponent(name.toWellFormed()).replaceAll("'", '%27')}`;
}
