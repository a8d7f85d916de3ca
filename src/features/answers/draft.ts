import { addressesIn, makeInert } from '../../common/text/inert.js';
import { InertStream } from '../../common/text/inert-stream.js';
import { settleMarkers } from './citations.js';
import { refusal } from './prompt.js';
import type { Source } from './sources.js';

/** Text that grows while the model writes, made harmless piece by piece. */
export class Draft {
  readonly dropped = new Set<string>();
  private readonly stream: InertStream;
  /** The first words, which may still become a refusal. */
  private beginning = '';
  private waiting = '';
  private characters = 0;
  private text = '';

  /** How many of the sources, from the first, the model was shown. */
  private shown: number;

  constructor(sources: Source[]) {
    this.shown = sources.length;
    const known = new Set(sources.flatMap((source) => addressesIn(source.content)));
    const isKnown = (address: string) => known.has(address);
    this.stream = new InertStream((piece) =>
      makeInert(settleMarkers(piece, this.shown, this.dropped), { isKnown }),
    );
  }

  limitTo(sources: number): void {
    this.shown = sources;
  }

  /** Returns the text that can be shown; empty while it may still become a refusal. */
  push(piece: string): string {
    this.characters += piece.length;
    this.waiting += piece;
    if (this.beginning.length < refusal.length) this.beginning = (this.beginning + piece).trimStart();
    if (refusal.startsWith(this.beginning) || this.isRefusal) return '';
    return this.show(this.stream.push(this.fresh()));
  }

  end(): string {
    return this.show(this.stream.push(this.fresh()) + this.stream.end());
  }

  get isRefusal(): boolean {
    return this.beginning.startsWith(refusal);
  }
  get written(): string {
    return this.text.trim();
  }
  /** Characters that the model wrote. */
  get length(): number {
    return this.characters;
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
