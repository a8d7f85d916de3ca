import { analyze } from '../../common/text/analyzer.js';
import { foldSpace } from '../../common/text/clean.js';
import { filenameWords } from '../../common/text/filename-words.js';
import { makeInert } from '../../common/text/inert.js';
import { detectLanguage } from '../../common/text/language.js';
import { passagesOf, type Passage } from '../../common/text/passages.js';
import { isAskingTerm } from '../../common/text/question-words.js';
import { isUnspaced } from '../../common/text/segmentation.js';
import type { Quote, Source } from './sources.js';

/** A quotable passage of a source with its analysed terms. */
interface Candidate {
  source: number;
  passage: Passage;
  /** The question in the stems of this source's language, word for word as in the others. */
  query: string[];
  terms: Set<string>;
  sequence: string[];
  /** Terms of what stands around it and says what it is about: title, heading path, column titles, the sentence before. */
  context: Set<string>;
  near: Set<string>;
  /** Terms of the heading that it stands under itself. */
  heading: Set<string>;
}

export interface Extract {
  answer: string;
  quotes: Quote[];
  /** Idf-weighted share of the question that the quoted passages and what they stand under cover, 0…1. */
  support: number;
}

const mostPassages = 3;
const contextWeight = 0.6;
const nearWeight = 0.35;
// Measured on every third XQuAD question over the 8 best paragraphs: refuses 2% (en, de), 5% (ar), 0% (zh) of what they answer; the first quote
// is from the judged paragraph in .92, .89, .88 and .96. Without that paragraph 19%, 29%, 25% and 17% are refused: the search's threshold
// has to do that. N-grams of a question seldom all stand in its answer, hence less for unspaced scripts.
const leastSupport = { spaced: 0.3, unspaced: 0.19 };
const addedSupport = 0.15;
/** Of the question's weight, what a row holds that has both the thing and what is asked of it. */
const wholeRow = 0.75;
// a passage of a source with less than this share of the best one's support answers nothing beside it
const equallyAbout = 0.5;
// a heading that holds this much of the question is the same question
const sameQuestion = 0.9;
/** Characters of a section that is quoted as a whole. */
const shortSection = 500;
// in a question with two parts a passage that covers this much more joins however weak it is by itself
const otherHalf = 0.3;

const asksForNumber =
  /\b(?:how (?:many|much|long|old|far|often|high|large)|what (?:year|date|time|percentage)|when|wie ?viele?|wie (?:lange?|hoch|oft|alt|weit)|wann|combien|quand|quel(?:le)? (?:année|date)|cu[aá]nt[oa]s?|cu[aá]ndo|quant[oiae]|quando|hoeveel|wanneer|ile|kiedy|hur (?:många|mycket)|när|kaç|ne zaman|сколько|когда)\b|多少|几|幾|何(?:人|年|日|時|個|件|歳)|いくつ|いくら|いつ|哪一?年|什么时候|كم|متى|얼마|몇|언제/iu;

const joins = /\b(?:and|und|et|y|e|en|och|og)\b|(?<!\p{L})(?:и|و)(?!\p{L})|[和及與与]|[?？؟].*[?？؟]/iu;

const termsOf = (text: string, language: string | null): string[] => analyze(text, language).terms;

/** The words that name what is asked for, each stemmed as a language does it; the same words in the same order for every language. */
function questionIn(question: string): (language: string | null) => string[] {
  const asked = detectLanguage(question);
  // in `wie hoch ist …` the second word asks too, and says nothing of what is looked for
  const text = question.replace(asksForNumber, ' ');
  const terms = termsOf(text, asked);
  const named = terms.map((term, at) => !isAskingTerm(term, asked) && terms.indexOf(term) === at);
  const whole = !named.includes(true);
  return (language) =>
    whole ? termsOf(question, language) : termsOf(text, language).filter((_, at) => named[at]);
}

