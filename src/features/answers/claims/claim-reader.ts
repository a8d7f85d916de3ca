import { isUnfinished } from '../../../common/text/passages.js';
import { quotingMarker } from './quotes.js';

/** Characters that are held back at most: what has no end by then is cut. */
const maxHeld = 2000;
/** Characters of a quote in a marker that is not closed yet. */
const maxOpenQuote = 1200;

const closedMarker = new RegExp(`${quotingMarker}|[[【]\\s?\\d{1,3}\\s?[\\]】]`, 'gu');
const openMarker = /[[【(]\s?\d{0,3}(?:\s?[:,][^\n]*)?$/u;
const end = /(?:[.!?…]+["'”’»)]*(?:\s?\ue000+[.!?]*)*(?=\s|$)|[。！？](?:\s?\ue000+)*)/gu;
const leader = /^\s*(?:>\s*)*(?:(?:[-*+•–]|\d{1,3}[.)])\s+)?/u;
const fence = /^\s*(?:```|~~~)/u;
const row = /^\s*\|/u;

type Block = 'code' | 'table' | null;

/** Cuts what a model writes into claims while it writes: sentences with the markers behind them, tables and code as a whole. */
export class ClaimReader {
  private held = '';
  private block = '';
  private kind: Block = null;

  /** @param language of the question, ISO 639-1, null when unknown */
  constructor(private readonly language: string | null) {}

  /** @returns claims that are complete, each with the white space behind it */
  push(piece: string): string[] {
    this.held += piece;
    if (!/[\n.!?…。！？]/u.test(this.held) && this.held.length < maxHeld) return [];
    const claims: string[] = [];
    for (let at = this.held.indexOf('\n'); at >= 0; at = this.held.indexOf('\n')) {
      if (this.kind === null && this.isQuoting(this.held.slice(0, at))) break;
      const line = this.held.slice(0, at + 1);
      this.held = this.held.slice(at + 1);
      claims.push(...this.readLine(line));
    }
    return [...claims, ...this.readUnfinished()];
  }

  end(): string[] {
    const claims = this.held === '' ? [] : this.readLine(this.held);
    this.held = '';
    return [...claims, ...this.endBlock()];
  }

  private isQuoting(text: string): boolean {
    return this.openAt(this.masked(text)) < text.length;
  }

  /** Where a marker begins that is not closed yet; the end of the text where there is none. */
  private openAt(masked: string): number {
    const open = openMarker.exec(masked);
    const isOpen = open !== null && open[0].length > 1 && masked.length - open.index < maxOpenQuote;
    return isOpen ? open.index : masked.length;
  }

  private readLine(line: string): string[] {
    if (this.kind === 'code') {
      this.block += line;
      return fence.test(line) ? this.endBlock() : [];
    }
    const kind: Block = fence.test(line) ? 'code' : row.test(line) ? 'table' : null;
    if (kind === 'table' && this.kind === 'table') {
      this.block += line;
      return [];
    }
    const before = this.endBlock();
    if (kind === null) return [...before, ...this.sentences(line, true).whole];
    this.kind = kind;
    this.block = line;
    return before;
  }

  private endBlock(): string[] {
    const block = this.block;
    this.block = '';
    this.kind = null;
    return block === '' ? [] : [block];
  }

  /** Sentences of the line that is still being written. */
  private readUnfinished(): string[] {
    if (this.held.length >= maxHeld) {
      const claims = this.kind === 'code' ? [] : this.sentences(this.held, true).whole;
      if (this.kind === 'code') this.block += this.held;
      this.held = '';
      return claims;
    }
    if (this.kind === 'code' || row.test(this.held) || fence.test(this.held)) return [];
    const { whole, rest } = this.sentences(this.held, false);
    if (whole.length === 0) return [];
    this.held = rest;
    return [...this.endBlock(), ...whole];
  }

  private masked(text: string): string {
    return text.replace(closedMarker, (marker) => '\ue000'.repeat(marker.length));
  }

  private sentences(text: string, finished: boolean): { whole: string[]; rest: string } {
    const masked = this.masked(text);
    const whole: string[] = [];
    const open = finished ? masked.length : this.openAt(masked);
    let from = 0;
    const first = leader.exec(masked)?.[0].length ?? 0;
    for (const match of masked.matchAll(end)) {
      const stop = match.index + match[0].length;
      if (match.index >= open) break;
      if (match.index < first || isUnfinished(masked.slice(from, stop), this.language)) continue;
      const space = /^\s*/u.exec(masked.slice(stop))?.[0].length ?? 0;
      const next = masked.charAt(stop + space);
      // A marker may follow that belongs to the sentence.
      if (!finished && (next === '' || '[【('.includes(next))) break;
      whole.push(text.slice(from, stop + space));
      from = stop + space;
    }
    const rest = text.slice(from);
    if (!finished) return { whole, rest };
    if (rest !== '') whole.push(rest);
    return { whole, rest: '' };
  }
}
