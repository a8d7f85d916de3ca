/**
 * Text that grows piece by piece and whose tail can still change. Slicing
 * one growing string instead is quadratic in the number of links.
 */
export class TextPieces {
  private pieces: string[] = [];

  add(text: string): void {
    if (text !== '') this.pieces.push(text);
  }

  /** A place to come back to with `changeFrom`. */
  mark(): number {
    return this.pieces.length;
  }

  changeFrom(mark: number, change: (text: string) => string): void {
    if (mark >= this.pieces.length) return;
    const tail = this.pieces.splice(mark).join('');
    this.add(change(tail));
  }

  /** True when there is no text yet, or the last character is a blank. */
  endsInBlank(): boolean {
    return /^$|\s$/.test(this.pieces.at(-1) ?? '');
  }

  isBlank(): boolean {
    return this.pieces.every((piece) => piece.trim() === '');
  }

  /** The text, which is then forgotten. */
  take(): string {
    const text = this.pieces.join('');
    this.pieces = [];
    return text;
  }
}
