/**
 * Part numbers, error codes, contract and CVE numbers. They are exact: a similar code means another thing.
 */

/** Letters and digits, joined by the marks that codes contain. */
const chains = /[\p{L}\p{N}]+(?:[-‐_./:][\p{L}\p{N}]+)*/gu;
const joints = /[-‐_./:]/u;
/** Boundaries between letters and digits. */
const seams = /(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u;
const maxLength = 48;
const maxGroups = 6;
/**
 * Digits with marks between them and without letters are a code from this length on: phone and account
 * numbers. Shorter ones are amounts, times and ranges.
 */
const minDigits = 7;

const ordinal = /^\d+(?:st|nd|rd|th|er|ère|e|ème|te|ter|ten|tes|º|ª)$/u;
const quantity =
  /^\d+(?:[.,]\d+)*(?:mm|cm|m|km|mg|g|kg|t|ml|cl|l|s|ms|min|h|hr|hrs|d|w|y|a|v|mv|kv|w|kw|mw|kwh|hz|khz|mhz|ghz|b|kb|mb|gb|tb|kib|mib|gib|x|k|m|am|pm|uhr|eur|usd|gbp|chf|°c|°f|c|f|bar|nm|pa|kpa|mpa|in|ft|lb|oz|px|pt|dpi|rpm|ppm|db)$/u;
/** A count before a word: "4-day", "24-hour". */
const counted = /^\d+(?:[-‐]\p{L}{3,})+$/u;

const splitPieces = (chain: string): string[] => chain.split(joints).flatMap((group) => group.split(seams));
const withoutZeros = (digits: string): string => digits.replace(/^0+(?=\d)/u, '');
const isDigits = (piece: string): boolean => /^\d+$/.test(piece);

/** @param chain lower case */
function isCode(chain: string): boolean {
  if (chain.length < 2 || chain.length > maxLength || !/\d/.test(chain)) return false;
  const groups = chain.split(joints).length;
  if (groups > maxGroups || ordinal.test(chain) || quantity.test(chain) || counted.test(chain)) return false;
  return /\p{L}/u.test(chain) || (groups > 1 && chain.replace(/\D/gu, '').length >= minDigits);
}

/**
 * The index terms of a code, the same for every spelling: without its marks and without leading zeros. Digits
 * that only a mark separates stay separate.
 * @param chain lower case
 */
export function codeTerms(chain: string): string[] {
  const pieces = splitPieces(chain);
  const canonical = pieces.map(withoutZeros).reduce((joined, piece) => {
    const apart = /\d$/.test(joined) && isDigits(piece);
    return joined + (apart ? '-' : '') + piece;
  });
  return [...new Set([canonical, pieces.join('')])];
}

/** Yields every code of a text. @param text NFKC, lower case */
export function* codesIn(text: string): Generator<{ start: number; end: number; terms: string[] }> {
  for (const match of text.matchAll(chains)) {
    const [chain] = match;
    if (isCode(chain)) yield { start: match.index, end: match.index + chain.length, terms: codeTerms(chain) };
    // a number with leading zeros equals the number without them
    else if (/^0+[1-9]\d*$/.test(chain))
      yield { start: match.index, end: match.index + chain.length, terms: [withoutZeros(chain)] };
  }
}

/** A term of a question that cannot be replaced by a similar one. */
export interface ExactTerm {
  /** As the user typed it. */
  text: string;
  start: number;
  end: number;
  /** Each of these index terms stands for it. */
  terms: string[];
  /** The words that it consists of: a text that has them side by side contains it too. */
  pieces: string[];
  /** False for words that may be a code or a word: they count as a code when the documents contain them. */
  certain: boolean;
}

const spacedCode =
  /(?<![\p{L}\p{N}])(\p{L}{1,5})\s(\d{2,12}\p{L}?)(?:\s(\p{L}{1,4}|\d{2,8}))?(?![\p{L}\p{N}])/gu;
/** Capital letters before a number that do not name a thing. */
const measures = new Set('EUR USD GBP CHF SEK NOK DKK PLN JPY CNY CAD AUD INR Q FY CEO CFO I A'.split(' '));
const year = /^(?:19|20)\d\d$/;
/** Parts of a year. */
const span = /^[qh][1-4]$/;
const named =
  /(?<![\p{L}\p{N}])(?:error|fault|alarm|code|ticket|incident|invoice|order|article|part|item|asset|serial|contract|case|fehler|störung|rechnung|auftrag|bestellung|artikel|vertrag|erreur|facture|commande|contrat|no|nr|num|number|nummer|numéro)(?:\s(?:code|number|no|nr|nummer|numéro))?\.?\s?[:#]?\s?(\d{3,12})(?![\p{L}\p{N}]|[.,:/-]\d)/giu;
/** More codes than any honest question names: each of them is looked for in every passage. */
const maxExactTerms = 64;
const hashed = /(?<![\p{L}\p{N}#])#(\d{2,12})(?![\p{L}\p{N}])/gu;

/** The exact terms of a question, the first 64. @param question NFKC, as the user typed it */
export function exactTerms(question: string): ExactTerm[] {
  const found: ExactTerm[] = [];
  const add = (text: string, start: number, chain: string, certain = true): void => {
    const end = start + text.length;
    if (found.length >= maxExactTerms || found.some((other) => start < other.end && other.start < end))
      return;
    const pieces = splitPieces(chain.toLowerCase());
    found.push({ text, start, end, terms: codeTerms(chain.toLowerCase()), pieces, certain });
  };
  for (const match of question.matchAll(spacedCode)) {
    const [text, letters = '', digits = '', tail = ''] = match;
    const isUpper = letters === letters.toUpperCase() && letters !== letters.toLowerCase();
    if (measures.has(letters.toUpperCase()) || year.test(digits) || (!isUpper && letters.length > 3))
      continue;
    const hasTail = tail !== '' && isUpper && tail === tail.toUpperCase();
    const whole = hasTail ? text : text.slice(0, letters.length + 1 + digits.length);
    const chain = hasTail || isUpper || tail.length === 0 ? whole : text;
    add(chain, match.index, chain.replaceAll(/\s/gu, '-'), isUpper && digits.length >= 3);
  }
  for (const match of question.matchAll(chains)) {
    const chain = match[0].toLowerCase();
    if (isCode(chain) && !span.test(chain)) add(match[0], match.index, chain);
  }
  for (const pattern of [named, hashed]) {
    for (const match of question.matchAll(pattern)) {
      const digits = match[1] ?? '';
      if (!year.test(digits)) add(digits, match.index + match[0].length - digits.length, digits);
    }
  }
  return found.sort((left, right) => left.start - right.start);
}

/** The form of a code: `e-1042` and `e-1043` have the same. @param term as `codeTerms` returns it */
export const reduceToShape = (term: string): string =>
  term.replace(/\d+/gu, (digits) => `9${digits.length}`).replace(/-/gu, '');