const endsSentence = /[.!?…:;。！？؟۔।]["'”’»)\]]*\s*$/u;
/** Whether what a text begins with is its title and no sentence. */
const isTitle = ({ kind, block, text }: Passage): boolean =>
  kind === 'sentence' && block === undefined && !endsSentence.test(text);

function candidatesOf(sources: Source[], questionTerms: (language: string | null) => string[]): Candidate[] {
  return sources.flatMap((source, index) => {
    const { language } = source;
    const query = questionTerms(language);
    const path = (source.heading ?? '').split(' > ');
    const about = new Set(
      termsOf([source.title ?? '', ...path, ...filenameWords(source.filename)].join('\n'), language),
    );
    let heading = new Set(termsOf(path.at(-1) ?? '', language));
    let before = new Set<string>();
    const candidates: Candidate[] = [];
    const passages = passagesOf(source.content, language);
    for (const [place, passage] of passages.entries()) {
      const sequence = termsOf(passage.text, language);
      // what stands under a title of a column is of that name
      const terms = new Set([...sequence, ...termsOf((passage.columns ?? []).join('\n'), language)]);
      if (passage.kind === 'heading') {
        heading = terms;
        before = new Set();
        continue;
      }
      if (place === 0 && isTitle(passage) && passages.length > 1) {
        for (const term of terms) about.add(term);
        continue;
      }
      const context = new Set([...about, ...heading, ...termsOf(passage.block ?? '', language)]);
      candidates.push({ source: index, passage, query, terms, sequence, context, near: before, heading });
      before = passage.kind === 'row' ? new Set() : terms;
    }
    return candidates;
  });
}

/**
 * Of each word of the question. Rare words weigh more. One that no candidate holds weighs as a rare one, so that a half-matched question shows
 * as such.
 */
function weigh(words: number, candidates: Candidate[]): number[] {
  return Array.from({ length: words }, (_, at) => {
    const holders = candidates.filter(
      ({ query, terms, context }) => terms.has(query[at] ?? '') || context.has(query[at] ?? ''),
    ).length;
    return Math.log(1 + (candidates.length - holders + 0.5) / (Math.max(1, holders) + 0.5));
  });
}

const holds = ({ query, terms, context, near }: Candidate, at: number): number => {
  const term = query[at] ?? '';
  return terms.has(term) ? 1 : context.has(term) ? contextWeight : near.has(term) ? nearWeight : 0;
};

class Scorer {
  private readonly weights: number[];
  private readonly total: number;
  private readonly wantsNumber: boolean;
  /** Whether the question seems to have two parts. */
  readonly asksTwice: boolean;

  constructor(
    question: string,
    words: number,
    private readonly sources: Source[],
    candidates: Candidate[],
  ) {
    this.weights = weigh(words, candidates);
    this.total = this.weights.reduce((sum, weight) => sum + weight, 0) || 1;
    this.wantsNumber = asksForNumber.test(question);
    this.asksTwice = joins.test(question);
  }

  /** Share of the question's weight that a set of passages holds together. */
  coverage(chosen: Candidate[]): number {
    return this.share((at) => Math.max(0, ...chosen.map((candidate) => holds(candidate, at))));
  }

  /** Whether the heading by itself asks what is asked: then what stands under it is the answer. */
  isAskedBy({ heading, query }: Candidate): boolean {
    return this.share((at) => (heading.has(query[at] ?? '') ? 1 : 0)) >= sameQuestion;
  }

  /** Coverage first; words in the question's order, a number where one is asked for, and the search's order break near ties. */
  score(candidate: Candidate): number {
    const own = this.coverage([candidate]);
    const { place, support } = this.standing(candidate.source);
    const number = this.wantsNumber && /\p{N}/u.test(candidate.passage.text) ? 0.12 : 0;
    const brief = candidate.terms.size < 3 && candidate.passage.kind === 'sentence' ? -0.15 : 0;
    const naming = own >= wholeRow ? 0.5 * this.naming(candidate) : 0;
    const asking = /[?？؟]\s*$/u.test(candidate.passage.text) ? -0.2 : 0;
    return (
      own +
      0.15 * this.adjacency(candidate) +
      0.15 * place +
      0.25 * support +
      naming +
      number +
      brief +
      asking
    );
  }

  private share(held: (word: number) => number): number {
    return this.weights.reduce((sum, weight, at) => sum + weight * held(at), 0) / this.total;
  }

  /**
   * Of a row that holds what is asked of a thing and the thing: how purely one cell names the thing, less the further right it stands, so that
   * the row of a thing comes before the rows that mention it.
   */
  private naming({ passage, query, source, terms: held }: Candidate): number {
    const language = this.sources[source]?.language ?? null;
    const cells = passage.cells ?? [];
    const named = cells.map((cell, place) => {
      const terms = [...new Set(termsOf(cell, language))];
      const asked = terms.filter((term) => query.includes(term));
      const rest = query.some((term) => held.has(term) && !asked.includes(term));
      const purely = rest && asked.length > 0 ? asked.length / terms.length : 0;
      return (
        purely * (1 - place / cells.length) * this.share((at) => (asked.includes(query[at] ?? '') ? 1 : 0))
      );
    });
    return Math.max(0, ...named);
  }

  /** Whether the search found a source to be about the question hardly less than the best. */
  isAbout({ source }: Candidate): boolean {
    const best = Math.max(0, ...this.sources.map(({ score }) => score ?? 0));
    return (this.sources[source]?.score ?? best) >= equallyAbout * best;
  }

  private standing(source: number): { place: number; support: number } {
    return { place: 1 / (1 + 0.1 * source), support: this.sources[source]?.score ?? 0 };
  }

  private adjacency({ query, sequence }: Candidate): number {
    if (query.length < 2) return 0;
    const pairs = new Set(sequence.slice(1).map((term, index) => `${sequence[index]} ${term}`));
    const asked = query.slice(1).map((term, index) => `${query[index]} ${term}`);
    return asked.filter((pair) => pairs.has(pair)).length / asked.length;
  }
}

/** Best first; a passage joins the answer only when it covers something of the question that the others do not. */
function choose(candidates: Candidate[], scorer: Scorer): Candidate[] {
  const ranked = candidates
    .map((candidate) => ({ candidate, score: scorer.score(candidate) }))
    .sort((left, right) => right.score - left.score);
  const best = ranked[0]?.candidate;
  if (best && scorer.isAskedBy(best)) return section(candidates, best);
  const chosen: Candidate[] = [];
  const seen = new Set<string>();
  for (const { candidate, score } of ranked.slice(0, 40)) {
    const text = foldSpace(candidate.passage.text);
    const first = chosen.length === 0;
    const added = scorer.coverage([...chosen, candidate]) - scorer.coverage(chosen);
    const more = added >= addedSupport && score >= 0.6 * (ranked[0]?.score ?? 0) && scorer.isAbout(candidate);
    const adds = first || (added >= otherHalf && scorer.asksTwice) || more;
    if (seen.has(text) || !adds) continue;
    chosen.push(candidate);
    seen.add(text);
    if (chosen.length === mostPassages) break;
  }
  return chosen;
}

/** What the best stands among under its heading, in the order of the text and beginning with the first, where that is short. */
function section(candidates: Candidate[], best: Candidate): Candidate[] {
  const together = candidates.filter(
    ({ source, heading }) => source === best.source && heading === best.heading,
  );
  const first = together.slice(0, mostPassages);
  const length = first.reduce((sum, { passage }) => sum + passage.text.length, 0);
  return first.includes(best) && best.passage.kind === 'sentence' && length <= shortSection ? first : [best];
}

/** A row reads as `column: cell` pairs; its quote stays the row as it stands. */
function wording({ passage }: Candidate): string {
  if (passage.kind !== 'row') return foldSpace(passage.text);
  const cells = (passage.cells ?? [])
    .map((cell, index) => ({ cell, column: passage.columns?.[index] ?? '' }))
    .filter(({ cell }) => cell !== '');
  return cells.map(({ cell, column }) => (column ? `${column}: ${cell}` : cell)).join('; ');
}

/**
 * The one to three passages of the sources that support the question best, word for word, each with its marker.
 * @returns null when none is about the question
 */
export function extract(question: string, sources: Source[]): Extract | null {
  const candidates = candidatesOf(sources, questionIn(question));
  const words = candidates[0]?.query.length ?? 0;
  if (words === 0) return null;
  const scorer = new Scorer(question, words, sources, candidates);
  const chosen = choose(candidates, scorer);
  const support = scorer.coverage(chosen);
  const touched = chosen.some(({ query, terms, context }) =>
    query.some((term) => terms.has(term) || context.has(term)),
  );
  if (!touched || support < (isUnspaced(question) ? leastSupport.unspaced : leastSupport.spaced)) return null;
  const isKnown = () => true;
  const answer = chosen
    .map((candidate) => `${makeInert(wording(candidate), { isKnown })} [${candidate.source + 1}]`)
    .join('\n\n');
  return {
    answer,
    support,
    quotes: chosen.map((candidate) => ({ source: candidate.source, text: candidate.passage.text })),
  };
}
