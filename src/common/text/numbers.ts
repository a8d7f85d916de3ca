/**
 * Numbers in every spelling: `25,000`, `25.000` and `25
 * 000`; `10kg` and `10 kg`; "four" and `4`; `€` and `EUR`.
 */

const grouped = /(?<![\d.,])\d{1,3}(?<mark>[,.'’ ])\d{3}(?:\k<mark>\d{3})*(?!\d)/gu;
const decimal = /(?<![\d.,])(?<whole>\d+)[.,](?<part>\d{1,2})(?![\d.,]*\d)/gu;
const measured =
  /(?<![\p{L}\p{N}.,])(?<value>\d+)\s?-?(?<unit>mm|cm|km|mg|kg|ml|ms|min|kw|kwh|hz|khz|mhz|ghz|kb|mb|gb|tb|kib|mib|gib|h|g|m|l|s|v|w|d)(?![\p{L}\p{N}])/gu;
const priced = /(?<sign>[€$£])\s?(?=\d)|(?<=\d\s?)(?<after>[€$£%])/gu;
const signs: Record<string, string> = { '€': 'eur', $: 'usd', '£': 'gbp', '%': '%' };

export interface FoundNumber {
  start: number;
  end: number;
  terms: string[];
}

const foundAt = (match: RegExpExecArray, terms: string[]): FoundNumber => ({
  start: match.index,
  end: match.index + match[0].length,
  terms,
});

/** Yields numbers that the analyzer would cut into several words. @param text NFKC, lower case */
export function wholeNumbersIn(text: string): FoundNumber[] {
  if (!/\d/.test(text)) return [];
  const found = [...text.matchAll(grouped)].map((match) => foundAt(match, [match[0].replace(/\D/gu, '')]));
  for (const match of text.matchAll(decimal)) {
    const { whole = '', part = '' } = match.groups ?? {};
    found.push(foundAt(match, [/^0+$/.test(part) ? whole : `${whole}.${part.replace(/0$/, '')}`]));
  }
  return found;
}

/** @param text NFKC, lower case */
export function numbersIn(text: string): FoundNumber[] {
  if (!/\d/.test(text)) return [];
  const found = wholeNumbersIn(text);
  const add = (match: RegExpExecArray, ...terms: string[]): void => {
    found.push(foundAt(match, terms));
  };
  for (const match of text.matchAll(measured)) {
    const { value = '', unit = '' } = match.groups ?? {};
    add(match, value + unit, value, unit);
  }
  for (const match of text.matchAll(priced)) {
    const sign = signs[match.groups?.['sign'] ?? match.groups?.['after'] ?? ''];
    if (sign !== undefined) add(match, sign);
  }
  return found;
}

const small: Record<string, string> = {
  en: 'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty',
  de: 'zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig',
  fr: 'deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt',
  nl: 'twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien twintig',
  es: 'dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte',
  it: 'due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti',
  pt: 'dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove vinte',
  sv: 'två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton tjugo',
  da: 'to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tyve',
  no: 'to tre fire fem seks sju åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten tjue',
};
const tens: Record<string, string> = {
  en: 'thirty forty fifty sixty seventy eighty ninety hundred',
  de: 'dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert',
  fr: 'trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix cent',
  nl: 'dertig veertig vijftig zestig zeventig tachtig negentig honderd',
  es: 'treinta cuarenta cincuenta sesenta setenta ochenta noventa cien',
  it: 'trenta quaranta cinquanta sessanta settanta ottanta novanta cento',
  pt: 'trinta quarenta cinquenta sessenta setenta oitenta noventa cem',
  sv: 'trettio fyrtio femtio sextio sjuttio åttio nittio hundra',
};
/** Number words that usually mean something else in the language. */
const mistaken: Record<string, string[]> = { it: ['sei'], da: ['to', 'ti', 'ni'], no: ['to', 'ti', 'ni'] };
const same: Record<string, string> = {
  euro: 'eur',
  euros: 'eur',
  dollar: 'usd',
  dollars: 'usd',
  percent: '%',
  prozent: '%',
  procent: '%',
  pourcent: '%',
};

const byLanguage = new Map(
  Object.entries(small).map(([language, words]): [string, Map<string, string>] => [
    language,
    new Map([
      ...words.split(' ').map((word, index): [string, string] => [word, String(index + 2)]),
      ...(tens[language] ?? '').split(' ').map((word, index): [string, string] => [word, `${index + 3}0`]),
    ]),
  ]),
);
for (const [language, words] of Object.entries(mistaken))
  for (const word of words) byLanguage.get(language)?.delete(word);

/**
 * The figure or sign for a word; undefined for other words.
 * @param word lower case
 * @param language ISO 639-1; English when unknown
 */
export const readFigure = (word: string, language: string | null): string | undefined =>
  byLanguage.get(language ?? 'en')?.get(word) ?? (Object.hasOwn(same, word) ? same[word] : undefined);
