import { openModelFolder } from './model-folder.js';
import { SentenceEmbedder } from './sentence-embedder.js';

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
    const vectors = await this.embedder.embed(texts, 'passage');
    return vectors.map((vector) => dot(asked, vector));
  }
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
