/** Pictures below this size in twips (half an inch) are icons: their loss is not reported. */
const minSize = 720;

/** The size of a picture as it is drawn, from its control words. */
export class RtfPicture {
  private width = Infinity;
  private height = Infinity;

  get isIcon(): boolean {
    return this.width < minSize || this.height < minSize;
  }

  define(word: string, value: number | null): void {
    if (word === 'picwgoal') this.width = value ?? 0;
    else if (word === 'pichgoal') this.height = value ?? 0;
  }
}
