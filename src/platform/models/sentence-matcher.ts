import { openModelFolder } from './model-folder.js';
import type { TextRole } from './protocol.js';
import { SentenceEmbedder } from './sentence-embedder.js';

/** Compares the meaning of sentences with that of a question. */
export class SentenceMatcher {
  /** The last question: its sentences come in several jobs. */
  private last: { question: string; vector: Float32Array } | undefined;

  private constructor(private readonly embedder: SentenceEmbedder) {}

  static async open(directory: string, threads: number): Promise<SentenceMatcher> {
    const folder = openModelFolder(directory);
    const { queryPrefix, passagePrefix } = folder;
    const prefixes = { directory: folder.directory, queryPrefix, passagePrefix };
    return new SentenceMatcher(await SentenceEmbedder.open(folder, prefixes, threads));
  }

  /** @returns the cosine of each text with the question, in order */
  async match(question: string, texts: string[]): Promise<number[]> {
    const asked = await this.readQuestion(question);
    const vectors = await this.embedder.embed(texts, 'passage');
    return vectors.map((vector) => dot(asked, vector));
  }

  /** @returns the unit vector of each text, in order */
  async encode(texts: string[], role: TextRole): Promise<Float32Array[]> {
    const [question] = texts;
    if (role === 'query' && texts.length === 1 && question !== undefined)
      return [await this.readQuestion(question)];
    return this.embedder.embed(texts, role);
  }

  private async readQuestion(question: string): Promise<Float32Array> {
    if (this.last?.question === question) return this.last.vector;
    const [vector = new Float32Array()] = await this.embedder.embed([question], 'query');
    this.last = { question, vector };
    return vector;
  }
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
