import { Reader, type Reading, type ReadPassage } from './reader.js';

/** No reader: answers are found with words and vectors only. */
export class NoReader extends Reader {
  readonly available = false;

  async read(_question: string, passages: ReadPassage[]): Promise<(Reading | null)[]> {
    return passages.map(() => null);
  }

  knows(): boolean {
    return false;
  }

  async match(_question: string, _texts: string[]): Promise<number[] | null> {
    return null;
  }
}
