import { analyze } from '../../common/text/analyzer.js';
import { foldSpace } from '../../common/text/clean.js';
import { makeInert } from '../../common/text/inert.js';
import { passagesOf, type Passage } from '../../common/text/passages.js';
import { isAskingTerm } from '../../common/text/question-words.js';
import { isUnspaced } from '../../common/text/segmentation.js';
import type { Quote, Source } from './sources.js';

/** A quotable passage of a source with its analysed terms. */
interface Candidate {
  source: number;
  passage: Passage;
  terms: Set<string>;
  sequence: string[];
  /** Terms of what stands around it and says what it is about: title, heading path, column titles, the sentence before. */
  context: Set<string>;
  near: Set<string>;
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
// Measured on every third XQuAD question over the 8 best paragraphs: refuses 1% (en, de), 2% (ar), 4% (zh) of what they answer; the first quote
// is from the judged paragraph in .91, .85, .84 and .90. Without that paragraph 13%, 19%, 15% and 42% are refused: the search's threshold
// has to do that. N-grams of a question seldom all stand in its answer, hence less for unspaced scripts.
const leastSupport = { spaced: 0.3, unspaced: 0.19 };
const addedSupport = 0.15;
// in a question with two parts a passage that covers this much more joins however weak it is by itself
const otherHalf = 0.3;

const asksForNumber =
  /\b(?:how (?:many|much|long|old|far|often|high|large)|what (?:year|date|time|percentage)|when|wie ?viele?|wie (?:lange?|hoch|oft|alt|weit)|wann|combien|quand|quel(?:le)? (?:année|date)|cu[aá]nt[oa]s?|cu[aá]ndo|quant[oiae]|quando|hoeveel|wanneer|ile|kiedy|hur (?:många|mycket)|när|kaç|ne zaman|сколько|когда)\b|多少|几|幾|何(?:人|年|日|時|個|件|歳)|いくつ|いくら|いつ|哪一?年|什么时候|كم|متى|얼마|몇|언제/iu;

const joins = /\b(?:and|und|et|y|e|en|och|og)\b|(?<!\p{L})(?:и|و)(?!\p{L})|[和及與与]|[?？؟].*[?？؟]/iu;

const termsOf = (text: string, language: string | null): string[] => analyze(text, language).terms;

function queryOf(question: string, language: string | null): string[] {
  // in `wie hoch ist …` the second word asks too, and says nothing of what is looked for
  const terms = termsOf(question.replace(asksForNumber, ' '), language);
  const named = terms.filter((term) => !isAskingTerm(term, language));
  return named.length > 0 ? named : termsOf(question, language);
}

function candidatesOf(sources: Source[]): Candidate[] {
  return sources.flatMap((source, index) => {
    const about = new Set(
      termsOf([source.title ?? '', source.heading ?? '', source.filename.replace(/\.\w+$/u, '')].join('\n'), source.language),
    );
    let heading = new Set<string>();
    let before = new Set<string>();
    const candidates: Candidate[] = [];
    for (const passage of passagesOf(source.content, source.language)) {
      const sequence = termsOf(passage.text, source.language);
      const terms = new Set(sequence);
      if (passage.kind === 'heading') {
        heading = terms;
        before = new Set();
        continue;
      }
      const columns = passage.columns ? termsOf(passage.columns.join('\n'), source.language) : [];
      candidates.push({ source: index, passage, terms, sequence, context: new Set([...about, ...heading, ...columns]), near: before });
      before = passage.kind === 'row' ? new Set() : terms;
    }
    return candidates;
  });
}

/** Rare terms weigh more. A term that no candidate holds weighs as a rare one, so that a half-matched question shows as such. */
function weigh(query: string[], candidates: Candidate[]): Map<string, number> {
  const weights = new Map<string, number>();
  for (const term of query) {
    const holders = candidates.filter((candidate) => candidate.terms.has(term) || candidate.context.has(term)).length;
    weights.set(term, Math.log(1 + (candidates.length - holders + 0.5) / (Math.max(1, holders) + 0.5)));
  }
  return weights;
}

const holds = (candidate: Candidate, term: string): number =>
  candidate.terms.has(term) ? 1 : candidate.context.has(term) ? contextWeight : candidate.near.has(term) ? nearWeight : 0;

class Scorer {
  private readonly weights: Map<string, number>;
  private readonly total: number;
  private readonly wantsNumber: boolean;
  /** Whether the question seems to have two parts. */
  readonly asksTwice: boolean;

