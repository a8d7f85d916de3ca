import { crc32 } from 'node:zlib';
import { decodeText } from '../parsers/shared/decode.js';

// Bytes from 0x80 in code page 437, which zip prescribes for names that are not UTF-8.
const upperHalf =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';

/** Letters of Western languages: a name that has others in code page 437 was written in another one. */
const western = /^[\0-\x7fÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜáíóúñÑªº¿¡«»ß°]*$/;

/**
 * The name of an entry: as its Unicode field says, as UTF-8 where its bytes are that, else in code page 437,
 * or in the one that its letters look like: Windows writes names in that of its country.
 */
export function decodeZipName(raw: Buffer, isUtf8: boolean, unicodePath: Buffer): string {
  if (unicodePath.length > 5 && unicodePath[0] === 1 && unicodePath.readUInt32LE(1) === crc32(raw))
    return unicodePath.toString('utf8', 5);
  if (isUtf8) return raw.toString('utf8');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    const name = Array.from(raw, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : upperHalf[byte - 0x80],
    ).join('');
    return western.test(name) ? name : (inOtherPage(raw, name) ?? decodeText(raw).text);
  }
}

const cyrillic = /^[\0-\x7f\u0410-\u044f\u0401\u0451№–]*$/;
// no Russian word has Latin letters, or a capital behind a small letter
const mixed = /[A-Za-z][\u0410-\u0451]|[\u0410-\u0451][A-Za-z]|[\u0430-\u044f\u0451][\u0410-\u042f\u0401]/;
// what code page 850 has in the place of signs of 437, beside the letters that both have
const letters850: Readonly<Record<string, string>> = Object.fromEntries(
  [
    '¢ø',
    '¥Ø',
    '╡Á',
    '╢Â',
    '╖À',
    '╞ã',
    '╟Ã',
    '╥Ê',
    '╙Ë',
    '╘È',
    '╓Í',
    '╫Î',
    '╪Ï',
    'αÓ',
    'ΓÔ',
    'πÒ',
    'Σõ',
    'σÕ',
    'ΘÚ',
    'ΩÛ',
    'δÙ',
  ].map(([sign = '', letter = '']) => [sign, letter]),
);

/** The name in the code pages that Windows uses in Russia and in Western Europe. */
function inOtherPage(raw: Buffer, name: string): string | null {
  const russian = new TextDecoder('ibm866').decode(raw);
  if (cyrillic.test(russian) && !mixed.test(russian)) return russian;
  const other = Array.from(name, (sign) => letters850[sign] ?? sign).join('');
  return western.test(other.replace(/[øØÁÂÀãÃÊËÈÍÎÏÓÔÒõÕÚÛÙ]/g, '')) ? other : null;
}
