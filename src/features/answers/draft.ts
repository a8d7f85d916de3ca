import { addressesIn, makeInert } from '../../common/text/inert.js';
import { InertStream } from '../../common/text/inert-stream.js';
import type { Citation } from './citations.js';
import { ClaimChecker, type Claim } from './claims/claim-checker.js';
import { ClaimReader } from './claims/claim-reader.js';
import { refusal } from './prompt.js';
import type { Source } from './sources.js';

/**
 * Text that grows while the model writes: checked claim by claim,
 * made harmless, and shown from the first verified claim on.
 */
export class Draft {
  readonly citations: Citation[] = [];
  /** Claims that were left out or marked because no words of a source say them. */
  unsupported = 0;
  /** True when the model gave words of sources for what it says. */
  isQuoting = false;
  /** True when some claim is verified. */
  isSupported = false;
  private checker: ClaimChecker;
  private readonly reader: ClaimReader;
  private readonly stream: InertStream;
  private readonly isKnown: (address: string) => boolean;
  /** Text that may be a refusal: its first words decide. */
  private beginning = '';
  private waiting = '';
  private raw = '';
  /** Headings and lead-ins that wait for a claim. */
  private leading = '';
  /** Claims that wait for the first verified one. */
  private held = '';
  private text = '';

  /** @param language of the question, ISO 639-1, null when unknown */
  constructor(
    private readonly sources: Source[],
    language: string | null = null,
  ) {
    const known = new Set(sources.flatMap((source) => addressesIn(source.content)));
    this.isKnown = (address) => known.has(address);
    this.stream = new InertStream((piece) => makeInert(piece, { isKnown: this.isKnown }));
    this.checker = new ClaimChecker(sources);
    this.reader = new ClaimReader(language);
  }

  /** @param sources how many of the sources, from the first, the model is shown */
  limitTo(sources: number): void {
    this.checker = new ClaimChecker(this.sources, sources);
  }

  /** Returns the text that can be shown; empty while it may still become a refusal. */
  push(piece: string): string {
    this.raw += piece;
    this.waiting += piece;
    if (this.beginning.length < refusal.length) this.beginning = (this.beginning + piece).trimStart();
    if (refusal.startsWith(this.beginning) || this.isRefusal) return '';
    return this.show(this.stream.push(this.take(this.reader.push(this.fresh()))));
  }

  end(): string {
    const last = this.take([...this.reader.push(this.fresh()), ...this.reader.end()]);
    return this.show(this.stream.push(last) + this.stream.end());
  }

  get isRefusal(): boolean {
    return this.beginning.startsWith(refusal);
  }
  /** The text to show. */
  get written(): string {
    return this.text.trim();
  }
  /** Claims that name sources whose words do not say them, where no claim is verified. */
  get unverified(): string {
    return this.isSupported ? '' : makeInert(this.held, { isKnown: this.isKnown }).trim();
  }
  /** Headings, lead-ins and words such as "Done." that no claim follows. */
  get unclaimed(): string {
    return makeInert(this.leading, { isKnown: this.isKnown }).trim();
  }
  /** All that the model wrote, as it wrote it. */
  get reply(): string {
    return this.raw;
  }
  /** Characters that the model wrote. */
  get length(): number {
    return this.raw.length;
  }
  get dropped(): Set<string> {
    return this.checker.dropped;
  }

  private take(claims: string[]): string {
    return claims.map((claim) => this.add(this.checker.check(claim))).join('');
  }

  /** @returns what can be shown now */
  private add({ text, standing, citations, isQuoted }: Claim): string {
    if (text.trim().startsWith(refusal)) return '';
    this.isQuoting ||= isQuoted;
    this.citations.push(...citations);
    if (standing === 'unverified' || standing === 'unsupported') this.unsupported++;
    if (standing === 'leading') this.leading += text;
    if (standing === 'leading' || standing === 'unsupported') return '';
    const shown = this.leading + text;
    this.leading = '';
    this.isSupported ||= standing === 'verified';
    this.held += shown;
    return this.isSupported ? this.flush() : '';
  }

  private flush(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
  private fresh(): string {
    const rest = this.waiting;
    this.waiting = '';
    return rest;
  }
  private show(text: string): string {
    this.text += text;
    return text;
  }
}
