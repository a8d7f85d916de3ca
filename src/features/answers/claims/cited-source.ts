import { analyze } from '../../../common/text/analyzer.js';
import { foldSpace } from '../../../common/text/clean.js';
import { splitPassages } from '../../../common/text/passages.js';
import type { Source } from '../sources.js';
import { findFigures, holdsNumbers } from './figures.js';
import { Comparable, splitParts } from './quotes.js';

/** Words of a statement that are looked up: far more than any honest statement has. */
const maxTerms = 64;

/** A passage that says a statement. */
export interface Support {
  text: string;
  /** Share of the statement's words, numbers twice, 0…1. */
  share: number;
}

interface IndexedPassage {
  text: string;
  size: number;
}

/**
 * A source as quotes are looked up in it: folded and split
 * into passages once, whatever the number of its citations.
 */
export class CitedSource {
  private readonly content: string;
  private readonly parts: { content: string; page: number | null }[];
  private comparable: Comparable | undefined;
  private figures: Set<string> | undefined;
  private passages: IndexedPassage[] | undefined;
  /** Passages by the terms that they hold. */
  private readonly holders = new Map<string, number[]>();

  constructor(readonly source: Source) {
    this.content = foldSpace(source.content);
    this.parts = (source.parts ?? []).map(({ content, page }) => ({ content: foldSpace(content), page }));
  }

  holds(quote: string): boolean {
    const folded = foldSpace(quote);
    return folded !== '' && this.content.includes(folded);
  }

  /**
   * The source's own words for a quote that may differ in
   * case, in quotation marks, dashes or marks of Markdown.
   */
  splitWords(quote: string): string[] {
    if (this.holds(quote)) return [quote];
    this.comparable ??= new Comparable(this.source.content);
    const { comparable } = this;
    const found = splitParts(quote).map((part) => comparable.find(part));
    return found.length > 0 && found.every((part) => part !== null) ? found : [];
  }

  findPage(quote: string): number | null {
    const folded = foldSpace(quote);
    const holder = this.parts.find(({ content }) => folded !== '' && content.includes(folded));
    return holder ? holder.page : this.source.page;
  }

  /** True when every number of the statement stands in the source or in what it is called. */
  holdsNumbers(statement: string): boolean {
    const { content, heading, title, filename, language } = this.source;
    this.figures ??= findFigures([content, heading, title, filename].join('\n'), language);
    return holdsNumbers(statement, this.figures);
  }

  /** The passage that says most of a statement; null when none shares a word with it. */
  supporting(statement: string): Support | null {
    const wanted = [...new Set(analyze(statement, this.source.language).terms)].slice(0, maxTerms);
    const getWeight = (term: string): number => (/\d/u.test(term) ? 2 : 1);
    const total = wanted.reduce((sum, term) => sum + getWeight(term), 0);
    const passages = this.index();
    const shares = new Map<number, number>();
    for (const term of wanted)
      for (const place of this.holders.get(term) ?? [])
        shares.set(place, (shares.get(place) ?? 0) + getWeight(term) / total);
    let best: (Support & IndexedPassage) | null = null;
    for (const [place, share] of [...shares].sort(([left], [right]) => left - right)) {
      const passage = passages[place];
      if (!passage) continue;
      const isBetter =
        !best || share > best.share + 1e-9 || (share > best.share - 1e-9 && passage.size < best.size);
      if (isBetter) best = { ...passage, share };
    }
    return best && { text: best.text, share: best.share };
  }

  private index(): IndexedPassage[] {
    this.passages ??= splitPassages(this.source.content, this.source.language).map(({ text }, place) => {
      const terms = new Set(analyze(text, this.source.language).terms);
      for (const term of terms) this.addHolder(term, place);
      return { text, size: terms.size };
    });
    return this.passages;
  }

  private addHolder(term: string, place: number): void {
    const known = this.holders.get(term);
    if (known) known.push(place);
    else this.holders.set(term, [place]);
  }
}
