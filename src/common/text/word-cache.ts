/** A longer piece of a text is only a view of it, and would keep the whole text in memory. */
const minView = 13;
const ownCopy = (word: string): string => (word.length < minView ? word : Buffer.from(word).toString());

/**
 * Remembers what was worked out of words. Once `max` words are young, those that were not asked for since the
 * last time are dropped: cheaper to read than a list in the order of use.
 */
export class WordCache<T> {
  private young = new Map<string, T>();
  private old = new Map<string, T>();

  /** @param max words that are young; at most as many old ones are kept beside them */
  constructor(private readonly max: number) {}

  /** Returns the known value of the word, or else the result of `make`. */
  of(word: string, make: (word: string) => T): T {
    const known = this.young.get(word);
    if (known !== undefined) return known;
    const made = this.old.get(word) ?? make(word);
    if (this.young.size >= this.max) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(ownCopy(word), made);
    return made;
  }
}
