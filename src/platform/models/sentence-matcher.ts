import { openModelFolder } from './model-folder.js';
import { SentenceEmbedder } from './sentence-embedder.js';

/** Texts of one run: more of them share the padding of the longest. */
const batchSize = 16;

/** Compares the meaning of sentences with that of a question. */
export class SentenceMatcher {
  private constructor(private readonly embedder: SentenceEmbedder) {}

  static async open(directory: string, threads: number): Promise<SentenceMatcher> {
    const folder = openModelFolder(directory);
    const { queryPrefix, passagePrefix } = folder;
    const prefixes = { directory: folder.directory, queryPrefix, passagePrefix };
    return new SentenceMatcher(await SentenceEmbedder.open(folder, prefixes, threads));
  }

  /** @returns the cosine of each text with the question, in order */
  async match(question: string, texts: string[]): Promise<number[]> {
    const [asked = new Float32Array()] = await this.embedder.embed([question], 'query');
    const cosines = texts.map(() => 0);
    const byLength = [...texts.entries()].sort(([, left], [, right]) => left.length - right.length);
    for (let from = 0; from < byLength.length; from += batchSize) {
      const batch = byLength.slice(from, from + batchSize);
      const vectors = await this.embedder.embed(
        batch.map(([, text]) => text),
        'passage',
      );
      for (const [at, [place]] of batch.entries()) cosines[place] = dot(asked, vectors[at] ?? asked);
    }
    return cosines;
  }
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
