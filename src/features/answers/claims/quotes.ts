// a quote may hold a few marks itself; each part is bounded, so that one that is never closed costs little
const part = '[^"“”„«»「」]{0,400}';
const mark = '["“”„«»「」]';
const marked = `${mark}((?:${part}${mark}){0,4}?${part})${mark}`;
const bare = `[^\\]】"“”„«»「」\\d\\s][^\\]】"“”„«»「」]{0,400}`;
/**
 * A marker with words of its source, such as `[2: "25 days"]`. Groups: number, words in marks, words without.
 */
export const quotingMarker = `[[【]\\s?(\\d{1,3})\\s?[:,]\\s?(?:${marked}|(${bare}))\\s?[\\]】]`;
const bracketed = new RegExp(quotingMarker, 'gu');

/** Words that a model gives as those of a source. */
export interface GivenQuote {
  /** The source's number, from 1. */
  number: number;
  text: string;
}

/**
 * Takes the quotes out of markers such as `[2: "25 days"]`.
 * @returns the text with `[2]` instead, and the quotes
 */
export function takeQuotes(text: string): { text: string; quotes: GivenQuote[] } {
  const quotes: GivenQuote[] = [];
  const rest = text.replace(bracketed, (_, number: string, inMarks?: string, plain?: string) => {
    quotes.push({ number: Number(number), text: (inMarks ?? plain ?? '').trim() });
    return `[${number}]`;
  });
  return { text: rest, quotes };
}

/** Signs that models write in another way than the text that they copy. */
const spellings: Record<string, string> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‘': "'",
  '’': "'",
  '‚': "'",
  '–': '-',
  '—': '-',
  '‑': '-',
  '−': '-',
};
/** Marks of Markdown, which models leave out when they copy. */
const isLeftOut = (character: string): boolean => /[*_`~\u200b\ufeff]/u.test(character);

/** A text as quotes are compared: one case, one spelling of quotation marks and dashes, single blanks, no marks of Markdown. */
export class Comparable {
  private readonly text: string;
  private readonly offsets: number[] = [];

  constructor(private readonly original: string) {
    let text = '';
    let gap = false;
    for (let at = 0; at < original.length; at++) {
      const character = original.charAt(at);
      if (isLeftOut(character)) continue;
      if (/\s/u.test(character)) {
        gap = text !== '';
        continue;
      }
      if (gap) {
        text += ' ';
        this.offsets.push(at);
        gap = false;
      }
      const lower = (spellings[character] ?? character).toLowerCase();
      text += lower.length === 1 ? lower : character;
      this.offsets.push(at);
    }
    this.text = text;
  }

  /** The words of this text that a quote repeats, as they stand here; null when they do not. */
  find(quote: string): string | null {
    const wanted = new Comparable(quote).text.replace(/[.,;:!?…]+$/u, '');
    if (wanted === '') return null;
    const at = this.text.indexOf(wanted);
    if (at < 0) return null;
    const end = (this.offsets[at + wanted.length - 1] ?? 0) + 1;
    return this.original.slice(this.offsets[at] ?? 0, end);
  }
}

/** The parts of a quote between marks of omission. */
export const splitParts = (quote: string): string[] =>
  quote
    .split(/\s?(?:\[\s?(?:\.{3}|…)\s?\]|\.{3}|…)\s?/u)
    .map((part) => part.trim())
    .filter((part) => part.length > 2);
