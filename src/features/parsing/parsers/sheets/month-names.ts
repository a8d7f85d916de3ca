import { SSF } from '@e965/xlsx';

/** Languages by the lower ten bits of their number in a format; English is what formats say by themselves. */
const languages: Readonly<Record<number, string>> = {
  0x03: 'ca',
  0x05: 'cs',
  0x06: 'da',
  0x07: 'de',
  0x08: 'el',
  0x0a: 'es',
  0x0b: 'fi',
  0x0c: 'fr',
  0x0e: 'hu',
  0x10: 'it',
  0x13: 'nl',
  0x14: 'nb',
  0x15: 'pl',
  0x16: 'pt',
  0x18: 'ro',
  0x19: 'ru',
  0x1a: 'hr',
  0x1b: 'sk',
  0x1d: 'sv',
  0x1f: 'tr',
  0x22: 'uk',
  0x24: 'sl',
};
const languageBits = 0x3ff;
const names = /"[^"]*"|\\.|\[[^\]]*\]|m{3,5}|d{3,4}/gi;
const eraParts = /"[^"]*"|\\.|\[[^\]]*\]|g{1,3}e{1,2}(?!n)/gi;
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * A date format of another language (`[$-407]d. mmmm yyyy`) with the names of the month and
 * of the day of the week written out: SSF knows the English ones only.
 */
export function withNames(code: string, number: number, date1904: boolean): string {
  if (code.length > 255) return code;
  if (/(?<!\\)ge(?!n)/i.test(code)) return withEra(code, number, date1904);
  const mark = /\[\$[^\]-]{0,8}-[0-9a-f]{0,4}?([0-9a-f]{3,4})\]/i.exec(code)?.[1];
  const language = mark && languages[parseInt(mark, 16) & languageBits];
  if (!language || !/m{3}|d{3}/i.test(code)) return code;
  // null for a number that is no date
  const parsed = SSF.parse_date_code(number, { date1904 }) as { y: number; m: number; d: number } | null;
  if (!parsed) return code;
  const day = Date.UTC(parsed.y, parsed.m - 1, parsed.d);
  return code.replace(names, (piece) =>
    /^(?:m{3,4}|d{3,4})$/i.test(piece) ? `"${nameOf(day, language, piece.toLowerCase())}"` : piece,
  );
}

/** `ggge` in a Japanese date is the era and its year: `令和8`. */
function withEra(code: string, number: number, date1904: boolean): string {
  const parsed = SSF.parse_date_code(number, { date1904 }) as { y: number; m: number; d: number } | null;
  if (!parsed) return code;
  const day = Date.UTC(parsed.y, parsed.m - 1, parsed.d);
  return code.replace(eraParts, (piece) => {
    if (!/^g{1,3}e{1,2}$/i.test(piece)) return piece;
    const letters = piece.length - piece.toLowerCase().indexOf('e');
    const width = { 1: 'narrow', 2: 'short', 3: 'long' } as const;
    const era = new Intl.DateTimeFormat('ja-JP-u-ca-japanese', {
      era: width[(piece.length - letters) as 1 | 2 | 3],
      year: 'numeric',
      timeZone: 'UTC',
    }).formatToParts(day);
    const part = (type: string): string => era.find((one) => one.type === type)?.value ?? '';
    const name = piece.length - letters === 2 ? part('era').slice(0, 1) : part('era');
    return `"${name}${part('year').replace('元', '1').padStart(letters, '0')}"`;
  });
}

function nameOf(day: number, language: string, letters: string): string {
  const key = `${language} ${letters}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    const width = letters.length === 4 ? ('long' as const) : ('short' as const);
    const part = letters.startsWith('m') ? { month: width } : { weekday: width };
    formatter = new Intl.DateTimeFormat(language, { ...part, timeZone: 'UTC' });
    formatters.set(key, formatter);
  }
  return formatter.format(day).replace(/["\\]/g, '').replace(/\.$/, '');
}
