import type { Candidate } from './candidate.js';
import type { Utf8Text } from './utf8-text.js';

/** A candidate in the ranking. */
export class RankedPassage {
  private support: number | null = null;

  /**
   * @param rank higher is better; comparable only within one search
   * @param of_another true when it contains another code than the asked one
   * @param supportOf gives the absolute support, 0 … 1
   */
  constructor(
    readonly candidate: Candidate,
    readonly rank: number,
    readonly of_another: boolean,
    private readonly supportOf: (candidate: Candidate) => number,
    /** Cosine of the question with the most similar window; null where none was compared. */
    readonly window: number | null = null,
  ) {}

  /** The same passage at another place. */
  rankedAt(rank: number, window: number | null): RankedPassage {
    return new RankedPassage(this.candidate, rank, this.of_another, this.supportOf, window);
  }

  get text(): Utf8Text {
    return this.candidate.text;
  }

  get content(): string {
    return this.candidate.text.toString();
  }

  get score(): number {
    return (this.support ??= this.supportOf(this.candidate));
  }

  get filename(): string {
    return this.candidate.filename;
  }

  get document_id(): string {
    return this.candidate.document_id;
  }

  get title(): string | null {
    return this.candidate.title;
  }

  get heading(): string | null {
    return this.candidate.heading;
  }

  get metadata(): Record<string, unknown> {
    return this.candidate.metadata;
  }
}

/**
 * Ties are broken by the name of the document and not by its random id: the same documents get the same
 * ranking in every installation.
 */
export const inOrder = (left: RankedPassage, right: RankedPassage): number =>
  right.rank - left.rank || inPlace(left.candidate, right.candidate);

const inPlace = (left: Candidate, right: Candidate): number =>
  compare(left.filename, right.filename) ||
  compare(left.document_set, right.document_set) ||
  left.ordinal - right.ordinal ||
  compare(left.id, right.id);

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Passages about another thing than the asked one cannot answer. */
export const anotherLast = (ranking: RankedPassage[]): RankedPassage[] => [
  ...ranking.filter(({ of_another }) => !of_another),
  ...ranking.filter(({ of_another }) => of_another),
];
