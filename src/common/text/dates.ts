/** Dates in every spelling, as terms of one form: `@2025-04-11`, `@2025-04`, `@04-11`. */

// of all languages together: a spelling that two of them share means the same month in both
const months: string[] = [
  'january jan januar jänner janvier janv enero ene gennaio gen janeiro januari января',
  'february feb febr februar feber février févr fevrier febrero febbraio fevereiro fev februari февраля',
  'march mar mär märz maerz mars marzo março maart mrt марта',
  'april apr avril avr abril abr aprile апреля',
  'may mai mayo maggio mag maio mei maj мая',
  'june jun juni juin junio giugno giu junho июня',
  'july jul juli juillet juil julio luglio lug julho июля',
  'august aug août aout agosto ago augustus augusti августа',
  'september sep sept septembre septiembre settembre setembro septembrie сентября',
  'october oct oktober okt octobre octubre ottobre ott outubro out октября',
  'november nov novembre noviembre novembro ноября',
  'december dec dez dezember décembre decembre déc diciembre dic dicembre dezembro desember декабря',
];
const readNumber = new Map(
  months.flatMap((names, index) => names.split(' ').map((name) => [name, index + 1])),
);
const month = `(?<month>${[...readNumber.keys()]
  .sort((left, right) => right.length - left.length)
  .join('|')})(?![\\p{L}])\\.?`;
const day = '(?<day>\\d{1,2})';
const year = '(?<year>(?:19|20)\\d\\d)(?![\\d])';
const gap = '\\s{1,3}';
const open = '(?<![\\p{L}\\p{N}])';

const patterns: RegExp[] = [
  `(?<![\\d])(?<year>(?:19|20)\\d\\d)(?<mark>[-/.])(?<first>\\d{1,2})\\k<mark>${day}(?!\\d)`,
  `(?<![\\d.])${day}\\.\\s?(?<first>\\d{1,2})\\.\\s?(?<year>(?:19|20)\\d\\d|\\d\\d)(?!\\d|[.:]\\d)`,
  `(?<![\\d/-])(?<either>\\d{1,2})(?<mark>[/-])(?<other>\\d{1,2})\\k<mark>(?<year>(?:19|20)\\d\\d)(?![\\d])`,
  `${open}${day}(?:st|nd|rd|th|er|º|\\.)?${gap}(?:of${gap}|de${gap})?${month}(?:,?${gap}(?:de[l]?${gap})?${year})?`,
  `${open}${month}${gap}${day}(?:st|nd|rd|th)?(?![\\p{L}\\p{N}]|\\.\\d)(?:,?${gap}${year})?`,
  `${open}${month},?${gap}(?:de${gap})?${year}`,
  `(?<year>(?:19|20)\\d\\d)\\s?年\\s?(?<first>\\d{1,2})\\s?月(?:\\s?${day}\\s?日)?`,
].map((pattern) => new RegExp(pattern, 'gu'));

export interface FoundDate {
  start: number;
  end: number;
  /** All readings, the full date first; a date without a year or a day has only one. */
  terms: string[];
}

const two = (value: number): string => String(value).padStart(2, '0');
const listDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function spellDate(at: { year: number; month: number; day: number }): string[] {
  const longest = listDays[at.month - 1];
  if (longest === undefined || at.day > longest) return [];
  const [year, month, day] = [at.year > 0 && String(at.year), two(at.month), at.day > 0 && two(at.day)];
  return [
    year && day && `@${year}-${month}-${day}`,
    year && `@${year}-${month}`,
    day && `@${month}-${day}`,
  ].filter((term) => term !== false);
}

function readings(groups: Record<string, string | undefined>): string[] {
  const [day, written] = [Number(groups['day'] ?? 0), Number(groups['year'] ?? 0)];
  const year = written > 0 && written < 100 ? 2000 + written : written;
  if (groups['either'] !== undefined) {
    const [either, other] = [Number(groups['either']), Number(groups['other'])];
    const both = [
      ...spellDate({ year, month: other, day: either }),
      ...spellDate({ year, month: either, day: other }),
    ];
    return [...new Set(both)].sort((left, right) => right.length - left.length);
  }
  const month = groups['month'] === undefined ? Number(groups['first']) : readNumber.get(groups['month']);
  return spellDate({ year, month: month ?? 0, day });
}

/** Yields every date of a text, in order. @param text NFKC, lower case */
export function datesIn(text: string): FoundDate[] {
  if (!/\d/.test(text)) return [];
  const found: FoundDate[] = [];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      const terms = readings(match.groups ?? {});
      if (terms.length > 0) found.push({ start, end, terms });
    }
  }
  // of overlapping readings, keep the one that begins first, then the longest
  found.sort((left, right) => left.start - right.start || right.end - left.end);
  let end = 0;
  return found.filter((date) => {
    if (date.start < end) return false;
    end = date.end;
    return true;
  });
}