  constructor(
    question: string,
    private readonly query: string[],
    private readonly sources: Source[],
    candidates: Candidate[],
  ) {
    this.weights = weigh([...new Set(query)], candidates);
    this.total = [...this.weights.values()].reduce((sum, weight) => sum + weight, 0) || 1;
    this.wantsNumber = asksForNumber.test(question);
    this.asksTwice = joins.test(question);
  }

  /** Share of the question's weight that a set of passages holds together. */
  coverage(chosen: Candidate[]): number {
    let covered = 0;
    for (const [term, weight] of this.weights) covered += weight * Math.max(0, ...chosen.map((candidate) => holds(candidate, term)));
    return covered / this.total;
  }

  /** Coverage first; words in the question's order, a number where one is asked for, and the search's order break near ties. */
  score(candidate: Candidate): number {
    const own = this.coverage([candidate]);
    const { place, support } = this.standing(candidate.source);
    const number = this.wantsNumber && /\p{N}/u.test(candidate.passage.text) ? 0.12 : 0;
    const brief = candidate.terms.size < 3 && candidate.passage.kind === 'sentence' ? -0.15 : 0;
    const asking = /[?？؟]\s*$/u.test(candidate.passage.text) ? -0.2 : 0;
    return own + 0.15 * this.adjacency(candidate) + 0.15 * place + 0.25 * support + number + brief + asking;
  }

  private standing(source: number): { place: number; support: number } {
    return { place: 1 / (1 + 0.1 * source), support: this.sources[source]?.score ?? 0 };
  }

  private adjacency(candidate: Candidate): number {
    if (this.query.length < 2) return 0;
    const pairs = new Set(candidate.sequence.slice(1).map((term, index) => `${candidate.sequence[index]} ${term}`));
    const asked = this.query.slice(1).map((term, index) => `${this.query[index]} ${term}`);
    return asked.filter((pair) => pairs.has(pair)).length / asked.length;
  }
}

/** Best first; a passage joins the answer only when it covers something of the question that the others do not. */
function choose(candidates: Candidate[], scorer: Scorer): Candidate[] {
  const ranked = candidates
    .map((candidate) => ({ candidate, score: scorer.score(candidate) }))
    .sort((left, right) => right.score - left.score);
  const chosen: Candidate[] = [];
  const seen = new Set<string>();
  for (const { candidate, score } of ranked.slice(0, 40)) {
    const text = foldSpace(candidate.passage.text);
    const first = chosen.length === 0;
    const added = scorer.coverage([...chosen, candidate]) - scorer.coverage(chosen);
    const adds = first || (added >= otherHalf && scorer.asksTwice) || (added >= addedSupport && score >= 0.6 * (ranked[0]?.score ?? 0));
    if (seen.has(text) || !adds) continue;
    chosen.push(candidate);
    seen.add(text);
    if (chosen.length === mostPassages) break;
  }
  return chosen;
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
  const candidates = candidatesOf(sources);
  const query = queryOf(question, sources[0]?.language ?? null);
  if (candidates.length === 0 || query.length === 0) return null;
  const scorer = new Scorer(question, query, sources, candidates);
  const chosen = choose(candidates, scorer);
  const support = scorer.coverage(chosen);
  const touched = chosen.some((candidate) => query.some((term) => candidate.terms.has(term) || candidate.context.has(term)));
  if (!touched || support < (isUnspaced(question) ? leastSupport.unspaced : leastSupport.spaced)) return null;
  const isKnown = () => true;
  const answer = chosen.map((candidate) => `${makeInert(wording(candidate), { isKnown })} [${candidate.source + 1}]`).join('\n\n');
  return { answer, support, quotes: chosen.map((candidate) => ({ source: candidate.source, text: candidate.passage.text })) };
}
