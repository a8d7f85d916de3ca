/** The colour table: knows which of its colours are white. */
export class RtfColours {
  private readonly whites: boolean[] = [];
  private channels = [-1, -1, -1];

  define(word: string, value: number | null): void {
    const channel = ['red', 'green', 'blue'].indexOf(word);
    if (channel >= 0) this.channels[channel] = value ?? 0;
  }

  /** @param text of the table: each colour ends with a semicolon */
  add(text: string): void {
    for (const character of text) {
      if (character !== ';' || this.whites.length > 10_000) continue;
      this.whites.push(this.channels.every((channel) => channel === 255));
      this.channels = [-1, -1, -1];
    }
  }

  isWhite(colour: number | null): boolean {
    return this.whites[colour ?? 0] ?? false;
  }
}
