const syllables = 'ba ce di fo gu ha ke li mo nu pa re si to vu ze'.split(' ');
const vocabulary = 60_000;

function spell(rank) {
  let text = '';
  for (let rest = rank + 16; rest > 0; rest = Math.floor(rest / 16)) text += syllables[rest % 16];
  return text;
}

/**
 * Texts of words as frequent as those of a language: the
 * n-th a n-th as often as the first. The same in every run.
 */
export class ZipfText {
  #state = 1;

  random() {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return (this.#state >>> 8) / 2 ** 24;
  }

  word() {
    return spell(Math.floor(vocabulary ** this.random()));
  }

  passage(words) {
    return Array.from({ length: words }, () => this.word()).join(' ');
  }

  pick(items) {
    return items[Math.floor(this.random() * items.length)];
  }
}
